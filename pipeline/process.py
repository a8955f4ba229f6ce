"""`maskstream process`: recorded inputs, and live ones for a while, each to a folder of its own."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.app import DetectionOptions, Engine, project_version
from pipeline.errors import ExitCode, MaskstreamError, SinkError, SourceError
from pipeline.ports import Sink, Source
from pipeline.runtime.supervisor import Supervisor
from pipeline.sinks.summary import InputFlaws, RunFacts, write_summary
from pipeline.sinks.tables import EventLog, PeopleTable
from pipeline.sinks.video import VideoSink
from pipeline.stages.lane import Lane
from pipeline.vision.annotate import Annotator

POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """What holds for every input of one call."""

    detection: DetectionOptions = field(default_factory=DetectionOptions)
    with_video: bool = True
    jobs: int = 1
    duration_s: float | None = None
    started_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with one input: `open_source` is called in its turn and may raise SourceError.

    `name` is safe to print; `extra_sinks` see the results besides the files in `folder`.
    """

    name: str
    folder: Path
    open_source: Callable[[], Source]
    extra_sinks: tuple[Sink, ...] = ()


class InputJob:
    """One input on its way through a lane; it opens its source when its turn comes."""

    def __init__(self, order: Order, run: "ProcessRun") -> None:
        self.name = order.name
        self.folder = order.folder
        self.error: BaseException | None = None
        self.summary: dict[str, Any] | None = None
        self.source: Source | None = None
        self.is_over = False
        self._order = order
        self._run = run
        self._lane: Lane | None = None
        self._people: PeopleTable | None = None
        self._started_s = 0.0

    @property
    def frames_done(self) -> int:
        return self._lane.frames_published if self._lane else 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was wrong with the input although it could be read."""
        return tuple(getattr(self.source, "warnings", ()))

    def start(self, on_end: Callable[[], None]) -> None:
        self._started_s = time.monotonic()
        try:
            self.source = self._order.open_source()
            self._lane = self._run.engine.lane(self.source, self._sinks(self.source), self._run.options.detection)
        except MaskstreamError as error:
            self.error = error
            if self.source is not None:
                self.source.close()
            on_end()
            return
        self._lane.start(on_end)

    def stop(self) -> None:
        if self._lane is not None:
            self._lane.stop()

    def join(self) -> None:
        """Wait for the lane's end, then write the summary of what it did."""
        self.is_over = True
        if self._lane is None:
            return
        self._lane.join()
        self.error = self._lane.error or self._damage()
        try:
            self._summarise()
        except SinkError as error:
            self.error = self.error or error

    def _damage(self) -> SourceError | None:
        """Return what is wrong with an input that could be read all the same: its tables don't tell all of it."""
        return SourceError(f"{'; '.join(self.warnings)}; what could be read was processed") if self.warnings else None

    def _sinks(self, source: Source) -> list[Sink]:
        prepare_folder(self.folder)
        self._people = PeopleTable(self.folder / "people.csv")
        sinks: list[Sink] = [self._people, EventLog(self.folder / "events.jsonl"), *self._order.extra_sinks]
        if self._run.options.with_video:
            sinks.append(VideoSink(self.folder / "annotated.mp4", source.info, Annotator()))
        return sinks

    def _summarise(self) -> None:
        assert self._people is not None
        facts = RunFacts(
            input_name=self.name,
            wall_s=time.monotonic() - self._started_s,
            model=self._run.engine.model_facts,
            version=project_version(),
            interrupted=self._run.was_stopped,
            flaws=self._flaws(),
        )
        self.summary = write_summary(self.folder / "summary.json", self._people.tally, facts)

    def _flaws(self) -> InputFlaws:
        return InputFlaws(
            damaged_packets=int(getattr(self.source, "damaged_packets", 0)),
            ended_early=self.error is not None,
            message=str(self.error) if self.error else None,
        )


class ProcessRun:
    """All inputs of one call, over one engine; used by one thread, but `stop` by any."""

    def __init__(self, engine: Engine, options: ProcessOptions) -> None:
        self.engine = engine
        self.options = options
        self.was_stopped = False
        self.jobs: list[InputJob] = []
        self._supervisor: Supervisor[InputJob] | None = None

    def add(self, order: Order) -> None:
        """Queue an input."""
        self.jobs.append(InputJob(order, self))

    def completed(self) -> Iterator[InputJob | None]:
        """Run all, yielding each job as it ends and None in between, for a display to move on."""
        self._supervisor = Supervisor(self.jobs, self.options.jobs)
        if self.was_stopped:
            self._supervisor.stop()
        yield from self._supervisor.completed(POLL_S)

    def stop(self) -> None:
        """Read nothing more; what was read is finished and kept."""
        self.was_stopped = True
        if self._supervisor is not None:
            self._supervisor.stop()


def prepare_folder(folder: Path) -> None:
    """Make `folder`; raise SinkError where that is not allowed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SinkError(
            f"cannot make the output folder {folder}: {error.strerror}; choose another with --out, or mend its rights"
        ) from error


def exit_code(errors: Sequence[BaseException], input_count: int) -> ExitCode:
    """Return the code of a call of which `errors` failed: their own where all did, else `SOME_INPUTS_FAILED`."""
    if not errors:
        return ExitCode.OK
    if len(errors) < input_count:
        return ExitCode.SOME_INPUTS_FAILED
    first = errors[0]
    return ExitCode(first.exit_code) if isinstance(first, MaskstreamError) else ExitCode.MODEL
