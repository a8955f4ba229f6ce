"""The lanes of a worker: begun, ended, and begun anew where one fails."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from pipeline.app import Engine
from pipeline.config.streams import StreamConfig
from pipeline.errors import MaskstreamError
from pipeline.jpeg import Jpeg
from pipeline.retry_waits import RetryWaits
from pipeline.sinks.prometheus import WorkerTelemetry
from pipeline.sources.stream_state import Reason, StateChange, StreamState
from pipeline.stages.lane import Lane
from pipeline.worker.activity import Activity
from pipeline.worker.memory import give_back
from pipeline.worker.messages import PictureTaken, Report, StateTold, StreamEnded, StreamPulse
from pipeline.worker.person_reports import PersonReports
from pipeline.worker.stream_parts import StreamParts, open_parts

logger = logging.getLogger(__name__)

FAULT_WAITS = RetryWaits(first_s=1.0, longest_s=30.0)
"""A lane that fails by a fault of ours may well fail again: it must not keep the machine busy with that."""

STEADY_AFTER_S = 60.0
"""A lane that ran for so long failed for another reason than the one before it."""


@dataclass(slots=True)
class _Stream:
    """A stream that is wanted; it has no lane while it waits to be begun anew."""

    config: StreamConfig
    run: int
    faults: int = 0
    began_s: float = 0.0
    retry_s: float = float("inf")
    lane: Lane | None = None
    parts: StreamParts | None = None
    activity: Activity = field(default_factory=Activity)


class Streams:
    """Runs streams. Any thread may ask; a thread named `streams` does it, one request after the other.

    `report` is called from many threads, with what the parent is to know.
    """

    def __init__(
        self,
        engine: Engine,
        telemetry: WorkerTelemetry,
        report: Callable[[Report], None],
        fault_waits: RetryWaits = FAULT_WAITS,
    ) -> None:
        self._fault_waits = fault_waits
        self._engine = engine
        self._telemetry = telemetry
        self._report = report
        self._streams: dict[str, _Stream] = {}
        self._watched: set[str] = set()
        self._requests: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._serve, name="streams")

    def open(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End all lanes, drained, and return when they have ended."""
        self._requests.put(None)
        self._thread.join()

    def start(self, config: StreamConfig, run: int) -> None:
        self._requests.put(lambda: self._start(_Stream(config, run)))

    def stop(self, stream: str) -> None:
        """End a stream; StreamEnded is reported, also where it does not run."""
        self._requests.put(lambda: self._stop_one(stream))

    def watch(self, stream: str, *, wanted: bool) -> None:
        """Report pictures of a stream from now on, or no longer."""
        self._requests.put(lambda: self._watch(stream, wanted=wanted))

    def pulses(self) -> dict[str, StreamPulse]:
        """Return what each stream did since the last call."""
        return {name: stream.activity.take() for name, stream in tuple(self._streams.items())}

    def _serve(self) -> None:
        while True:
            with suppress(queue.Empty):
                request = self._requests.get(timeout=self._next_retry_s())
                if request is None:
                    break
                self._do(request)
            self._retry_due()
        self._stop_all()

    def _do(self, request: Callable[[], None]) -> None:
        try:
            request()
        except Exception:  # the other streams must be served all the same; the parent ends a worker that owes it an end
            logger.exception("a request of the parent failed")

    def _start(self, stream: _Stream) -> None:
        known = self._streams.setdefault(stream.config.id, stream)
        if known is not stream:
            return  # a worker that has just become ready may be told twice
        self._try(stream)

    def _try(self, stream: _Stream) -> None:
        try:
            self._begin(stream)
        except Exception as error:  # it must cost no other stream, and is tried again
            self._put_off(stream, error)

    def _begin(self, stream: _Stream) -> None:
        name = stream.config.id
        parts = open_parts(stream.config, self._state_teller(stream), self._tell_picture, self._telemetry)
        try:
            persons = PersonReports(stream.config, self._report)
            lane = self._engine.lane(
                parts.source, (*parts.sinks, persons, stream.activity), parts.detection, parts.blur, parts.picks
            )
        except BaseException:
            parts.close()
            raise
        stream.parts, stream.lane = parts, lane
        if parts.preview is not None:
            parts.preview.wanted = name in self._watched
        stream.began_s = time.monotonic()
        lane.start(lambda: self._requests.put(lambda: self._ended(stream, lane)))

    def _ended(self, stream: _Stream, lane: Lane) -> None:
        """Begin a lane anew that ended though nobody asked it to."""
        if stream.lane is lane:
            lane.join()
            stream.lane = None
            self._put_off(stream, lane.error or RuntimeError("the lane ended without an error"))

    def _put_off(self, stream: _Stream, error: BaseException) -> None:
        was_steady = stream.began_s and time.monotonic() - stream.began_s >= STEADY_AFTER_S
        stream.faults = 1 if was_steady else stream.faults + 1
        wait_s = self._fault_waits.wait_s(stream.faults)
        stream.retry_s = time.monotonic() + wait_s
        if isinstance(error, MaskstreamError):
            detail = str(error)
        else:
            detail = f"a fault of the program ({type(error).__name__}), see the log"
            logger.error("the lane of %s failed", stream.config.id, exc_info=error)
        change = StateChange(StreamState.BACKING_OFF, Reason.FAULT, detail, retry_in_s=wait_s)
        self._state_teller(stream)(change)

    def _retry_due(self) -> None:
        for stream in tuple(self._streams.values()):
            if stream.retry_s <= time.monotonic():
                stream.retry_s = float("inf")
                self._try(stream)

    def _next_retry_s(self) -> float | None:
        due_s = min((stream.retry_s for stream in self._streams.values()), default=float("inf"))
        return None if due_s == float("inf") else max(0.0, due_s - time.monotonic())

    def _stop_one(self, name: str) -> None:
        self._stop(name)
        give_back()

    def _stop(self, name: str) -> None:
        stream = self._streams.pop(name, None)
        if stream is not None and stream.lane is not None:
            lane, stream.lane = stream.lane, None
            lane.stop()
            lane.join()
        self._watched.discard(name)
        self._telemetry.remove_stream(name)
        self._report(StreamEnded(name))

    def _stop_all(self) -> None:
        for stream in self._streams.values():
            if stream.lane is not None:
                stream.lane.stop()
        for name in tuple(self._streams):
            self._stop(name)

    def _watch(self, name: str, *, wanted: bool) -> None:
        (self._watched.add if wanted else self._watched.discard)(name)
        stream = self._streams.get(name)
        if stream is not None and stream.parts is not None and stream.parts.preview is not None:
            stream.parts.preview.wanted = wanted

    def _state_teller(self, stream: _Stream) -> Callable[[StateChange], None]:
        def tell(change: StateChange) -> None:
            self._telemetry.stream_state(stream.config.id, change.state.value)
            self._report(StateTold(stream.config.id, stream.run, change))

        return tell

    def _tell_picture(self, stream: str, picture: Jpeg) -> None:
        self._report(PictureTaken(stream, picture))
