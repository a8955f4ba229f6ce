"""The `maskstream` command: what it is asked, and how it ends. The work is done elsewhere."""

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from pipeline.console import tell_error
from pipeline.errors import ConfigError, ExitCode, MaskstreamError
from pipeline.process_title import hide_credentials

DEVICES = ("auto", "cpu", "cuda", "tensorrt", "openvino")
DETECTORS = ("short", "full", "haar", "yunet")
BLURS = ("off", "faces", "all")
BENCH_PARTS = ("classifier", "pipeline", "streams", "scaling")


def main() -> None:
    """Run the command and end the process with its exit code; no error of a user's making shows a traceback."""
    hide_credentials(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # File names need not be text in the terminal's encoding.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = maskstream.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except MaskstreamError as error:
        tell_error(error)
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        code = ExitCode.INTERRUPTED
    sys.exit(int(code or 0))


def _tiles(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    columns, separator, rows = value.lower().partition("x")
    if not (separator and columns.isdecimal() and rows.isdecimal() and 1 <= int(columns) <= 8 and 1 <= int(rows) <= 8):
        raise click.BadParameter(f"tiles are COLUMNSxROWS, each from 1 to 8, such as 2x2; got {value!r}")
    return int(columns), int(rows)


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"a start time is ISO 8601, such as 2026-03-01T08:30:00Z; got {value!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose the classifier and the detector."""
    options = (
        click.option("--model", type=click.Path(path_type=Path), help="An ONNX model with its card beside it."),
        click.option("--device", type=click.Choice(DEVICES), default="auto", show_default=True, help="What runs it."),
        click.option("--detector", type=click.Choice(DETECTORS), default=None, help="What finds faces."),
        click.option("--detector-model", type=click.Path(path_type=Path), help="The model file, for yunet."),
        click.option("--min-score", type=click.FloatRange(0, 1), help="The lowest score of a face that counts."),
        click.option("--tiles", callback=_tiles, help="COLUMNSxROWS to look at one by one: distant faces."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="maskstream")
def maskstream() -> None:
    """Tells from video how well people wear face masks."""
    from pipeline.inference.runtime_check import check_runtime

    check_runtime()


@maskstream.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Gets a folder for each input.")
@model_options
@click.option(
    "--every",
    type=click.IntRange(1),
    help="Look for faces in each Nth frame, follow between [default: as the scene asks; live: as the machine allows].",
)
@click.option("--every-face", is_flag=True, help="Classify every face of every frame: slow, to compare with.")
@click.option("--sample", type=click.FloatRange(0.01, 1000), metavar="FPS", help="Skim recordings: frames a second.")
@click.option("--sequence", type=click.FloatRange(0.01, 1000), metavar="FPS", help="Pictures of a folder are frames.")
@click.option("--no-video", is_flag=True, help="Write the tables alone.")
@click.option("--blur", type=click.Choice(BLURS), default="off", show_default=True, help="What the video hides.")
@click.option("--jobs", type=click.IntRange(1, 64), default=None, help="Inputs at a time [default: one a core].")
@click.option(
    "--duration", type=click.FloatRange(min=0, min_open=True), metavar="S", help="Stop each input after this."
)
@click.option("--start-time", callback=_moment, help="When recordings began, ISO 8601; UTC unless it says otherwise.")
@click.option("--metrics-port", type=click.IntRange(0, 65535), help="Serve Prometheus metrics on this port.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object an input.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def process(inputs: tuple[str, ...], **options: Any) -> ExitCode:
    """Judge the people in recordings, pictures, cameras and streams.

    INPUT is a file, a pattern, a folder, camera:N, or a URL. Ctrl-C keeps what was done.
    """
    from pipeline.process_command import ProcessRequest, run_process

    return run_process(ProcessRequest(inputs=inputs, detection=_detection(options), **options))


@maskstream.command()
@click.argument("pictures", nargs=-1, required=True, metavar="IMAGE...", type=click.Path(path_type=Path))
@model_options
@click.option("--crops", is_flag=True, help="Each picture is one face.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a picture.")
def predict(pictures: tuple[Path, ...], crops: bool, as_json: bool, **options: Any) -> ExitCode:
    """Judge the faces in pictures."""
    from pipeline.predict_command import PredictRequest, run_predict

    detection = _detection(options)
    return run_predict(PredictRequest(pictures, detection, options["model"], options["device"], crops, as_json))


@maskstream.command()
@click.option("--picture", type=click.Path(path_type=Path), help="A picture of a face to use instead of the usual one.")
@click.option("--out", type=click.Path(path_type=Path), default=Path("demo-out"), show_default=True)
@click.option("--device", type=click.Choice(DEVICES), default="auto", show_default=True)
def demo(picture: Path | None, out: Path, device: str) -> ExitCode:
    """Judge a clip of people with drawn masks, and compare."""
    from pipeline.demo_command import run_demo

    return run_demo(picture, out, device)


@maskstream.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def models(as_json: bool) -> ExitCode:
    """List the shipped models and what can run them here."""
    from pipeline.models_command import run_models

    return run_models(as_json)


@maskstream.command()
@click.argument("words", nargs=-1, required=True, metavar="CONFIG|SOURCE...")
def run(words: tuple[str, ...]) -> ExitCode:
    """Watch cameras until told to stop.

    CONFIG is a .yaml file, as `maskstream init` writes them; SOURCE is a URL, camera:N, or a video file, played again
    and again. SIGHUP reads CONFIG again; SIGTERM or Ctrl-C finishes the recordings.
    """
    from pipeline.run_command import run_run

    return run_run(words)


@maskstream.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Where to listen; 0 takes a free one [default: 8080].")
@click.option("--bind", "bind_address", metavar="ADDRESS", help="Of this machine; others than its own need a token.")
def serve(bind_address: str | None, port: int | None) -> ExitCode:
    """Judge pictures and clips that people send by their browser, without any camera.

    For other machines: MASKSTREAM_TOKEN=SECRET maskstream serve --bind 0.0.0.0. SIGTERM or Ctrl-C ends it.
    """
    from pipeline.serve_command import run_serve

    return run_serve(bind_address, port)


@maskstream.command()
@click.argument("config", required=False, type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON Schema of a configuration instead, for editors.")
def check(config: Path | None, schema: bool) -> ExitCode:
    """Say what a configuration of cameras would run, or all that is wrong with it."""
    from pipeline.check_command import run_check, run_schema

    if schema:
        return run_schema()
    if config is None:
        raise click.UsageError("name a configuration file, or ask for --schema")
    return run_check(config)


@maskstream.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def init(folder: Path) -> ExitCode:
    """Write commented configurations of cameras into DIR."""
    from pipeline.init_command import run_init

    return run_init(folder)


@maskstream.command()
def password() -> ExitCode:
    """Print the hash of a password, with which people sign in.

    Asks twice at a terminal, reads a line of stdin elsewhere.
    """
    from pipeline.password_command import run_password

    return run_password()


@maskstream.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("out/bench"), show_default=True, metavar="DIR")
@click.option("--part", "parts", type=click.Choice(BENCH_PARTS), multiple=True, help="This one alone; may be repeated.")
@click.option("--quick", "is_quick", is_flag=True, help="Fewer and shorter rounds: under three minutes on two cores.")
@click.option("--clip", type=click.Path(path_type=Path), help="A video of yours instead of rendered ones.")
@click.option("--keras", type=click.Path(path_type=Path), help="The shipped model as a run's .keras [one of its kind].")
@click.option("--fp32", type=click.Path(path_type=Path), help="The same as .onnx in floats, as exported.")
def bench(**options: Any) -> ExitCode:
    """Measure what this machine can do, beside decoding alone and beside what people write themselves.

    DIR gets bench.md, bench.json and plots. Nothing else should run meanwhile.
    """
    from benchmarks.bench import BenchRequest, run_bench

    return run_bench(BenchRequest(**options))


def _detection(options: dict[str, Any]) -> Any:
    """Take the detection options out of `options` and return them as one value."""
    from pipeline.app import DetectionOptions
    from pipeline.inference.detectors import DEFAULT_DETECTOR

    model = options.pop("detector_model")
    if model is not None and not model.is_file():
        raise ConfigError(f"--detector-model {model} is not a file")
    return DetectionOptions(
        detector=options.pop("detector") or DEFAULT_DETECTOR,
        model=model,
        min_score=options.pop("min_score"),
        tiles=options.pop("tiles"),
        every_frames=options.pop("every", None),
    )
