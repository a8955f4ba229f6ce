"""`maskstream bench`: what this machine can do, part by part, as a folder of a report."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.environment import Environment, environment
from benchmarks.report_part import Part
from pipeline.console import say
from pipeline.errors import ConfigError, ExitCode, SinkError
from pipeline.sources.demo_picture import demo_picture
from training.data_folder import data_folder

NO_FLOATS = """What runs the same model otherwise is left out of the quick rounds, or Keras is not installed: name the \
.onnx in floats that was exported from it by `--fp32 FILE`."""

WEIGHTS_DRAWN = """All but ours run a network of the same architecture and input size whose weights are drawn: it \
costs the same, and its answers are not compared."""


@dataclass(frozen=True, slots=True)
class BenchRequest:
    """What one call asks for; no `parts` are all.

    `clip` is a video of the user's; `keras` the model that the shipped one came of, `fp32` what was exported from it.
    """

    out: Path
    parts: tuple[str, ...] = ()
    is_quick: bool = False
    clip: Path | None = None
    keras: Path | None = None
    fp32: Path | None = None

    @property
    def draws(self) -> bool:
        """Whether clips or cameras are drawn, for which the demo's picture is needed."""
        needless = {"classifier", "pipeline"} if self.clip else {"classifier"}
        return not set(self.parts or PARTS) <= needless


def run_bench(request: BenchRequest) -> ExitCode:
    """Run the parts, print their figures as Markdown, and write them into the folder; raises MaskstreamError."""
    say(measure(request))
    return ExitCode.OK


def measure(request: BenchRequest) -> str:
    """Do so, and return the closing line: the machine, how long it took, and where the report lies."""
    _check(request)
    machine, started_s = environment(), time.monotonic()
    done: list[Part] = []
    with TemporaryDirectory(prefix="maskstream-bench-") as folder:
        for name in request.parts or PARTS:
            click.echo(f"maskstream: measuring {name}", err=True)
            done.append(_RUNNERS[name](request, Path(folder)))
            say(f"{done[-1].markdown}\n")
            write(done, machine, request.out)
    return f"{machine}. Took {time.monotonic() - started_s:.0f} s. The report: {request.out / 'bench.md'}"


def _check(request: BenchRequest) -> None:
    """Refuse what can't be done before anything is measured, and make the folder."""
    for name in request.parts:
        if name not in PARTS:
            raise ConfigError(f"{name} is no part of the benchmark; a part is {', '.join(PARTS)}")
    for file in (request.clip, request.keras, request.fp32):
        if file is not None and not file.is_file():
            raise ConfigError(f"{file} is not a file; name one that is there")
    if request.draws:
        demo_picture()
    _make(request.out)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SinkError(
            f"cannot make {folder}: {error.strerror}; choose another with --out, or mend its rights"
        ) from error


# Each is imported when it is run: one part must not pay in memory for another's libraries.
def _classifier(request: BenchRequest, folder: Path) -> Part:
    from benchmarks.classifier import FULL, QUICK, Extras, run

    data = data_folder() if data_folder().is_dir() else None
    keras = None if request.is_quick else request.keras
    stand_in = None if keras or request.fp32 or request.is_quick else _stand_in(folder)
    extras = Extras(keras or stand_in, request.fp32, data, is_trained=stand_in is None)
    part = run(folder, QUICK if request.is_quick else FULL, extras)
    missing = [] if extras.keras or extras.fp32 else [NO_FLOATS]
    return replace(part, notes=(*part.notes, *missing, *([WEIGHTS_DRAWN] if stand_in else [])))


def _stand_in(folder: Path) -> Path | None:
    """Return a Keras model with weights drawn, None where there is nothing to make others of it."""
    if not find_spec("tf2onnx"):
        return None
    from benchmarks.keras_network import write_stand_in

    return write_stand_in(folder)


def _pipeline(request: BenchRequest, folder: Path) -> Part:
    from benchmarks.crowd_clip import Shelf
    from benchmarks.pipeline_speed import FULL, QUICK, Extras, run

    extras = Extras(request.keras, request.clip, _as_exported(request, folder))
    return run(Shelf(folder), QUICK if request.is_quick else FULL, extras)


def _as_exported(request: BenchRequest, folder: Path) -> Path | None:
    """Return what tf2onnx makes of the model on Keras; None where that takes too long or is not installed."""
    if request.is_quick or not find_spec("tf2onnx"):
        return None
    from benchmarks.timed_run import module_output

    path = folder / "loop-fp32.onnx"
    module_output("benchmarks.keras_network", [path, *([request.keras] if request.keras else [])])
    return path


def _streams(request: BenchRequest, folder: Path) -> Part:
    from benchmarks.stream_capacity import FULL, QUICK, run

    return run(folder, QUICK if request.is_quick else FULL)


def _scaling(request: BenchRequest, folder: Path) -> Part:
    from benchmarks.crowd_clip import Shelf
    from benchmarks.scaling import FULL, QUICK, run

    return run(Shelf(folder), QUICK if request.is_quick else FULL)


_RUNNERS: Mapping[str, Callable[[BenchRequest, Path], Part]] = {
    "classifier": _classifier,
    "pipeline": _pipeline,
    "streams": _streams,
    "scaling": _scaling,
}
PARTS = tuple(_RUNNERS)


def write(parts: Sequence[Part], machine: Environment, folder: Path) -> None:
    """Write `bench.md`, `bench.json` and the plots; raises SinkError."""
    try:
        (folder / "bench.md").write_text(markdown(parts, machine), encoding="utf-8")
        (folder / "bench.json").write_text(as_json(parts, machine), encoding="utf-8")
        for name, png in (plot for part in parts for plot in part.plots.items()):
            (folder / name).write_bytes(png)
    except OSError as error:
        raise SinkError(f"cannot write into {folder}: {error.strerror}; choose another with --out") from error


def markdown(parts: Sequence[Part], machine: Environment) -> str:
    return "\n\n".join(["# maskstream bench", f"{machine}.", *(part.markdown for part in parts)]) + "\n"


def as_json(parts: Sequence[Part], machine: Environment) -> str:
    found = {part.name: {"data": part.data, "goals": [asdict(goal) for goal in part.goals]} for part in parts}
    return json.dumps({"environment": asdict(machine), "parts": found}, indent=2) + "\n"
