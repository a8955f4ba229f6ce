"""Families of several processes as one exposition, in which each name and each series stands once."""

from collections.abc import Iterator

from prometheus_client.metrics_core import Metric

from pipeline.fleet.series import CUMULATIVE, Series

SMALLEST = frozenset(("process_start_time_seconds", "process_max_fds"))
"""Of several processes the one that is oldest, or first out of descriptors, tells."""


class MergedFamilies:
    """Adds up the values of a series over processes; a gauge of a stream is told by one process at a time."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {}
        self._values: dict[Series, float] = {}

    def describe(self, family: Metric) -> None:
        """Begin with a family, of which nothing but name, type, unit and help text is read."""
        if family.name not in self._families:
            self._families[family.name] = Metric(family.name, family.documentation, family.type, family.unit)

    def add_family(self, family: Metric) -> None:
        """Add every sample of `family`."""
        self.describe(family)
        for sample in family.samples:
            self.add(Series.of(family, sample), sample.value)

    def add(self, series: Series, value: float) -> None:
        """Add a value to a series, whose family is described."""
        held = self._values.get(series)
        if held is None:
            self._values[series] = value
        elif series.name in SMALLEST:
            self._values[series] = min(held, value)
        elif self._families[series.family].type in CUMULATIVE or series.stream is None:
            self._values[series] = held + value
        else:
            self._values[series] = value

    def families(self) -> Iterator[Metric]:
        """Yield the families, samples in the order in which they came."""
        for series, value in self._values.items():
            self._families[series.family].add_sample(series.name, dict(series.labels), value)
        yield from self._families.values()
