"""What a person sees while inputs are processed: bars on a terminal, plain lines elsewhere, nothing when quiet."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from pipeline.input_job import InputJob

PLAIN_INTERVAL_S = 10.0
"""Between two plain lines of one input: a log of an hour's run stays readable."""


class Display(Protocol):
    """Shows how far jobs are; used by one thread, as a context."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def update(self, jobs: Sequence[InputJob]) -> None: ...


def open_display(quiet: bool, console: Console) -> Display:
    """Return the display that suits where `console` writes."""
    if quiet:
        return NoDisplay()
    return Bars(console) if console.is_terminal else PlainLines(console)


class NoDisplay:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def update(self, jobs: Sequence[InputJob]) -> None: ...


class Bars:
    """A bar an input, with frames/s and the time left."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f} frames"),
            TextColumn("{task.fields[frames_per_s]:.0f} frames/s"),
            TimeRemainingColumn(),
            console=console,
            # Summaries and JSON on stdout must not be caught and drawn on the console.
            redirect_stdout=False,
        )
        self._tasks: dict[InputJob, TaskID] = {}
        self._started_s: dict[InputJob, float] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def update(self, jobs: Sequence[InputJob]) -> None:
        for job in jobs:
            if job.info is None:
                continue
            if job not in self._tasks:
                total = job.info.frame_count
                self._tasks[job] = self._progress.add_task(Path(job.name).name, total=total, frames_per_s=0.0)
                self._started_s[job] = time.monotonic()
            passed_s = time.monotonic() - self._started_s[job]
            rate = job.frames_done / passed_s if passed_s else 0.0
            self._progress.update(self._tasks[job], completed=job.frames_done, frames_per_s=rate)


class PlainLines:
    """A line an input every few seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[InputJob, tuple[float, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def update(self, jobs: Sequence[InputJob]) -> None:
        now_s = time.monotonic()
        for job in jobs:
            told_s, told_frames = self._told.setdefault(job, (now_s, 0))
            if now_s - told_s < PLAIN_INTERVAL_S or job.info is None or job.is_over:
                continue
            self._told[job] = (now_s, job.frames_done)
            total = job.info.frame_count
            done = f"{job.frames_done} of {total} frames" if total else f"{job.frames_done} frames"
            rate = (job.frames_done - told_frames) / (now_s - told_s)
            line = f"{job.name}: {done}, {rate:.0f} frames/s"
            self._console.print(line, highlight=False, markup=False, soft_wrap=True)
