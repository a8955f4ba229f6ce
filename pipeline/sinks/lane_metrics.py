"""What lanes do with each stream, as Prometheus metrics."""

import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from prometheus_client import CollectorRegistry

from pipeline.sinks.family_maker import FamilyMaker
from pipeline.sinks.lane_families import VERDICTS, LaneFamilies
from pipeline.sinks.stream_families import LIVE
from pipeline.types import MaskState


class LaneMetrics:
    """Takes reports on streams from any thread: the part of the port `Telemetry` with streams.

    The series of a stream begin with the first report on it and end with `remove_stream`.
    """

    def __init__(self, registry: CollectorRegistry, unix_s: Callable[[], float] = time.time) -> None:
        self._maker = FamilyMaker(registry)
        self._families = LaneFamilies.made(self._maker)
        self._unix_s = unix_s
        self._begun: set[str] = set()
        self._down: set[str] = set()
        self._lock = Lock()

    def stream_state(self, stream: str, state: str) -> None:
        """Take the state of the connection: nobody is in view of a stream that is not live."""
        with self._lock:
            (self._down.discard if state == LIVE else self._down.add)(stream)
        if state != LIVE:
            self.persons_present(stream, {})

    def remove_stream(self, stream: str) -> None:
        """Delete every series of `stream`; a later report would begin them again, so its lane must have ended."""
        with self._lock:
            self._begun.discard(stream)
            self._down.discard(stream)
            self._maker.remove(stream)

    def frame_done(self, stream: str, outcome: str) -> None:
        self._of(stream).frames.labels(stream, outcome).inc()

    def frame_published(self, stream: str, age_s: float) -> None:
        """Take the age in seconds; the time of capture follows from it, whatever clock the camera has."""
        families = self._of(stream)
        families.ages.labels(stream).observe(age_s)
        families.last_frame.labels(stream).set(self._unix_s() - age_s)

    def faces_scored(self, stream: str, states: Sequence[str]) -> None:
        for state in states:
            self._of(stream).faces.labels(stream, state).inc()

    def persons_present(self, stream: str, counts: Mapping[str, int]) -> None:
        """Take who is in view, unless the stream is known to be down: its last frames come after the news of that."""
        families = self._of(stream)
        with self._lock:
            shown = {} if stream in self._down else counts
            for verdict in VERDICTS:
                families.present.labels(stream, verdict).set(shown.get(verdict, 0))

    def verdicts_flipped(self, stream: str, count: int) -> None:
        self._of(stream).flips.labels(stream).inc(count)

    def person_closed(self, stream: str, state: str) -> None:
        """Count a person who left; `state` is the value of a MaskState, else ValueError."""
        self._of(stream).persons.labels(stream, MaskState(state).value).inc()

    def camera_fitness(self, stream: str, fitness: Mapping[str, float]) -> None:
        families = self._of(stream)
        for reason, share in fitness.items():
            families.fitness.labels(stream, reason).set(share)

    def sink_failed(self, stream: str, sink: str) -> None:
        self._of(stream).sink_errors.labels(stream, sink).inc()

    def _of(self, stream: str) -> LaneFamilies:
        """Return the families, in which the series of `stream` have begun."""
        with self._lock:
            if stream not in self._begun:
                self._begun.add(stream)
                self._families.begin(stream)
        return self._families
