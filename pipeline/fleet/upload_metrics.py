"""What `/metrics` tells of uploads."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipeline.upload_errors import (
    UploadBusyError,
    UploadTooLargeError,
    UploadTooLongError,
    UploadTypeError,
    UploadUnreadableError,
)

KINDS = ("picture", "clip")
JUDGED = "judged"
OUTCOMES: Mapping[type[Exception], str] = {
    UploadTypeError: "wrong_type",
    UploadTooLargeError: "too_large",
    UploadTooLongError: "too_long",
    UploadUnreadableError: "unreadable",
    UploadBusyError: "busy",
}
"""An error counts as its closest class."""


class UploadMetrics(Collector):
    """Counts uploads by what became of them, from any thread; `waiting` says how many wait, by kind, when asked."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.waiting: Callable[[], Mapping[str, int]] = lambda: dict.fromkeys(KINDS, 0)
        self._ended = Counter(
            "maskstream_uploads_total",
            "Pictures and clips that visitors sent, by what became of them.",
            ("kind", "outcome"),
            registry=registry,
        )
        for kind in KINDS:
            for outcome in (JUDGED, *OUTCOMES.values()):
                self._ended.labels(kind, outcome)
        registry.register(self)

    def judged(self, kind: str) -> None:
        """Count an upload that was judged."""
        self._ended.labels(kind, JUDGED).inc()

    def refused(self, kind: str, error: Exception) -> None:
        """Count an upload that was not, by its error."""
        outcome = next(OUTCOMES[each] for each in type(error).__mro__ if each in OUTCOMES)
        self._ended.labels(kind, outcome).inc()

    def collect(self) -> Iterator[Metric]:
        """Ask how many wait."""
        family = GaugeMetricFamily("maskstream_uploads_waiting", "Uploads that wait for their turn.", labels=("kind",))
        for kind, count in self.waiting().items():
            family.add_metric((kind,), count)
        yield family
