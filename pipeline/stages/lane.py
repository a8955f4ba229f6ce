"""A lane: the three threads that take one stream from its source to its sinks."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.ports import Source, Telemetry
from pipeline.runtime.channel import Channel, ChannelClosedError, Overflow
from pipeline.runtime.worker import Worker
from pipeline.stages.faces import FacesStage
from pipeline.stages.pending import PendingResult
from pipeline.stages.publish import PublishStage
from pipeline.stages.read import ReadStage
from pipeline.types import Frame


@dataclass(frozen=True, slots=True)
class LaneSettings:
    """How many frames may wait between the threads: each holds a decoded picture, 1.4 MB at 720p.

    For live input `frames_capacity` outlasts a look at faces of 0.3 s at 25 frames a second, as they happen on a busy
    machine; what waited is then followed within a few milliseconds. `pending_capacity` is above `feedback_lag_frames`,
    or the lag could never be used up.
    """

    frames_capacity: int = 8
    pending_capacity: int = 12


RECORDED = LaneSettings(frames_capacity=3, pending_capacity=10)
"""No frame is lost while its reader waits: as fast with one to four streams as the above, and 7 frames less of each."""


class Lane:
    """Owns the channels and threads of one stream; ends by itself, drained, when its source does."""

    def __init__(
        self, source: Source, faces: FacesStage, publish: PublishStage, telemetry: Telemetry, settings: LaneSettings
    ) -> None:
        self._source = source
        self._telemetry = telemetry
        overflow = Overflow.DROP_OLDEST if source.info.is_live else Overflow.BLOCK
        self._frames: Channel[Frame] = Channel(settings.frames_capacity, overflow, self._count_drop)
        self._pending: Channel[PendingResult] = Channel(settings.pending_capacity)
        self._read = ReadStage(source, self._frames, telemetry)
        self._publish = publish
        self._faces = faces
        self._workers: tuple[Worker, ...] = ()
        self._unwatch_queues: tuple[Callable[[], None], ...] = ()
        self.frames_dropped = 0
        self._ended = 0
        self._ended_lock = threading.Lock()

    @property
    def error(self) -> BaseException | None:
        """The first thing that went wrong, the most downstream first: a full disk explains an aborted reader."""
        for worker in reversed(self._workers):
            if worker.error is not None and not isinstance(worker.error, ChannelClosedError):
                return worker.error
        return self._read.error

    @property
    def frames_published(self) -> int:
        return self._publish.frames_published

    def start(self, on_end: Callable[[], None]) -> None:
        """Start the threads; `on_end` is called in the last of them to end."""
        name = self._source.info.name
        bodies: tuple[tuple[str, Callable[[], None]], ...] = (
            ("read", self._read.run),
            ("faces", lambda: self._faces.run(self._frames, self._pending)),
            ("publish", lambda: self._publish.run(self._pending)),
        )
        self._workers = tuple(
            Worker(f"{stage}:{name}", self._guarded(body), self._tell_last(on_end)) for stage, body in bodies
        )
        self._unwatch_queues = (
            self._telemetry.watch_queue("frames", lambda: len(self._frames)),
            self._telemetry.watch_queue("results", lambda: len(self._pending)),
        )
        for worker in self._workers:
            worker.start()

    def stop(self) -> None:
        """Read nothing more; what was read still runs down the lane."""
        self._source.close()

    def abort(self) -> None:
        """Read nothing more and discard what is under way."""
        self._source.close()
        self._frames.abort()
        self._pending.abort()

    def join(self) -> None:
        for worker in self._workers:
            worker.join()

    def _guarded(self, body: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                body()
            except BaseException:
                self.abort()
                raise

        return run

    def _tell_last(self, on_end: Callable[[], None]) -> Callable[[], None]:
        def tell() -> None:
            with self._ended_lock:
                self._ended += 1
                is_last = self._ended == len(self._workers)
            if is_last:
                for unwatch in self._unwatch_queues:
                    unwatch()
                on_end()

        return tell

    def _count_drop(self, frame: Frame) -> None:
        self.frames_dropped += 1
        self._telemetry.frame_done(frame.stream, "dropped_overflow")
