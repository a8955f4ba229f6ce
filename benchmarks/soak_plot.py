"""A picture of what a service held over time."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.churn_figures import Sample, process_names
from benchmarks.process_usage import Usage

DOTS_PER_INCH = 120
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Okabe and Ito, 2008: the colour-blind tell them apart."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What is drawn of each sample, in the panel of that name."""

    panel: str
    label: str
    value: Callable[[Sample], float]


def plot(watched: Sequence[Sample], rests: Sequence[Sample], faults: Sequence[tuple[float, float]]) -> bytes:
    """Return a PNG: lines for `watched`, dots for `rests`, grey for the `faults` (begun, ended; in seconds)."""
    lines = list(_lines(process_names(rests)))
    names = list(dict.fromkeys(line.panel for line in lines))
    figure = Figure(figsize=(9, 10), dpi=DOTS_PER_INCH, layout="constrained")
    panels = figure.subplots(len(names), 1, sharex=True)
    for name, axes in zip(names, panels, strict=True):
        shown = [line for line in lines if line.panel == name]
        for colour, line in zip(COLOURS * len(shown), shown, strict=False):
            _draw(axes, line, watched, colour=colour, linewidth=0.8, label=line.label)
            _draw(axes, line, rests, colour=colour, marker="o", linestyle="none", markersize=4)
        _finish(axes, name, faults)
    panels[-1].set_xlabel("minutes; dots: at rest, grey: a camera fails")
    data = io.BytesIO()
    figure.savefig(data, format="png")
    return data.getvalue()


def _lines(processes: Sequence[str]) -> Iterator[_Line]:
    for index, process in enumerate(processes):
        yield _Line("memory, MB", process, _of_process(index, lambda usage: usage.memory_mb))
        yield _Line("threads", process, _of_process(index, lambda usage: usage.threads))
        yield _Line("descriptors", process, _of_process(index, lambda usage: usage.descriptors))
    yield _Line("series", "all", lambda sample: sample.series)


def _of_process(index: int, value: Callable[[Usage], float]) -> Callable[[Sample], float]:
    return lambda sample: value(sample.usages[index])


def _draw(axes: Axes, line: _Line, samples: Sequence[Sample], *, colour: str, **style: Any) -> None:
    minutes = [sample.elapsed_s / 60 for sample in samples]
    axes.plot(minutes, [line.value(sample) for sample in samples], color=colour, **style)


def _finish(axes: Axes, name: str, faults: Sequence[tuple[float, float]]) -> None:
    for begun_s, ended_s in faults:
        axes.axvspan(begun_s / 60, ended_s / 60, color="#000000", alpha=0.06, linewidth=0)
    axes.set_ylabel(name)
    axes.set_ylim(bottom=0)
    axes.grid(True, color="#d0d7de", linewidth=0.6)
    axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=8)
