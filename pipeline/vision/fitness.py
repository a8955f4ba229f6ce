"""Whether a camera's picture is fit for judging masks: light, focus, and how large people's faces come.

Each scale runs from 1, where verdicts are as good as ever, to 0, where half of their worth is gone. The ends of the
first two were set by `python -m benchmarks fitness`: 219 faces darkened or blurred, macro-F1 end to end with the
default detector and the shipped model, each missed face counted as wrong, 0.67 on the pictures as they are.
"""

from collections import deque

import cv2
import numpy as np

from pipeline.types import ColorRange, Frame, UInt8Array
from pipeline.vision.flaws import BLURRED, FACES_TOO_SMALL, TOO_DARK

THUMBNAIL_PX = 320
"""Longer side: enough to see each blur that costs verdicts."""

BRIGHT_PERCENTILE = 90
DARK_LUMA, LIGHT_LUMA = 0.1, 0.4
"""That percentile at 0.39, 0.23, 0.15, 0.12 and 0.08 of white (medians): macro-F1 0.66, 0.55, 0.39, 0.36 and 0.27."""

BLURRED_RATIO, SHARP_RATIO = 0.003, 0.1
"""Gaussian blur of 0, 0.2, 0.3, 0.4, 0.6 and 0.8 % of the longer side: macro-F1 0.66, 0.62, 0.60, 0.50, 0.44 and 0.35.

Median ratios: 0.30, 0.075, 0.032, 0.016, 0.0055 and 0.0027; one undisturbed picture of ten lies below 0.14.
"""

FACES_REMEMBERED = 50
LEAST_FACES = 10
"""From fewer persons a share would be chance."""


def picture_fitness(frame: Frame) -> dict[str, float]:
    """Return the fitness in [0, 1] of the picture's light and focus, by reason."""
    luma = luma_thumbnail(frame)
    return {TOO_DARK: light_fitness(luma, frame.color_range), BLURRED: focus_fitness(luma)}


def luma_thumbnail(frame: Frame) -> UInt8Array:
    """Return the luma of `frame` as (h, w) uint8, its longer side `THUMBNAIL_PX` or what it is where that is less."""
    scale = min(1.0, THUMBNAIL_PX / max(frame.width, frame.height))
    if scale == 1.0:
        return frame.y
    size = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
    return np.asarray(cv2.resize(frame.y, size, interpolation=cv2.INTER_AREA), np.uint8)


def light_fitness(luma: UInt8Array, color_range: ColorRange) -> float:
    """Return the fitness of the light of an (H, W) uint8 luma plane: by its bright parts.

    A dark background is no harm, so the mean would mislead.
    """
    return float(np.interp(bright_share(luma, color_range), (DARK_LUMA, LIGHT_LUMA), (0.0, 1.0)))


def bright_share(luma: UInt8Array, color_range: ColorRange) -> float:
    """Return how bright the brightest tenth of an (H, W) uint8 luma plane is at least, black 0 and white 1."""
    black, white = (16, 235) if color_range is ColorRange.LIMITED else (0, 255)
    return (float(np.percentile(luma, BRIGHT_PERCENTILE)) - black) / (white - black)


def focus_fitness(luma: UInt8Array) -> float:
    """Return the fitness of the focus of an (H, W) uint8 luma plane, linear in the logarithm of its `focus_ratio`."""
    ratio = max(focus_ratio(luma), BLURRED_RATIO)
    return float(np.interp(np.log(ratio), np.log((BLURRED_RATIO, SHARP_RATIO)), (0.0, 1.0)))


def focus_ratio(luma: UInt8Array) -> float:
    """Return how sharp an (H, W) uint8 luma plane is, 0 without an edge.

    Variance of the Laplacian (Pech-Pacheco et al. 2000) over that of the luma, so that light and contrast cancel.
    """
    return float(cv2.Laplacian(luma, cv2.CV_32F).var()) / (float(luma.var()) + 1.0)


class FaceSizeFitness:
    """The share of the last persons whose face came large enough to be judged, at least once."""

    def __init__(self, smallest_px: float) -> None:
        self._smallest_px = smallest_px
        self._large: deque[bool] = deque(maxlen=FACES_REMEMBERED)

    def add(self, best_face_px: float) -> None:
        """Take the largest face, in pixels, of a person who left."""
        self._large.append(best_face_px >= self._smallest_px)

    def fitness(self) -> dict[str, float]:
        """Return the share in [0, 1] by its reason; nothing until `LEAST_FACES` persons have left."""
        if len(self._large) < LEAST_FACES:
            return {}
        return {FACES_TOO_SMALL: sum(self._large) / len(self._large)}
