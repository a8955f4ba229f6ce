"""All that can be told to a parent and its workers, with their answers merged."""

import pickle
from collections.abc import Callable, Mapping, Sequence

from prometheus_client.metrics_core import Metric

from pipeline.fleet.fleet_metrics import DEATHS, FleetMetrics
from pipeline.fleet.worker_metrics import Scrape
from pipeline.ports import StreamTelemetry
from pipeline.sinks.lane_families import VERDICTS
from pipeline.sinks.prometheus import WorkerTelemetry
from pipeline.sinks.stream_families import RECONNECT_REASONS, STREAM_STATES
from tests.reported import report_lane

ALERT_SINKS = ("webhook", "mqtt")


class ReportedFleet:
    """The metrics of a parent and its workers in one process; their answers are pickled, as between processes."""

    def __init__(self, workers: int = 2, metrics: Callable[[Scrape], FleetMetrics] = FleetMetrics) -> None:
        self.workers = {number: WorkerTelemetry() for number in range(workers)}
        self.late: set[int] = set()
        self.metrics = metrics(self.answers)
        self.registry = self.metrics.registry

    def answers(self) -> Mapping[int, Sequence[Metric]]:
        """Return what a scrape brings from the workers, but for those that are `late`."""
        return {
            number: pickle.loads(pickle.dumps(tuple(worker.registry.collect())))
            for number, worker in self.workers.items()
            if number not in self.late
        }

    def report_all(self, stream: str, worker: int = 0) -> None:
        """Report everything that can be said of a stream, with each value that a label may have."""
        report_stream(self.metrics, stream)
        report_lane(self.workers[worker], stream)

    def crash(self, worker: int) -> None:
        """Let a worker die; another one takes its number."""
        self.metrics.worker_died(worker, "signal")
        self.workers[worker] = WorkerTelemetry()


def report_stream(streams: StreamTelemetry, stream: str) -> None:
    """Report all that the parent knows of a stream."""
    streams.stream_added(stream, {"line": "7", "vehicle": "4711"})
    for state in STREAM_STATES:
        streams.stream_state(stream, state)
    for reason in RECONNECT_REASONS:
        streams.stream_reconnected(stream, reason)
    for verdict in VERDICTS:
        streams.person_left(stream, verdict)
    for sink in ALERT_SINKS:
        streams.sink_failed(stream, sink)


def report_service(metrics: FleetMetrics) -> None:
    """Report everything of the parent that has no stream."""
    metrics.model_loaded("densenet201", "ab", "int8", "CPUExecutionProvider")
    metrics.worker_started(0)
    for reason in DEATHS:
        metrics.worker_died(1, reason)
    metrics.config_loaded(successful=True)
