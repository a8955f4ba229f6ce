"""What the stages and the shared classifier do, as Prometheus metrics; none of them knows streams."""

from collections.abc import Callable
from itertools import product

from prometheus_client import CollectorRegistry, Counter, Histogram

from pipeline.sinks.queue_depth_metric import QueueDepthMetric
from pipeline.vision.pick import PickReason

STAGE_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""From a thumbnail's detection to a stalled encoder."""

WAIT_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0)
BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64)
CROP_OUTCOMES = ("scored", "skipped")
CROP_REASONS = tuple(reason.name.lower() for reason in PickReason)


class EngineMetrics:
    """Takes reports from any thread: the part of the port `Telemetry` without streams."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._stages = Histogram(
            "maskstream_stage_duration_seconds",
            "Time that one call of a stage took.",
            ("stage",),
            buckets=STAGE_BUCKETS_S,
            registry=registry,
        )
        self._batch_sizes = Histogram(
            "maskstream_batch_size", "Crops in a batch.", buckets=BATCH_BUCKETS, registry=registry
        )
        self._batch_waits = Histogram(
            "maskstream_batch_wait_seconds",
            "Time that a batch's oldest crop waited for it.",
            buckets=WAIT_BUCKETS_S,
            registry=registry,
        )
        self._crops = Counter(
            "maskstream_crops",
            "Crops of faces by why they were asked about: scored, or skipped as the classifier was busy.",
            ("outcome", "reason"),
            registry=registry,
        )
        for labels in product(CROP_OUTCOMES, CROP_REASONS):
            self._crops.labels(*labels)
        self._queues = QueueDepthMetric()
        registry.register(self._queues)

    def stage_took(self, stage: str, duration_s: float) -> None:
        self._stages.labels(stage).observe(duration_s)

    def batch_ran(self, size: int, waited_s: float) -> None:
        self._batch_sizes.observe(size)
        self._batch_waits.observe(waited_s)

    def crop_done(self, outcome: str, reason: str) -> None:
        self._crops.labels(outcome, reason).inc()

    def watch_queue(self, queue: str, depth: Callable[[], int]) -> Callable[[], None]:
        """Ask `depth` at each scrape, from the thread of the scrape, until the returned function is called."""
        return self._queues.watch(queue, depth)
