"""What the live benchmark reads off `/metrics` between two looks at it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TypeAlias

from prometheus_client import Metric

Labels: TypeAlias = frozenset[tuple[str, str]]
Samples: TypeAlias = Mapping[tuple[str, Labels], float]

DROPS = ("dropped_overflow", "dropped_backlog")
STAGES = ("detect", "track", "crop", "sinks")


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """What became of the frames of one stream; ages are of published frames, from capture on."""

    stream: str
    published_per_s: float
    p95_age_s: float
    drops: Mapping[str, int]
    reconnects: int


@dataclass(frozen=True, slots=True)
class StageFigures:
    """How often a stage ran, over all streams, and how long it took by the clock."""

    stage: str
    runs_per_s: float
    mean_ms: float


def samples_of(families: Iterable[Metric]) -> Samples:
    """Return the values of a scrape by name and labels."""
    return {
        (sample.name.removeprefix("maskstream_"), frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


@dataclass(frozen=True, slots=True)
class Interval:
    """Two scrapes, `duration_s` apart."""

    before: Samples
    after: Samples
    duration_s: float

    def grown(self, name: str, **labels: str) -> float:
        """Return by how much a counter grew, summed over its series with these labels."""
        wanted = frozenset(labels.items())
        return sum(
            value - self.before.get(key, 0.0)
            for key, value in self.after.items()
            if key[0] == name and wanted <= key[1]
        )

    def stream(self, name: str) -> StreamFigures:
        return StreamFigures(
            name,
            self.grown("frames_total", stream=name, outcome="processed") / self.duration_s,
            quantile(0.95, list(self._buckets("frame_age_seconds_bucket", stream=name))),
            {cause: round(self.grown("frames_total", stream=name, outcome=cause)) for cause in DROPS},
            round(self.grown("reconnects_total", stream=name)),
        )

    def stage(self, name: str) -> StageFigures:
        count = self.grown("stage_duration_seconds_count", stage=name)
        total_s = self.grown("stage_duration_seconds_sum", stage=name)
        return StageFigures(name, count / self.duration_s, 1000 * total_s / count if count else 0.0)

    def _buckets(self, name: str, **labels: str) -> Iterator[tuple[float, float]]:
        """Yield upper bound and cumulative count of each bucket, in order."""
        wanted = frozenset(labels.items())
        bounds = {dict(key[1])["le"] for key in self.after if key[0] == name and wanted <= key[1]}
        for bound in sorted(bounds, key=float):
            yield float(bound), self.grown(name, le=bound, **labels)


def quantile(share: float, buckets: Sequence[tuple[float, float]]) -> float:
    """Return the quantile of a histogram as Prometheus has it: linear within a bucket, never above the last bound.

    0 where nothing was observed.
    """
    total = buckets[-1][1] if buckets else 0.0
    if not total:
        return 0.0
    rank = share * total
    for (lower, below), (upper, count) in pairwise([(0.0, 0.0), *buckets]):
        if count >= rank:
            return lower if upper == inf else lower + (upper - lower) * (rank - below) / (count - below)
    return buckets[-1][0]
