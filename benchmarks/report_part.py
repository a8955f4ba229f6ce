"""What one part of `maskstream bench` found, ready to be shown: tables, goals, pictures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.rounds import Spread


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of text under a title."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def markdown(self) -> str:
        lines = [self.head, ("---",) * len(self.head), *self.rows]
        return "\n".join([f"**{self.title}**", "", *(f"| {' | '.join(cells)} |" for cells in lines)])


@dataclass(frozen=True, slots=True)
class Goal:
    """A bar that the project has set itself, and what was measured; `is_ceiling` where less is better."""

    name: str
    bar: float
    measured: Spread
    is_ceiling: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the median is within the bar."""
        return self.measured.median <= self.bar if self.is_ceiling else self.measured.median >= self.bar

    def __str__(self) -> str:
        sign = "<=" if self.is_ceiling else ">="
        return f"{'PASS' if self.is_met else 'FAIL'}  {self.name}: {self.measured}, bar {sign} {self.bar:g}"


@dataclass(frozen=True, slots=True)
class Part:
    """`method` and `notes` are Markdown; `plots` are PNGs by file name; `data` is all that was measured, as JSON."""

    name: str
    method: str
    tables: tuple[Table, ...]
    goals: tuple[Goal, ...] = ()
    notes: tuple[str, ...] = ()
    plots: Mapping[str, bytes] = field(default_factory=dict)
    data: Any = None

    @property
    def markdown(self) -> str:
        """Return the part as a section; its plots lie beside the report."""
        blocks = [f"## {self.name}", self.method, *(table.markdown for table in self.tables)]
        blocks += ["\n".join(f"- {goal}" for goal in self.goals), *self.notes]
        blocks += [f"![{name.removesuffix('.png')}]({name})" for name in self.plots]
        return "\n\n".join(block for block in blocks if block)
