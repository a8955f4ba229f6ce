"""Which model gives the verdicts."""

from collections.abc import Iterator

from prometheus_client.metrics_core import InfoMetricFamily
from prometheus_client.registry import Collector


class ModelInfoMetric(Collector):
    """`maskstream_model_info{name, sha256, precision, provider}`, always 1; no series until a model is loaded."""

    def __init__(self) -> None:
        self._labels: dict[str, str] | None = None

    def set(self, name: str, sha256: str, precision: str, provider: str) -> None:
        """Tell of the model from now on, from any thread."""
        self._labels = {"name": name, "sha256": sha256, "precision": precision, "provider": provider}

    def collect(self) -> Iterator[InfoMetricFamily]:
        labels = self._labels
        family = InfoMetricFamily("maskstream_model", "The model that gives the verdicts.")
        if labels is not None:
            family.add_metric([], labels)
        yield family
