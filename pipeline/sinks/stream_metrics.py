"""What happens to each stream, as Prometheus metrics."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from prometheus_client import CollectorRegistry

from pipeline.sinks.compliance_metric import ComplianceMetric
from pipeline.sinks.stream_families import STREAM_STATES, VERDICTS, StreamFamilies
from pipeline.sinks.stream_info_metric import StreamInfoMetric
from pipeline.types import MaskState

LIVE = "live"


class StreamMetrics:
    """Takes reports on streams, from any thread: the port `StreamTelemetry`, and the part of `Telemetry` with streams.

    The series of a stream begin with the first report on it and end with `remove_stream`. At most 60 a stream.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        compliance_window_s: float = math.inf,
        monotonic_s: Callable[[], float] = time.monotonic,
        unix_s: Callable[[], float] = time.time,
    ) -> None:
        self._families = StreamFamilies.on(registry)
        self._compliance = ComplianceMetric(compliance_window_s, monotonic_s)
        self._info = StreamInfoMetric()
        self._unix_s = unix_s
        self._begun: set[str] = set()
        self._down: set[str] = set()
        self._lock = Lock()
        registry.register(self._compliance)
        registry.register(self._info)

    def stream_added(self, stream: str, labels: Mapping[str, str]) -> None:
        """Begin with `stream`, or change its labels; ValueError where one can't be a label of a metric."""
        self._info.set(stream, labels)
        self._of(stream)

    def stream_state(self, stream: str, state: str) -> None:
        """Take a state of `STREAM_STATES`, else ValueError; nobody is in view of a stream that is not live."""
        if state not in STREAM_STATES:
            raise ValueError(f"a stream's state is one of {', '.join(STREAM_STATES)}, got {state!r}")
        families = self._of(stream)
        families.up.labels(stream).set(state == LIVE)
        for each in STREAM_STATES:
            families.state.labels(stream, each).set(each == state)
        if state == LIVE:
            self._down.discard(stream)
        else:
            self._down.add(stream)
            self.persons_present(stream, {})

    def stream_reconnected(self, stream: str, reason: str) -> None:
        self._of(stream).reconnects.labels(stream, reason).inc()

    def remove_stream(self, stream: str) -> None:
        """Delete every series of `stream`; a later report would begin them again, so its lane must have ended."""
        with self._lock:
            self._begun.discard(stream)
            self._down.discard(stream)
            self._families.remove(stream)
            self._compliance.remove(stream)
            self._info.remove(stream)

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
        for verdict in VERDICTS:
            families.present.labels(stream, verdict).set(0 if stream in self._down else counts.get(verdict, 0))

    def verdicts_flipped(self, stream: str, count: int) -> None:
        self._of(stream).flips.labels(stream).inc(count)

    def person_closed(self, stream: str, state: str) -> None:
        """Count a person who left; `state` is the value of a MaskState, else ValueError."""
        verdict = MaskState(state)
        self._of(stream).persons.labels(stream, verdict.value).inc()
        self.person_left(stream, state)

    def person_left(self, stream: str, verdict: str) -> None:
        """Count a person into the compliance; `verdict` is the value of a MaskState, else ValueError."""
        self._compliance.add(stream, MaskState(verdict))

    def camera_fitness(self, stream: str, fitness: Mapping[str, float]) -> None:
        families = self._of(stream)
        for reason, share in fitness.items():
            families.fitness.labels(stream, reason).set(share)

    def sink_failed(self, stream: str, sink: str) -> None:
        self._of(stream).sink_errors.labels(stream, sink).inc()

    def _of(self, stream: str) -> StreamFamilies:
        """Return the families, in which the series of `stream` have begun."""
        with self._lock:
            if stream not in self._begun:
                self._begun.add(stream)
                self._families.begin(stream)
                self._compliance.begin(stream)
        return self._families
