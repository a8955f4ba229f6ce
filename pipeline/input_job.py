"""One input's way from its source to the files of its folder."""

import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.app import USUAL_PICKS, DetectionOptions, Engine, project_version
from pipeline.errors import MaskstreamError, SinkError, SourceError
from pipeline.ports import Sink, Source
from pipeline.sinks.summary import InputFlaws, RunFacts, write_summary
from pipeline.sinks.tables import EventLog, PeopleTable
from pipeline.sinks.video import VideoSink
from pipeline.stages.encode import SinkThread
from pipeline.stages.lane import Lane
from pipeline.types import SourceInfo
from pipeline.vision.annotate import Annotator
from pipeline.vision.blur import Blur
from pipeline.vision.pick import PickSettings

CRASH_REPORT = "error.txt"


@dataclass(frozen=True, slots=True)
class ProcessOptions:
    """What holds for every input of one call; `sample_per_s` is told in the summaries, the sources go by it."""

    detection: DetectionOptions = field(default_factory=DetectionOptions)
    with_video: bool = True
    jobs: int = 1
    sample_per_s: float | None = None
    blur: Blur = Blur.OFF
    picks: PickSettings = USUAL_PICKS


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with one input: `open_source` is called in its turn and may raise SourceError.

    `name` is safe to print; `extra_sinks` see the results besides the files in `folder`.
    """

    name: str
    folder: Path
    open_source: Callable[[], Source]
    extra_sinks: tuple[Sink, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Running:
    """What an input holds while it runs: decoder, encoder and threads, all let go of at its end."""

    source: Source
    people: PeopleTable
    lane: Lane
    started_s: float


class InputJob:
    """A task of the supervisor; it opens its source when its turn comes, and is used by one thread."""

    def __init__(self, order: Order, engine: Engine, options: ProcessOptions) -> None:
        self.name = order.name
        self.folder = order.folder
        self.error: BaseException | None = None
        self.info: SourceInfo | None = None
        self.summary: dict[str, Any] | None = None
        self.is_over = False
        self._order = order
        self._engine = engine
        self._options = options
        self._running: _Running | None = None
        self._was_stopped = False
        self._frames_done = 0

    @property
    def frames_done(self) -> int:
        return self._running.lane.frames_published if self._running else self._frames_done

    def start(self, on_end: Callable[[], None]) -> None:
        try:
            self._running = self._opened()
        except Exception as error:  # whatever ails one input must not cost the others
            self._fail(error)
            on_end()
            return
        # A signal that came while the source was being opened found no lane to stop.
        if self._was_stopped:
            self._running.lane.stop()
        self._running.lane.start(on_end)

    def stop(self) -> None:
        """Read nothing more; what was read is finished and kept."""
        self._was_stopped = True
        if self._running is not None:
            self._running.lane.stop()

    def abort(self) -> None:
        """Read nothing more and discard what is under way."""
        self._was_stopped = True
        if self._running is not None:
            self._running.lane.abort()

    def join(self) -> None:
        """Wait for the lane's end, then write the summary of what it did."""
        running = self._running
        self.is_over = True
        if running is None:
            return
        running.lane.join()
        error = running.lane.error or _damage(running.source)
        if error is not None:
            self._fail(error)
        try:
            self._summarise(running)
        except SinkError as sink_error:
            self.error = self.error or sink_error
        self._frames_done = running.lane.frames_published
        self._running = None

    def _opened(self) -> _Running:
        """Open the source, then the sinks, then the lane; close what was opened where a later step fails."""
        started_s = time.monotonic()
        with ExitStack() as opened:
            source = self._order.open_source()
            opened.callback(source.close)
            self.info = source.info
            prepare_folder(self.folder)
            people = PeopleTable(self.folder / "people.csv")
            sinks: list[Sink] = [people, EventLog(self.folder / "events.jsonl"), *self._order.extra_sinks]
            for sink in sinks:
                opened.callback(sink.close)
            if self._options.with_video:
                video = VideoSink(self.folder / "annotated.mp4", source.info, Annotator())
                sinks.append(SinkThread(video, f"encode:{source.info.name}"))
                opened.callback(sinks[-1].close)
            options = self._options
            lane = self._engine.lane(source, sinks, options.detection, options.blur, options.picks)
            opened.pop_all()
        return _Running(source, people, lane, started_s)

    def _fail(self, error: BaseException) -> None:
        """Keep the error; one that is a fault of the program, not of the input, leaves its traceback in the folder."""
        self.error = error
        if not isinstance(error, MaskstreamError) and self.folder.is_dir():
            report = "".join(traceback.format_exception(error))
            (self.folder / CRASH_REPORT).write_text(report, encoding="utf-8")

    def _summarise(self, running: _Running) -> None:
        facts = RunFacts(
            input_name=self.name,
            wall_s=time.monotonic() - running.started_s,
            model=self._engine.model_facts,
            version=project_version(),
            interrupted=self._was_stopped,
            flaws=self._flaws(running),
            sample_per_s=self._options.sample_per_s,
        )
        self.summary = write_summary(self.folder / "summary.json", running.people.tally, facts)

    def _flaws(self, running: _Running) -> InputFlaws:
        return InputFlaws(
            damaged_packets=int(getattr(running.source, "damaged_packets", 0)),
            skipped_frames=running.lane.frames_dropped,
            ended_early=running.lane.error is not None or bool(getattr(running.source, "ended_early", False)),
            message=str(self.error) if self.error else None,
        )


def _damage(source: Source) -> SourceError | None:
    """Return what is wrong with an input that could be read all the same: its tables don't tell all of it."""
    warnings = getattr(source, "warnings", ())
    return SourceError(f"{'; '.join(warnings)}; what could be read was processed") if warnings else None


def prepare_folder(folder: Path) -> None:
    """Make `folder`; raise SinkError where that is not allowed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SinkError(
            f"cannot make the output folder {folder}: {error.strerror}; choose another with --out, or mend its rights"
        ) from error
