"""What the parent tells at `/metrics`: what it knows of streams, workers and configuration, and what workers count."""

import math
import time
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, disable_created_metrics

from pipeline.fleet.upload_metrics import UploadMetrics
from pipeline.fleet.worker_metrics import Scrape, WorkerMetrics
from pipeline.sinks.model_info_metric import ModelInfoMetric
from pipeline.sinks.stream_metrics import StreamMetrics

DEATHS = ("signal", "exit")
"""Killed (by a fault in native code, for want of memory, or as it hung), or ended by itself."""


class FleetMetrics(StreamMetrics):
    """Takes reports from any thread: the port `StreamTelemetry`, and what becomes of workers and configuration.

    Workers count from 0 in calls; as in logs and process titles, people are shown numbers from 1.

    `registry` has it all, and what the workers tell to `scrape`; without it, what the parent alone knows. See
    `WorkerMetrics`.
    """

    def __init__(
        self,
        scrape: Scrape = dict,
        compliance_window_s: float = math.inf,
        monotonic_s: Callable[[], float] = time.monotonic,
        unix_s: Callable[[], float] = time.time,
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the client library leaves it untyped
        own = CollectorRegistry()
        super().__init__(own, compliance_window_s, monotonic_s)
        self._unix_s = unix_s
        self._model = ModelInfoMetric()
        self._add_families(own)
        own.register(self._model)
        ProcessCollector(registry=own)
        self.uploads = UploadMetrics(own)
        self._workers = WorkerMetrics(own, scrape)
        self.registry = CollectorRegistry()
        self.registry.register(self._workers)
        self.config_loaded(successful=True)

    def stream_added(self, stream: str, labels: Mapping[str, str]) -> None:
        """Begin with `stream`, or change its labels; of an earlier stream of that id no lane may be left."""
        super().stream_added(stream, labels)
        self._workers.add_stream(stream)

    def remove_stream(self, stream: str) -> None:
        """Delete every series of `stream`, also those that workers tell."""
        self._workers.remove_stream(stream)
        super().remove_stream(stream)

    def model_loaded(self, name: str, sha256: str, precision: str, provider: str) -> None:
        """Publish which model gives the verdicts."""
        self._model.set(name, sha256, precision, provider)

    def config_loaded(self, *, successful: bool) -> None:
        """Take whether the configuration that was read last could be used; that of the start could."""
        self._reload_successful.set(successful)
        if successful:
            self._reload_time.set(self._unix_s())

    def worker_wanted(self, worker: int) -> None:
        """Begin with worker number `worker`, which is not up yet: one that never comes up must show."""
        self._show_worker(worker, is_up=False)

    def worker_started(self, worker: int) -> None:
        """Take that worker number `worker` is ready for streams."""
        self._show_worker(worker, is_up=True)

    def worker_died(self, worker: int, reason: str) -> None:
        """Count a worker that has to be started again, by a reason of `DEATHS`, and keep what it counted."""
        if reason not in DEATHS:
            raise ValueError(f"a worker ends by {' or '.join(DEATHS)}, got {reason!r}")
        self._show_worker(worker, is_up=False)
        self._restarts.labels(reason).inc()
        self._workers.worker_died(worker)

    def _show_worker(self, worker: int, *, is_up: bool) -> None:
        self._worker_up.labels(str(worker + 1)).set(is_up)

    def _add_families(self, own: CollectorRegistry) -> None:
        self._reload_successful = Gauge(
            "maskstream_config_last_reload_successful",
            "Whether the configuration that was read last could be used: 1, else 0.",
            registry=own,
        )
        self._reload_time = Gauge(
            "maskstream_config_last_reload_success_timestamp_seconds",
            "When a configuration was read that could be used, in seconds since 1970.",
            registry=own,
        )
        self._worker_up = Gauge(
            "maskstream_worker_up", "Whether the worker process runs streams: 1, else 0.", ("worker",), registry=own
        )
        self._restarts = Counter(
            "maskstream_worker_restarts_total",
            "Worker processes that died and were started again, by how they ended.",
            ("reason",),
            registry=own,
        )
        for reason in DEATHS:
            self._restarts.labels(reason)
