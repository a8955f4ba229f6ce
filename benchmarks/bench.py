"""`maskstream bench`: what this machine can do, part by part, as a folder of a report."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.environment import Environment, environment
from benchmarks.report_part import Part
from pipeline.console import say
from pipeline.errors import ConfigError, ExitCode, SinkError
from pipeline.sources.demo_picture import demo_picture
from training.data_folder import data_folder

NO_FLOATS = """What runs the same model otherwise is missing: name its Keras file, beside its recipe.json, by \
`--keras FILE` (not with `--quick`), or the .onnx in floats that was exported from it by `--fp32 FILE`."""


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

    # The export from Keras takes longer than all else of the quick rounds together.
    keras = None if request.is_quick else request.keras
    data = data_folder()
    extras = Extras(keras, request.fp32, data if data.is_dir() else None)
    part = run(folder, QUICK if request.is_quick else FULL, extras)
    return part if keras or request.fp32 else replace(part, notes=(*part.notes, NO_FLOATS))


def _pipeline(request: BenchRequest, folder: Path) -> Part:
    from benchmarks.crowd_clip import Shelf
    from benchmarks.pipeline_speed import FULL, QUICK, Extras, run

    return run(Shelf(folder), QUICK if request.is_quick else FULL, Extras(request.keras, request.clip))


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
