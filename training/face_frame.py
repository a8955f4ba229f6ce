"""Coordinates on a face, laid through its key points: the same place on two faces has the same coordinates."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pipeline.types import Float32Array, UInt8Array

Floats = NDArray[np.floating]

MIN_EYE_DISTANCE_PX = 6.0
MOUTH_PER_EYE_DISTANCE = (0.45, 2.2)
"""Eyes to mouth against eye to eye: outside of it the head is turned too far, or the points are wrong."""

NARROWEST_SIDE = 0.35
"""A side that the head has turned away keeps this much of the larger of the two distances."""

SKIN_POINTS = ((-0.3, 0.25), (0.3, 0.25), (0.0, -0.35))
"""Cheeks and forehead: skin on a masked face too."""


@dataclass(frozen=True, slots=True, eq=False)
class FaceFrame:
    """x is -1 at the person's right ear, 0 between the eyes, 1 at the left ear; y is 0 at the eyes, 1 at the mouth.

    `origin_px` (2,) lies between the eyes, `across` (2,) is the unit vector from the right eye to the left one,
    `down_px` (2,) leads from the eyes to the mouth.
    """

    origin_px: Floats
    across: Floats
    down_px: Floats
    right_px: float
    left_px: float

    @classmethod
    def of(cls, key_points: Float32Array | None) -> Self | None:
        """Return the frame of (6, 2) key points: eyes, nose, mouth, ears, right before left.

        None where there are none, or where they lie so oddly that the head is turned away or the points are wrong.
        """
        if key_points is None:
            return None
        right_eye, left_eye, _, mouth, right_ear, left_ear = key_points.astype(np.float64)
        origin = (right_eye + left_eye) / 2
        distance, down = float(np.linalg.norm(left_eye - right_eye)), mouth - origin
        length = float(np.linalg.norm(down))
        if min(distance, length) < MIN_EYE_DISTANCE_PX:
            return None
        low, high = MOUTH_PER_EYE_DISTANCE
        across = (left_eye - right_eye) / distance
        upright = float(down @ np.array([-across[1], across[0]])) > 0.6 * length
        if not upright or not low < length / distance < high:
            return None
        least = NARROWEST_SIDE * max(distance, length)
        sides = (max(float((origin - right_ear) @ across), least), max(float((left_ear - origin) @ across), least))
        return cls(origin, across, down, *sides)

    @property
    def length_px(self) -> float:
        """From the eyes to the mouth."""
        return float(np.linalg.norm(self.down_px))

    @property
    def turn(self) -> float:
        """How far the head is turned: 0 is towards the camera, negative shows more of the right side."""
        return (self.left_px - self.right_px) / (self.left_px + self.right_px)

    def grid(self, height: int, width: int) -> tuple[Floats, Floats]:
        """Return x and y, (height, width) each, of every pixel of a picture."""
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
        offsets = np.stack([columns, rows], axis=-1) - self.origin_px
        basis = np.column_stack([self.across, self.down_px])
        along, y = np.moveaxis(offsets @ np.linalg.inv(basis).T, -1, 0)
        return along / np.where(along < 0, self.right_px, self.left_px), y

    def pixels(self, x: Floats, y: Floats) -> Float32Array:
        """Return the picture's pixels (..., 2), column before row, at face coordinates `x` and `y` of one shape."""
        along = x * np.where(x < 0, self.right_px, self.left_px)
        return np.asarray(self.origin_px + along[..., None] * self.across + y[..., None] * self.down_px, np.float32)

    def skin_brightness(self, picture: UInt8Array) -> float:
        """Return the median brightness, 0 to 255, of cheeks and forehead in an (H, W, 3) picture."""
        x, y = np.array(SKIN_POINTS).T
        places = self.pixels(x, y).astype(int).clip(1, (picture.shape[1] - 2, picture.shape[0] - 2))
        return float(np.median([picture[row - 1 : row + 2, column - 1 : column + 2].mean() for column, row in places]))
