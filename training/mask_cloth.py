"""What a mask is made of: the cut-out's own cloth, dyed, printed, and tied behind the ears."""

import math

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from training.face_frame import FaceFrame, Floats

KEPT = 0.45
BLACK = 0.17
WHITE = 0.13
"""Shares of masks that keep their colour, are black, are white or grey; the rest take any colour."""

PRINTED = 0.15
"""Share of the dyed masks that have a pattern."""

STRAP_ENDS = ((0.15, -0.1, 0.3), (1.2, 0.4, 0.8))
"""Of the upper and the lower strap: how far below the mask's top it begins, and where at the ear it may end."""


def dye(cloth: Floats, alpha: Floats, rng: Generator) -> Floats:
    """Return (H, W, 3) `cloth` in a drawn colour, its folds kept; `alpha` (H, W) in [0, 1] says where it is."""
    kind = rng.random()
    if kind < KEPT:
        return cloth
    shade = cloth.mean(axis=-1, keepdims=True)
    folds = np.clip(shade / max(float((shade[..., 0] * alpha).sum() / alpha.sum()), 8.0), 0.3, 1.9)
    dyed = folds * _color(kind, rng)
    return np.asarray(dyed + _print(alpha.shape, rng) if rng.random() < PRINTED else dyed)


def tie(picture: Floats, face: FaceFrame, mask: tuple[float, float], color: Floats, rng: Generator) -> Floats:
    """Return (H, W, 3) `picture` with straps from a mask of (top, half width) in face coordinates to the ears."""
    top, half_width = mask
    result = np.ascontiguousarray(np.clip(picture, 0, 255).astype(np.uint8))
    strap = 0.5 * color + 0.5 * rng.uniform(60, 230) if rng.random() < 0.5 else color
    for side in (-1.0, 1.0):
        for below, low, high in STRAP_ENDS:
            ends = face.pixels(
                np.array([0.95 * side * half_width, 1.02 * side]), np.array([top + below, rng.uniform(low, high)])
            )
            first, last = ends.round().astype(int).tolist()
            cv2.line(result, first, last, strap.tolist(), 1, cv2.LINE_AA)
    return result.astype(np.float64)


def _color(kind: float, rng: Generator) -> NDArray[np.float64]:
    if kind < KEPT + BLACK:
        return np.full(3, rng.uniform(12, 60))
    if kind < KEPT + BLACK + WHITE:
        return np.full(3, rng.uniform(150, 240))
    hsv = np.array([[[rng.integers(0, 180), rng.integers(40, 220), rng.integers(60, 235)]]], np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0], np.float64)


def _print(shape: tuple[int, ...], rng: Generator) -> Floats:
    """Return (H, W, 3) stripes or checks to be added to a cloth."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    angle, per_pixel = rng.uniform(0, math.pi), rng.uniform(0.15, 0.9)
    wave = np.sin((columns * math.cos(angle) + rows * math.sin(angle)) * per_pixel)
    if rng.random() < 0.5:
        wave = wave * np.sin((rows * math.cos(angle) - columns * math.sin(angle)) * per_pixel * rng.uniform(0, 2))
    return np.asarray(wave[..., None] * rng.normal(0, 35, 3))
