"""`maskstream demo`: a drawn clip through the whole pipeline, and what was found against what was drawn."""

from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.app import DetectionOptions, Engine
from pipeline.console import say, tell_error
from pipeline.demo import DemoComparison, DemoRow, table_cells
from pipeline.demo_face import face_picture
from pipeline.errors import ExitCode
from pipeline.input_job import InputJob, Order, ProcessOptions, prepare_folder
from pipeline.process import ProcessRun, exit_code
from pipeline.process_command import stop_on_signal
from pipeline.progress import open_display
from pipeline.sinks.prometheus import NoTelemetry
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.synthetic import SyntheticClip

HEADINGS = ("person", "drawn", "found", "confidence", "right")


def run_demo(picture: Path | None, out: Path, device: str) -> ExitCode:
    """Draw, process, compare and tell; raises MaskstreamError where the picture or the output won't do."""
    prepare_folder(out)
    clip = SyntheticClip(face_picture(picture or demo_picture()))
    comparison = DemoComparison(clip.truth())
    with Engine.open(NoTelemetry(), device=device) as engine:
        run = ProcessRun(engine, ProcessOptions(detection=DetectionOptions()))
        run.add(Order("demo", out, lambda: clip, (comparison,)))
        job = _run(run)
    if job.error is not None:
        tell_error(job.error)
        return exit_code([job.error], 1)
    _tell(comparison.rows(), out)
    return ExitCode.INTERRUPTED if run.was_stopped else ExitCode.OK


def _run(run: ProcessRun) -> InputJob:
    with (
        stop_on_signal(run.stop),
        open_display(False, Console(stderr=True)) as display,
        closing(run.completed()) as completed,
    ):
        for _ in completed:
            display.update(run.jobs)
    return run.jobs[0]


def _tell(rows: tuple[DemoRow, ...], out: Path) -> None:
    table = Table(show_edge=False)
    for heading in HEADINGS:
        table.add_column(heading)
    for cells in table_cells(rows):
        table.add_row(*cells)
    Console().print(table)
    right = sum(row.is_right for row in rows)
    say(f"{right} of {len(rows)} right; the annotated video is {out / 'annotated.mp4'}")
