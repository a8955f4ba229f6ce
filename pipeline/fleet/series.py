"""The name of a series: what tells it from every other one of an exposition."""

from typing import NamedTuple, Self

from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample

CUMULATIVE = frozenset(("counter", "histogram"))
"""The types of families whose values never fall while their process lives."""


class Series(NamedTuple):
    """A sample without its value; `labels` are sorted by name."""

    family: str
    name: str
    labels: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, family: Metric, sample: Sample) -> Self:
        """Return the series of a sample of `family`."""
        return cls(family.name, sample.name, tuple(sorted(sample.labels.items())))

    @property
    def stream(self) -> str | None:
        """The stream that it is about, None where it is about none."""
        return next((value for name, value in self.labels if name == "stream"), None)
