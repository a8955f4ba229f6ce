"""A face's own coordinates, from the key points that a detector gives."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import SourceError
from pipeline.types import Box, Face, Float32Array

KEY_POINT_COUNT = 6
CURVE_STEPS = 12
"""Points drawn between two corners of an outline."""

NARROWEST_HALF, WIDEST_HALF = 0.75, 1.30
"""Limits of half a face's width in eye distances: a detector's ear points stray on turned heads."""


FOREHEAD, CHIN = -0.9, 1.85
"""Where a face begins and ends, in distances from the eyes to the mouth."""


@dataclass(frozen=True, slots=True)
class FaceAxes:
    """Maps (x, v) to pixels: x is 0 on the midline and -1 and 1 at the ears; v is 0 at the eyes and 1 at the mouth.

    `origin` lies between the eyes; `across` leads from it to a point as far away as the eyes are from one another,
    `down` leads to the mouth. `half_widths` are those of the face left and right in the picture, in eye distances.
    """

    origin: tuple[float, float]
    across: tuple[float, float]
    down: tuple[float, float]
    half_widths: tuple[float, float]

    @classmethod
    def of(cls, face: Face) -> Self:
        """Return the axes of a face with six key points, else raise SourceError."""
        if len(face.key_points) < KEY_POINT_COUNT:
            raise SourceError(f"drawing a mask needs six key points of the face, got {len(face.key_points)}")
        right_eye, left_eye, _, mouth, right_ear, left_ear = np.array(face.key_points[:KEY_POINT_COUNT])
        origin, across = (right_eye + left_eye) / 2, left_eye - right_eye
        if np.linalg.norm(across) < 1 or np.linalg.norm(mouth - origin) < 1:
            raise SourceError(f"the face's key points lie on one another: {face.key_points}")
        reach = [float((ear - origin) @ across / (across @ across)) for ear in (right_ear, left_ear)]
        left, right = np.clip((-reach[0], reach[1]), NARROWEST_HALF, WIDEST_HALF)
        return cls(_pair(origin), _pair(across), _pair(mouth - origin), (float(left), float(right)))

    @property
    def unit_px(self) -> float:
        """The distance from the eyes to the mouth in pixels."""
        return float(np.hypot(*self.down))

    @property
    def box(self) -> Box:
        """The face from forehead to chin and from ear to ear, in pixels."""
        corners = self.to_pixels(np.array([(x, v) for x in (-1, 1) for v in (FOREHEAD, CHIN)], np.float32))
        middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
        width = sum(self.half_widths) * float(np.hypot(*self.across))
        return Box.around(_pair(middle), width, (CHIN - FOREHEAD) * self.unit_px)

    def moved(self, scale: float, offset: tuple[float, float]) -> Self:
        """Return the axes of the same face in a picture scaled by `scale`, then shifted by `offset` pixels."""
        across, down = np.multiply(self.across, scale), np.multiply(self.down, scale)
        return type(self)(_pair(np.multiply(self.origin, scale) + offset), _pair(across), _pair(down), self.half_widths)

    def to_pixels(self, points: Float32Array) -> Float32Array:
        """Return (N, 2) points (x, v) as (N, 2) pixels."""
        x, v = points[:, :1], points[:, 1:]
        reach = np.where(x < 0, x * self.half_widths[0], x * self.half_widths[1])
        origin, across, down = (np.array(pair, np.float32) for pair in (self.origin, self.across, self.down))
        return np.asarray(origin + reach * across + v * down, np.float32)

    def of_pixels(self, shape: tuple[int, ...]) -> tuple[Float32Array, Float32Array]:
        """Return x and v, each (H, W) float32, of every pixel of a picture of `shape`."""
        rows, columns = np.indices(shape[:2], np.float32)
        offset = np.stack((columns - self.origin[0], rows - self.origin[1]))
        basis = np.linalg.inv(np.array((self.across, self.down)).T).astype(np.float32)
        reach, v = np.tensordot(basis, offset, 1)
        x = np.where(reach < 0, reach / self.half_widths[0], reach / self.half_widths[1])
        return x.astype(np.float32), v.astype(np.float32)


def closed_curve(corners: Float32Array) -> Float32Array:
    """Return the closed Catmull-Rom curve through (N, 2) corners as (N * CURVE_STEPS, 2) points."""
    before, after, beyond = np.roll(corners, 1, 0), np.roll(corners, -1, 0), np.roll(corners, -2, 0)
    t = np.linspace(0, 1, CURVE_STEPS, endpoint=False, dtype=np.float32)[None, :, None]
    a, b, c, d = (points[:, None, :] for points in (before, corners, after, beyond))
    curve = b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return np.asarray(curve.reshape(-1, 2), np.float32)


def _pair(vector: NDArray[np.floating[Any]]) -> tuple[float, float]:
    return float(vector[0]), float(vector[1])
