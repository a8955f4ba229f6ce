"""The pictures of a report: bars under one another, and lines, each with the spread of its rounds."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import TypeAlias

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.rounds import Spread

DOTS_PER_INCH = 120
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999")
"""Okabe and Ito, 2008: the colour-blind tell them apart."""

GRID = "#d0d7de"

Curve: TypeAlias = Sequence[tuple[float, Spread]]
"""Points: where on the axis, and what was measured there."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Curves by name over one axis `across`, in one `unit`."""

    across: str
    unit: str
    curves: Mapping[str, Curve]


def bars(groups: Mapping[str, Mapping[str, Spread]], unit: str) -> bytes:
    """Return a PNG: under the name of each group a bar for each name in it, on a logarithmic axis."""
    rows = list(_rows(groups))
    names = dict.fromkeys(name for group in groups.values() for name in group)
    colours = dict(zip(names, cycle(COLOURS), strict=False))
    figure = Figure(figsize=(8, 1 + 0.28 * len(rows)), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    for place, (name, spread) in enumerate(rows):
        if spread is not None:
            axes.barh(place, spread.median, xerr=_errors([spread]), color=colours[name], capsize=2)
            axes.annotate(str(spread), (spread.high, place), (4, -3), textcoords="offset points", fontsize=7)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows], fontsize=8)
    for label, (_, spread) in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if spread is None else "normal")
    axes.invert_yaxis()
    axes.set_axisbelow(True)
    axes.set_xscale("log")
    axes.margins(x=0.2)
    axes.set_xlabel(unit)
    axes.grid(True, axis="x", color=GRID, linewidth=0.6)
    return _png(figure)


def _rows(groups: Mapping[str, Mapping[str, Spread]]) -> Iterator[tuple[str, Spread | None]]:
    """Yield a heading without a bar for each group, and then its bars."""
    for title, group in groups.items():
        yield title, None
        yield from group.items()


def panels(rows: Sequence[Sequence[Panel]]) -> bytes:
    """Return a PNG of panels in rows of equal length."""
    figure = Figure(figsize=(4.2 * len(rows[0]), 3 * len(rows)), dpi=DOTS_PER_INCH, layout="constrained")
    grid = figure.subplots(len(rows), len(rows[0]), squeeze=False)
    for drawn, row in zip(grid, rows, strict=True):
        for axes, panel in zip(drawn, row, strict=True):
            _draw(axes, panel)
    return _png(figure)


def _draw(axes: Axes, panel: Panel) -> None:
    for colour, (name, curve) in zip(cycle(COLOURS), panel.curves.items(), strict=False):
        places, spreads = [place for place, _ in curve], [spread for _, spread in curve]
        heights = [spread.median for spread in spreads]
        axes.errorbar(places, heights, _errors(spreads), label=name, color=colour, marker="o", capsize=3)
    axes.set_xticks(sorted({place for curve in panel.curves.values() for place, _ in curve}))
    axes.xaxis.set_major_formatter("{x:.3g}")
    axes.set_ylim(bottom=0)
    axes.grid(True, axis="y", color=GRID, linewidth=0.6)
    axes.set_xlabel(panel.across)
    axes.set_ylabel(panel.unit)
    if len(panel.curves) > 1:
        axes.legend(fontsize=8)


def _errors(spreads: Sequence[Spread]) -> list[list[float]]:
    below = [spread.median - spread.low for spread in spreads]
    return [below, [spread.high - spread.median for spread in spreads]]


def _png(figure: Figure) -> bytes:
    data = io.BytesIO()
    figure.savefig(data, format="png")
    return data.getvalue()
