"""What happened, as Prometheus metrics."""

import time
from collections.abc import Callable, Mapping, Sequence

from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics

from pipeline.sinks.compliance_metric import ComplianceMetric
from pipeline.sinks.engine_metrics import EngineMetrics
from pipeline.sinks.lane_metrics import LaneMetrics
from pipeline.sinks.model_info_metric import ModelInfoMetric
from pipeline.types import MaskState


class WorkerTelemetry(LaneMetrics, EngineMetrics):
    """Counts on a registry of its own, from any thread, what lanes and engine report and what the process uses.

    The `_created` series of the client library are switched off, for the whole process.
    """

    def __init__(self, unix_s: Callable[[], float] = time.time) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the client library leaves it untyped
        self.registry = CollectorRegistry()
        LaneMetrics.__init__(self, self.registry, unix_s)
        EngineMetrics.__init__(self, self.registry)
        ProcessCollector(registry=self.registry)


class PrometheusTelemetry(WorkerTelemetry):
    """The telemetry of a process that is alone: it tells the compliance, of all persons so far, and the model too."""

    def __init__(self) -> None:
        super().__init__()
        self._compliance = ComplianceMetric()
        self._model = ModelInfoMetric()
        self.registry.register(self._compliance)
        self.registry.register(self._model)

    def person_closed(self, stream: str, state: str) -> None:
        super().person_closed(stream, state)
        self._compliance.add(stream, MaskState(state))

    def remove_stream(self, stream: str) -> None:
        super().remove_stream(stream)
        self._compliance.remove(stream)

    def model_loaded(self, name: str, sha256: str, precision: str, provider: str) -> None:
        """Publish which model gives the verdicts."""
        self._model.set(name, sha256, precision, provider)


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

    def crop_done(self, outcome: str, reason: str) -> None: ...

    def watch_queue(self, queue: str, depth: Callable[[], int]) -> Callable[[], None]:  # noqa: ARG002  # the port's
        return _nothing

    def stream_added(self, stream: str, labels: Mapping[str, str]) -> None: ...

    def stream_state(self, stream: str, state: str) -> None: ...

    def stream_reconnected(self, stream: str, reason: str) -> None: ...

    def person_left(self, stream: str, verdict: str) -> None: ...

    def remove_stream(self, stream: str) -> None: ...


def _nothing() -> None:
    """Stop watching a queue that nobody watches."""
