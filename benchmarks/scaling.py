"""`scaling`: what the product costs by faces in the picture, by resolution and by streams, and how its memory grows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks.crowd import CROSSING_S, Crowd
from benchmarks.crowd_clip import Shelf
from benchmarks.plots import Panel, panels
from benchmarks.report_part import Goal, Part, Table
from benchmarks.rounds import Rounds, Spread, interleaved
from benchmarks.timed_run import run_module

FACES, MEGAPIXELS, STREAMS, MINUTES = "faces", "megapixels", "streams", "minutes"
MOST_MB_PER_STREAM = 40.0
MOST_GROWTH = 1.05
"""Of the peak memory over a long video, against a short one; the allocator's moods are within it."""

METHOD = """`maskstream process --no-video` with its defaults on rendered clips, in a process of its own each time, \
rounds interleaved: medians (lowest-highest). Streams are clips processed side by side; memory is the peak of the \
process, the added memory that between the fewest and the most streams. Long videos run once, and in the \
quick rounds all but the streams."""


@dataclass(frozen=True, slots=True)
class Point:
    """So many clips side by side, each `crossings` long."""

    crowd: Crowd
    streams: int = 1
    crossings: int = 1

    @property
    def name(self) -> str:
        faces = f"{self.crowd.faces} face{'' if self.crowd.faces == 1 else 's'}"
        return f"{self.streams} x {self.crowd.height}p, {faces}, {self.crossings * CROSSING_S:g} s"


@dataclass(frozen=True, slots=True)
class Axis:
    """What is varied, and its points with their place on the axis."""

    name: str
    points: tuple[tuple[float, Point], ...]


@dataclass(frozen=True, slots=True)
class Effort:
    """Rounds, and how long clips are; `long_crossings` is the length of the long video, 0 for none.

    The rounds after the first are of the `repeated` axes alone.
    """

    rounds: int
    crossings: int
    streams: tuple[int, ...]
    long_crossings: int = 0
    repeated: tuple[str, ...] = (FACES, MEGAPIXELS, STREAMS)

    def axes(self) -> list[Axis]:
        """Return what is varied."""
        faces = ((float(count), Point(Crowd(1280, 720, count), crossings=self.crossings)) for count in (0, 1, 4, 16))
        sizes = ((640, 360), (1280, 720), (1920, 1080))
        areas = ((w * h / 1e6, Point(Crowd(w, h, 1), crossings=self.crossings)) for w, h in sizes)
        streams = ((float(count), Point(Crowd(1280, 720, 1), count, self.crossings)) for count in self.streams)
        axes = [Axis(FACES, tuple(faces)), Axis(MEGAPIXELS, tuple(areas)), Axis(STREAMS, tuple(streams))]
        return [*axes, *self._lengths()]

    def _lengths(self) -> Iterator[Axis]:
        """Yield the lengths of a small video, in minutes, of which the last may be two hours."""
        if self.long_crossings:
            lengths = (self.long_crossings // 20, self.long_crossings)
            points = ((each * CROSSING_S / 60, Point(Crowd(640, 360, 1), crossings=each)) for each in lengths)
            yield Axis(MINUTES, tuple(points))


QUICK, FULL = Effort(2, 1, (1, 4), repeated=(STREAMS,)), Effort(5, 6, (1, 2, 4, 8), long_crossings=1800)


def run(shelf: Shelf, effort: Effort) -> Part:
    """Measure all points; those of several axes once."""
    axes = effort.axes()
    points = list(dict.fromkeys(point for axis in axes for _, point in axis.points))
    clips = _clips(shelf, points)
    runs = {
        point.name: partial(run_module, "benchmarks.our_pipeline", [str(clips[point])] * point.streams)
        for point in points
    }
    again = {point.name for axis in axes if axis.name in effort.repeated for _, point in axis.points}
    return part(axes, interleaved(runs, effort.rounds, runs.keys() - again))


def _clips(shelf: Shelf, points: Sequence[Point]) -> dict[Point, Path]:
    """Return the clip of each point; those of one length are drawn side by side."""
    clips: dict[Point, Path] = {}
    for crossings in {point.crossings for point in points}:
        alike = [point for point in points if point.crossings == crossings]
        crowds = list(dict.fromkeys(point.crowd for point in alike))
        drawn = dict(zip(crowds, shelf.clips(crowds, crossings), strict=True))
        clips |= {point: drawn[point.crowd] for point in alike}
    return clips


def part(axes: Sequence[Axis], measured: Mapping[str, Rounds]) -> Part:
    """Return what was measured, by the name of the point, as a part of the report."""
    head = ("streams and clip", "frames a second", "CPU ms a frame", "peak memory MB")
    costs = [_panel(axis, measured, "CPU ms a frame", lambda rounds: rounds.cpu_ms_per_frame) for axis in axes]
    memory = [_panel(axis, measured, "peak memory, MB", lambda rounds: rounds.peak_mb) for axis in axes]
    return Part(
        "scaling",
        METHOD,
        tuple(_table(axis, head, measured) for axis in axes),
        tuple(_goals(axes, measured)),
        tuple(_growth(axes, measured)),
        plots={"scaling.png": panels([costs, memory])},
        data={name: asdict(rounds) for name, rounds in measured.items()},
    )


def _table(axis: Axis, head: tuple[str, ...], measured: Mapping[str, Rounds]) -> Table:
    found = [(point.name, measured[point.name]) for _, point in axis.points]
    rows = ((name, str(each.frames_per_s), str(each.cpu_ms_per_frame), str(each.peak_mb)) for name, each in found)
    return Table(f"By {axis.name}", head, tuple(rows))


def _panel(axis: Axis, measured: Mapping[str, Rounds], unit: str, value: Callable[[Rounds], Spread]) -> Panel:
    return Panel(axis.name, unit, {unit: [(place, value(measured[point.name])) for place, point in axis.points]})


def _goals(axes: Sequence[Axis], measured: Mapping[str, Rounds]) -> Iterator[Goal]:
    for axis in axes:
        (low, first), (high, last) = axis.points[0], axis.points[-1]
        fewest, most = measured[first.name], measured[last.name]
        if axis.name == STREAMS:
            pairs = zip(fewest.runs, most.runs, strict=True)
            added = Spread.of((after.peak_mb - before.peak_mb) / (high - low) for before, after in pairs)
            yield Goal("MB for each added stream of 720p", MOST_MB_PER_STREAM, added, is_ceiling=True)
        if axis.name == MINUTES:
            pairs = zip(fewest.runs, most.runs, strict=True)
            growth = Spread.of(after.peak_mb / before.peak_mb for before, after in pairs)
            yield Goal(f"peak memory over {high:g} minutes, of that over {low:g}", MOST_GROWTH, growth, is_ceiling=True)


def _growth(axes: Sequence[Axis], measured: Mapping[str, Rounds]) -> Iterator[str]:
    """Yield how fast memory grew over the longest video."""
    for axis in axes:
        minutes, point = axis.points[-1]
        for run in measured[point.name].runs:
            if axis.name == MINUTES and run.mb_per_hour is not None:
                slope, error = run.mb_per_hour
                yield f"""Memory over {minutes:g} minutes of video, done in {run.wall_s / 60:.0f}: {slope:+.1f} MB an \
hour of running, standard error {error:.1f}."""
