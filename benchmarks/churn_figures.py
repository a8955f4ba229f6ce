"""What was counted at the rests of a run, and whether it grew."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from benchmarks.process_usage import Usage

MEMORY_BAR = 0.05
HEAD = ("| held | first third | last third | growth | bar | |", "| --- | --- | --- | --- | --- | --- |")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the service held after so many cycles and reconnects. The parent's usage is the first."""

    elapsed_s: float
    cycles: int
    reconnects: int
    series: int
    usages: tuple[Usage, ...]

    def __str__(self) -> str:
        held = "; ".join(
            f"{usage.threads} threads, {usage.descriptors} descriptors, {usage.memory_mb:.1f} MB"
            for usage in self.usages
        )
        return f"{self.cycles} cycles, {self.reconnects} reconnects, {self.series} series; {held}"


@dataclass(frozen=True, slots=True)
class Figure:
    """Medians of the first and the last third of the samples; `bar` is the growth let pass."""

    name: str
    first: float
    last: float
    bar: float

    @property
    def growth(self) -> float:
        """As a share of the first third."""
        return self.last / self.first - 1

    @property
    def passes(self) -> bool:
        return self.growth <= self.bar

    @property
    def row(self) -> str:
        """A row of the Markdown table that `HEAD` begins."""
        verdict = "PASS" if self.passes else "FAIL"
        return f"| {self.name} | {self.first:.4g} | {self.last:.4g} | {self.growth:+.1%} | {self.bar:.0%} | {verdict} |"

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"growth": self.growth, "passes": self.passes}


def figures(samples: Sequence[Sample]) -> list[Figure]:
    """Compare the first third of the samples, taken after the warm-up, with the last one."""
    found = [_figure(samples, "series", lambda sample: sample.series)]
    for index, process in enumerate(process_names(samples)):
        found += [
            _figure(samples, f"{process}: threads", _of_process(index, lambda usage: usage.threads)),
            _figure(samples, f"{process}: descriptors", _of_process(index, lambda usage: usage.descriptors)),
            _figure(samples, f"{process}: memory, MB", _of_process(index, lambda usage: usage.memory_mb), MEMORY_BAR),
        ]
    return found


def process_names(samples: Sequence[Sample]) -> list[str]:
    """Return what the usages of samples are of, in their order."""
    return ["parent", *(f"worker {number}" for number in range(1, len(samples[0].usages)))]


def _figure(samples: Sequence[Sample], name: str, value: Callable[[Sample], float], bar: float = 0.0) -> Figure:
    third = max(1, len(samples) // 3)
    first, last = (median(map(value, part)) for part in (samples[:third], samples[-third:]))
    return Figure(name, first, last, bar)


def _of_process(index: int, value: Callable[[Usage], float]) -> Callable[[Sample], float]:
    return lambda sample: value(sample.usages[index])
