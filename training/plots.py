"""Pictures of what evaluating found, as PNG, in colours that the colour-blind tell apart (Okabe and Ito, 2008)."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from pipeline.statistics import wilson_interval
from pipeline.types import UInt8Array
from training.figures import Evaluation, Mistake
from training.tables import percent

DOTS_PER_INCH = 160
SHEET_COLUMNS = 6
PERCENT = PercentFormatter(1.0, decimals=0, symbol=" %")


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours of a picture: the paper, writing, lines in the background, and two that stand out."""

    paper: str
    ink: str
    faint: str
    first: str
    second: str


LIGHT = Theme(paper="#ffffff", ink="#1b1f24", faint="#d0d7de", first="#0072b2", second="#d55e00")
DARK = Theme(paper="#161b22", ink="#e6edf3", faint="#3d444d", first="#56b4e9", second="#e69f00")


def confusion_plot(found: Evaluation, theme: Theme) -> bytes:
    """Return the confusion matrix: a row for each true class, shaded by the share of the row."""
    names = [name for name in found["classes"] if name in found["per_class"]]
    places = [found["classes"].index(name) for name in names]
    counts = np.array(found["confusion"])[np.ix_(places, places)]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = _figure((5.2, 4.4), theme)
    axes = _axes(figure, theme)
    shades = LinearSegmentedColormap.from_list("shades", [theme.paper, theme.first])
    axes.imshow(shares, cmap=shades, vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        ink = theme.paper if shares[row, column] > 0.5 else theme.ink
        axes.text(column, row, f"{count:,}\n{percent(shares[row, column], 1)}", ha="center", va="center", color=ink)
    axes.set_xticks(range(len(names)), names)
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted class", ylabel="true class")
    axes.grid(False)
    return _png(figure)


def reliability_plot(found: Evaluation, theme: Theme) -> bytes:
    """Return accuracy against confidence, and the gap of each bin of equal mass, with Wilson intervals."""
    bins = found["reliability"]
    confidence, accuracy = (np.array([part[key] for part in bins]) for key in ("confidence", "accuracy"))
    ends = np.array([wilson_interval(round(part["accuracy"] * part["faces"]), part["faces"]) for part in bins]).T
    figure = _figure((9.0, 4.2), theme)
    left, right = (_axes(figure, theme, place) for place in (121, 122))
    lowest = float(np.floor(min(confidence.min(), accuracy.min(), ends.min()) * 10) / 10)
    left.plot([lowest, 1], [lowest, 1], color=theme.ink, linewidth=1, linestyle="--", label="as sure as right")
    whiskers: dict[str, Any] = {"fmt": "o", "color": theme.first, "markersize": 5, "capsize": 2, "linewidth": 1.2}
    left.errorbar(confidence, accuracy, _lengths(ends, accuracy), label="bin, 95 % interval", **whiskers)
    left.set(xlabel="mean confidence of the bin", ylabel="share that is right")
    left.set_aspect("equal")
    left.xaxis.set_major_formatter(PERCENT)
    left.locator_params(nbins=6)
    _legend(left, theme)
    gaps = accuracy - confidence
    right.axhline(0, color=theme.ink, linewidth=1)
    right.errorbar(np.arange(1, len(bins) + 1), gaps, _lengths(ends, accuracy), **whiskers)
    right.set(xlabel="bin, from the least sure to the surest", ylabel="accuracy - confidence")
    right.set_title(f"expected calibration error {found['ece']:.4f}", color=theme.ink, fontsize=10)
    for axes in (left, right):
        axes.yaxis.set_major_formatter(PERCENT)
    return _png(figure)


def risk_coverage_plot(found: Evaluation, theme: Theme) -> bytes:
    """Return the error among the answered against the share answered, with the thresholds that matter marked."""
    selective = found["risk_coverage"]
    figure = _figure((6.4, 4.2), theme)
    axes = _axes(figure, theme)
    coverages, risks = (np.array([point[key] for point in selective["curve"]]) for key in ("coverage", "risk"))
    axes.plot(coverages, risks, color=theme.first, linewidth=2)
    axes.fill_between(coverages, risks, color=theme.first, alpha=0.15, linewidth=0)
    axes.axhline(selective["allowed_risk"], color=theme.second, linewidth=1, linestyle="--")
    axes.annotate(
        f"allowed: {percent(selective['allowed_risk'], 0)}", (0.01, selective["allowed_risk"]), (0, 3),
        textcoords="offset points", color=theme.second, fontsize=9,
    )  # fmt: skip
    unknown = found["unknown"]
    if unknown is not None:
        label = f"the model's threshold {unknown['confidence']:.2f}: {percent(unknown['coverage'], 1)} answered"
        axes.plot(unknown["coverage"], unknown["risk"], "D", color=theme.ink, markersize=6, label=label)
        _legend(axes, theme)
    axes.set(xlabel="share answered", ylabel="share of wrong answers", xlim=(0, 1.01))
    axes.set_ylim(0, 1.35 * max(float(risks.max()), selective["allowed_risk"]))
    axes.set_title(f"area under the curve {selective['aurc']:.4f}", color=theme.ink, fontsize=10)
    axes.xaxis.set_major_formatter(PERCENT)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=1, symbol=" %"))
    return _png(figure)


def mistakes_sheet(mistakes: Sequence[Mistake], crops: UInt8Array, theme: Theme) -> bytes:
    """Return a sheet of (N, S, S, 3) uint8 crops as the network saw them, each with its true and predicted class."""
    rows = max(1, -(-len(mistakes) // SHEET_COLUMNS))
    figure = _figure((SHEET_COLUMNS * 1.5, rows * 2.0), theme)
    for place, (mistake, crop) in enumerate(zip(mistakes, crops, strict=True), start=1):
        axes = figure.add_subplot(rows, SHEET_COLUMNS, place)
        axes.imshow(crop, interpolation="nearest")
        axes.set_axis_off()
        text = f"{mistake['true']}\ncalled {mistake['predicted']}\n{percent(mistake['confidence'], 1)} sure"
        axes.set_title(text, color=theme.ink, fontsize=8)
    if not len(mistakes):
        figure.text(0.5, 0.5, "no mistake", color=theme.ink, ha="center")
    return _png(figure)


def _figure(size_in: tuple[float, float], theme: Theme) -> Figure:
    return Figure(figsize=size_in, dpi=DOTS_PER_INCH, layout="constrained", facecolor=theme.paper)


def _axes(figure: Figure, theme: Theme, place: int = 111) -> Axes:
    axes = figure.add_subplot(place, facecolor=theme.paper)
    axes.tick_params(colors=theme.ink, labelsize=9)
    axes.xaxis.label.set_color(theme.ink)
    axes.yaxis.label.set_color(theme.ink)
    axes.grid(True, color=theme.faint, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color(theme.faint)
    return axes


def _legend(axes: Axes, theme: Theme) -> None:
    axes.legend(loc="upper left", fontsize=8.5, facecolor=theme.paper, edgecolor=theme.faint, labelcolor=theme.ink)


def _lengths(ends: Any, middle: Any) -> Any:
    """Return the (2, N) lengths of whiskers below and above (N,) values, for (2, N) ends."""
    return np.abs(ends - middle)


def _png(figure: Figure) -> bytes:
    data = io.BytesIO()
    figure.savefig(data, format="png", facecolor=figure.get_facecolor())
    return data.getvalue()
