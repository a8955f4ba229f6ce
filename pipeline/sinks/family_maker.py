"""Makes the families of metrics that have series for each stream, and deletes those of a stream from all of them."""

from collections.abc import Sequence
from typing import TypeAlias

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

PREFIX = "maskstream_"

Family: TypeAlias = Counter | Gauge | Histogram


class FamilyMaker:
    """Makes families on `registry`, each with the label `stream` first: the operator's id, never a URL."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._made: list[Family] = []

    def counter(self, name: str, help_text: str, *labels: str) -> Counter:
        made = Counter(f"{PREFIX}{name}", help_text, ("stream", *labels), registry=self._registry)
        self._made.append(made)
        return made

    def gauge(self, name: str, help_text: str, *labels: str) -> Gauge:
        made = Gauge(f"{PREFIX}{name}", help_text, ("stream", *labels), registry=self._registry)
        self._made.append(made)
        return made

    def histogram(self, name: str, help_text: str, buckets: Sequence[float]) -> Histogram:
        made = Histogram(f"{PREFIX}{name}", help_text, ("stream",), buckets=buckets, registry=self._registry)
        self._made.append(made)
        return made

    def sink_errors(self) -> Counter:
        """Return the one family that lanes and fleet both have: recordings are lost here, alerts there."""
        return self.counter("sink_errors_total", "Results and alerts that an output could not take.", "sink")

    def remove(self, stream: str) -> None:
        """Delete every series of `stream`."""
        for family in self._made:
            family.remove_by_labels({"stream": stream})
