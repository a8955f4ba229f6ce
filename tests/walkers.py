"""Simulated persons who walk, cross and hide, seen by a detector that errs: ground truth for tracking."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.types import Box, Face

Path = Callable[[float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Walker:
    """A person whose face of `size_px` is at `path(t)` from `enter_s` to `leave_s`, unseen while in `hidden_s`."""

    path: Path
    size_px: float
    enter_s: float = 0.0
    leave_s: float = math.inf
    hidden_s: tuple[float, float] = (math.inf, math.inf)

    def is_visible(self, t: float) -> bool:
        return self.enter_s <= t < self.leave_s and not self.hidden_s[0] <= t < self.hidden_s[1]


@dataclass(frozen=True, slots=True)
class Flaws:
    """How a detector errs: rates a face and a frame, noise in face sizes, ranges of scores."""

    miss_rate: float = 0.1
    false_per_frame: float = 0.1
    noise_sizes: float = 0.04
    true_scores: tuple[float, float] = (0.7, 0.95)
    false_scores: tuple[float, float] = (0.5, 0.65)


PERFECT = Flaws(miss_rate=0.0, false_per_frame=0.0, noise_sizes=0.0)
WIDTH_PX, HEIGHT_PX = 1280, 720


def line(start: tuple[float, float], velocity_px_s: tuple[float, float]) -> Path:
    """Return the path of a steady walk."""
    return lambda t: (start[0] + velocity_px_s[0] * t, start[1] + velocity_px_s[1] * t)


def look(
    walkers: Sequence[Walker], times_s: Sequence[float], flaws: Flaws, seed: int = 0
) -> Iterator[tuple[float, list[tuple[Face, int | None]]]]:
    """Yield each time with the faces found then, each with the index of its walker, or None where there is nobody."""
    rng = np.random.default_rng(seed)
    for t in times_s:
        found: list[tuple[Face, int | None]] = []
        for index, walker in enumerate(walkers):
            if walker.is_visible(t) and rng.random() >= flaws.miss_rate:
                found.append((_noisy_face(walker, t, flaws, rng), index))
        for _ in range(rng.poisson(flaws.false_per_frame)):
            box = Box.around((rng.uniform(0, WIDTH_PX), rng.uniform(0, HEIGHT_PX)), 50.0, 50.0)
            found.append((Face(box, rng.uniform(*flaws.false_scores)), None))
        found.sort(key=lambda pair: -pair[0].score)
        yield t, found


def _noisy_face(walker: Walker, t: float, flaws: Flaws, rng: np.random.Generator) -> Face:
    (x, y), size = walker.path(t), walker.size_px
    dx, dy, growth = rng.normal(0, flaws.noise_sizes, 3)
    side = size * math.exp(growth)
    return Face(Box.around((x + dx * size, y + dy * size), side, side), rng.uniform(*flaws.true_scores))


def times(duration_s: float, frames_per_s: float) -> list[float]:
    """Return the times of the frames of a clip at a constant rate."""
    return [index / frames_per_s for index in range(round(duration_s * frames_per_s))]
