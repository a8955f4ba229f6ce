"""The metrics of parent and workers as one exposition."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import TypeAlias

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from pipeline.fleet.merged_families import MergedFamilies
from pipeline.fleet.series import CUMULATIVE, Series
from pipeline.fleet.worker_counts import WorkerCounts

Scrape: TypeAlias = Callable[[], Mapping[int, Sequence[Metric]]]
"""Returns the families of each worker that answers now, by the worker's number."""


class WorkerMetrics(Collector):
    """Collects `own`, the parent's registry, and what `scrape` brings from the workers.

    A series with the label `stream` is shown while that stream is known; series without it are added up. Counters and
    histograms of a worker that died, or that does not answer in time, stay as they were last seen; its gauges go.
    Any thread may collect; collections follow one another, since answers that overtake each other would look like
    counters that fall. The other methods never wait for a worker.
    """

    def __init__(self, own: CollectorRegistry, scrape: Scrape) -> None:
        self._own = own
        self._scrape = scrape
        self._counts = WorkerCounts()
        self._cumulative: dict[str, Metric] = {}
        self._streams: set[str] = set()
        self._died_meanwhile: set[int] = set()
        self._removed_meanwhile: set[str] = set()
        self._collecting = Lock()
        self._lock = Lock()

    def add_stream(self, stream: str) -> None:
        """Show the series of `stream` from now on; of an earlier one of that id no lane may be left."""
        with self._lock:
            self._streams.add(stream)

    def remove_stream(self, stream: str) -> None:
        """Show no series of `stream` any more, whatever workers still tell of it, and forget what it counted."""
        with self._lock:
            self._streams.discard(stream)
            if self._collecting.locked():
                self._removed_meanwhile.add(stream)
            self._counts.forget(stream)

    def worker_died(self, worker: int) -> None:
        """Keep what a worker counted; another one may take its number."""
        with self._lock:
            if self._collecting.locked():
                self._died_meanwhile.add(worker)
            self._counts.worker_died(worker)

    def collect(self) -> Iterable[Metric]:
        """Ask the workers, which may take as long as `scrape` waits for them."""
        with self._collecting:
            with self._lock:
                self._died_meanwhile.clear()
                self._removed_meanwhile.clear()
            answers = self._scrape()
            merged = MergedFamilies()
            for family in self._own.collect():
                merged.add_family(family)
            with self._lock:
                for worker, families in answers.items():
                    # What a worker said before it died was kept already, and another one may have its number now.
                    if worker not in self._died_meanwhile:
                        self._take(worker, families, merged)
                self._add_counts(merged)
            return tuple(merged.families())

    def _take(self, worker: int, families: Sequence[Metric], merged: MergedFamilies) -> None:
        """Add the gauges of a worker and remember what it counts."""
        counts: dict[str | None, dict[Series, float]] = {}
        for family in families:
            is_cumulative = family.type in CUMULATIVE
            if is_cumulative:
                self._cumulative.setdefault(family.name, family)
            else:
                merged.describe(family)
            for sample in family.samples:
                series = Series.of(family, sample)
                stream = series.stream
                if not self._is_shown(stream):
                    continue
                if is_cumulative:
                    counts.setdefault(stream, {})[series] = sample.value
                else:
                    merged.add(series, sample.value)
        self._counts.update(worker, counts)

    def _add_counts(self, merged: MergedFamilies) -> None:
        for family in self._cumulative.values():
            merged.describe(family)
        for series, value in self._counts.all():
            merged.add(series, value)

    def _is_shown(self, stream: str | None) -> bool:
        return stream is None or (stream in self._streams and stream not in self._removed_meanwhile)
