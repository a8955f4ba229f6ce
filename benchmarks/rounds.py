"""Rounds of contenders in turn, so that whatever else the machine does meets them all alike."""

import statistics
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.timed_run import TimedRun

Contender: TypeAlias = Callable[[], TimedRun]


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        ordered = sorted(values)
        return cls(statistics.median(ordered), ordered[0], ordered[-1])

    def __str__(self) -> str:
        return f"{_short(self.median)} ({_short(self.low)}-{_short(self.high)})"


@dataclass(frozen=True, slots=True)
class Rounds:
    """The runs of one contender, a round each."""

    runs: tuple[TimedRun, ...]

    @property
    def frames_per_s(self) -> Spread:
        return Spread.of(run.frames_per_s for run in self.runs)

    @property
    def cpu_ms_per_frame(self) -> Spread:
        return Spread.of(run.cpu_ms_per_frame for run in self.runs)

    @property
    def peak_mb(self) -> Spread:
        return Spread.of(run.peak_mb for run in self.runs)

    def speed_against(self, other: "Rounds") -> Spread:
        """Return the ratio of the frames a second, round by round."""
        pairs = self._pairs(other)
        return Spread.of(mine.frames_per_s / theirs.frames_per_s for mine, theirs in pairs)

    def thrift_against(self, other: "Rounds") -> Spread:
        """Return the ratio of the frames that a second of CPU time does, round by round."""
        pairs = self._pairs(other)
        return Spread.of(theirs.cpu_ms_per_frame / mine.cpu_ms_per_frame for mine, theirs in pairs)

    def _pairs(self, other: "Rounds") -> Iterator[tuple[TimedRun, TimedRun]]:
        """Yield the runs of the rounds that both have."""
        return zip(self.runs, other.runs, strict=False)


def interleaved(
    contenders: Mapping[str, Contender], rounds: int, once: Collection[str] = frozenset()
) -> dict[str, Rounds]:
    """Run each contender once a round, one at a time, and those of `once` in the first alone."""
    runs: dict[str, list[TimedRun]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, run in contenders.items():
            if number == 0 or name not in once:
                runs[name].append(run())
    return {name: Rounds(tuple(done)) for name, done in runs.items()}


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
