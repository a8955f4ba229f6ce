"""What happened, as Prometheus metrics."""

import math
import time
from collections.abc import Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics

from pipeline.sinks.engine_metrics import EngineMetrics
from pipeline.sinks.stream_metrics import StreamMetrics


class PrometheusTelemetry(StreamMetrics, EngineMetrics):
    """Counts on a registry of its own, from any thread, what streams and engine report and what the process uses.

    Compliance is that of the persons who left within `compliance_window_s`, by default of all so far. The `_created`
    series of the client library are switched off, for the whole process.
    """

    def __init__(
        self,
        compliance_window_s: float = math.inf,
        monotonic_s: Callable[[], float] = time.monotonic,
        unix_s: Callable[[], float] = time.time,
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the client library leaves it untyped
        self.registry = CollectorRegistry()
        StreamMetrics.__init__(self, self.registry, compliance_window_s, monotonic_s, unix_s)
        EngineMetrics.__init__(self, self.registry)
        ProcessCollector(registry=self.registry)


class NoTelemetry:
    """Counts nothing."""

    def frame_done(self, stream: str, outcome: str) -> None: ...

    def frame_published(self, stream: str, age_s: float) -> None: ...

    def faces_scored(self, stream: str, states: Sequence[str]) -> None: ...

    def persons_present(self, stream: str, counts: Mapping[str, int]) -> None: ...

    def verdicts_flipped(self, stream: str, count: int) -> None: ...

    def person_closed(self, stream: str, state: str) -> None: ...

    def camera_fitness(self, stream: str, fitness: Mapping[str, float]) -> None: ...

    def sink_failed(self, stream: str, sink: str) -> None: ...

    def stage_took(self, stage: str, duration_s: float) -> None: ...

    def batch_ran(self, size: int, waited_s: float) -> None: ...

    def crop_done(self, outcome: str) -> None: ...

    def watch_queue(self, queue: str, depth: Callable[[], int]) -> Callable[[], None]:  # noqa: ARG002  # the port's
        return _nothing

    def stream_added(self, stream: str, labels: Mapping[str, str]) -> None: ...

    def stream_state(self, stream: str, state: str) -> None: ...

    def stream_reconnected(self, stream: str, reason: str) -> None: ...

    def person_left(self, stream: str, verdict: str) -> None: ...

    def remove_stream(self, stream: str) -> None: ...


def _nothing() -> None:
    """Stop watching a queue that nobody watches."""
