"""The pictures of a report: bars side by side, and lines, each with the spread of its rounds."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.rounds import Spread

DOTS_PER_INCH = 120
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#999999")
"""Okabe and Ito, 2008: the colour-blind tell them apart."""


def bars(groups: Mapping[str, Mapping[str, Spread]], unit: str, *, is_logarithmic: bool = False) -> bytes:
    """Return a PNG: for each group, a bar for each name that it has."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    figure = Figure(figsize=(max(7.0, 1.6 * len(groups)), 4.5), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    width = 0.85 / len(names)
    for number, name in enumerate(names):
        places = [place for place, group in enumerate(groups.values()) if name in group]
        spreads = [group[name] for group in groups.values() if name in group]
        left = np.array(places) + (number - (len(names) - 1) / 2) * width
        heights = [spread.median for spread in spreads]
        colour = COLOURS[number % len(COLOURS)]
        axes.bar(left, heights, width, yerr=_errors(spreads), label=name, color=colour, capsize=2)
    axes.set_xticks(range(len(groups)), list(groups), fontsize=8)
    if is_logarithmic:
        axes.set_yscale("log")
    return _png(figure, axes, unit)


def lines(curves: Mapping[str, Sequence[tuple[float, Spread]]], across: str, unit: str) -> bytes:
    """Return a PNG: a line for each name through its points (x, spread)."""
    figure = Figure(figsize=(7, 4.5), dpi=DOTS_PER_INCH, layout="constrained")
    axes = figure.subplots()
    for number, (name, points) in enumerate(curves.items()):
        spreads = [spread for _, spread in points]
        heights = [spread.median for spread in spreads]
        colour = COLOURS[number % len(COLOURS)]
        places = [place for place, _ in points]
        axes.errorbar(places, heights, _errors(spreads), label=name, color=colour, marker="o", capsize=3)
    axes.set_xlabel(across)
    axes.set_ylim(bottom=0)
    return _png(figure, axes, unit)


def _errors(spreads: Sequence[Spread]) -> list[list[float]]:
    below = [spread.median - spread.low for spread in spreads]
    return [below, [spread.high - spread.median for spread in spreads]]


def _png(figure: Figure, axes: Axes, unit: str) -> bytes:
    axes.set_ylabel(unit)
    axes.grid(True, axis="y", color="#d0d7de", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(fontsize=8)
    data = io.BytesIO()
    figure.savefig(data, format="png")
    return data.getvalue()
