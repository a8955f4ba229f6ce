"""What becomes of each stream, as Prometheus metrics."""

import math
import time
from collections.abc import Callable, Mapping
from threading import Lock

from prometheus_client import CollectorRegistry

from pipeline.sinks.compliance_metric import ComplianceMetric
from pipeline.sinks.family_maker import FamilyMaker
from pipeline.sinks.stream_families import LIVE, RECONNECT_REASONS, STREAM_STATES, StreamFamilies
from pipeline.sinks.stream_info_metric import StreamInfoMetric
from pipeline.types import MaskState
from pipeline.vision.tally import Tally


class StreamMetrics:
    """Takes reports from any thread: the port `StreamTelemetry`.

    The series of a stream begin with `stream_added` and end with `remove_stream`. A report on any other stream is a
    late one and counts nothing. Compliance is that of the persons who left within `compliance_window_s`.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        compliance_window_s: float = math.inf,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._maker = FamilyMaker(registry)
        self._families = StreamFamilies.made(self._maker)
        self._compliance = ComplianceMetric(compliance_window_s, monotonic_s)
        self._info = StreamInfoMetric()
        self._streams: set[str] = set()
        self._lock = Lock()
        registry.register(self._compliance)
        registry.register(self._info)

    def stream_added(self, stream: str, labels: Mapping[str, str]) -> None:
        """Begin with `stream`, or change its labels; ValueError where one can't be a label of a metric."""
        with self._lock:
            self._info.set(stream, labels)
            self._compliance.begin(stream)
            self._streams.add(stream)

    def stream_state(self, stream: str, state: str) -> None:
        """Take a state of `STREAM_STATES`, else ValueError."""
        _check("a stream's state", state, STREAM_STATES)
        with self._lock:
            if stream in self._streams:
                self._families.up.labels(stream).set(state == LIVE)
                for each in STREAM_STATES:
                    self._families.state.labels(stream, each).set(each == state)

    def stream_reconnected(self, stream: str, reason: str) -> None:
        """Count a connection made anew; `reason` is one of `RECONNECT_REASONS`, else ValueError."""
        _check("what ends a connection", reason, RECONNECT_REASONS)
        with self._lock:
            if stream in self._streams:
                self._families.reconnects.labels(stream, reason).inc()

    def person_left(self, stream: str, verdict: str) -> None:
        """Count a person into the compliance; `verdict` is the value of a MaskState, else ValueError."""
        state = MaskState(verdict)
        with self._lock:
            if stream in self._streams:
                self._compliance.add(stream, state)

    def sink_failed(self, stream: str, sink: str) -> None:
        with self._lock:
            if stream in self._streams:
                self._families.sink_errors.labels(stream, sink).inc()

    def tally(self, stream: str) -> Tally:
        """Return the persons who left within the window; nobody for a stream that is not known."""
        return self._compliance.tally(stream)

    def remove_stream(self, stream: str) -> None:
        """Delete every series of `stream`."""
        with self._lock:
            self._streams.discard(stream)
            self._maker.remove(stream)
            self._compliance.remove(stream)
            self._info.remove(stream)


def _check(what: str, value: str, allowed: tuple[str, ...]) -> None:
    """Raise ValueError unless `value` is one of `allowed`: a free text, which may hold a URL, must not be a label."""
    if value not in allowed:
        raise ValueError(f"{what} is one of {', '.join(allowed)}, got {value!r}")
