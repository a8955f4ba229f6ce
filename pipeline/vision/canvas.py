"""Drawing on the planes of a picture, without converting it."""

from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np

from pipeline.types import Box, ColorMatrix, ColorRange, Frame, UInt8Array
from pipeline.vision.i420 import CHROMA_ZERO, i420_from_rgb

FONT = cv2.FONT_HERSHEY_SIMPLEX
CAPITAL_PX = 21
"""The height of the font's capitals at scale 1."""

DIMMED = 0.15
_SUBPIXEL_BITS = 4

Strokes = tuple[tuple[tuple[float, float], ...], ...]
"""A sign as lines through (x, y) points of the unit square."""


@dataclass(frozen=True, slots=True)
class Ink:
    """A colour as the planes hold it."""

    y: int
    u: int
    v: int


@cache
def ink_of(rgb: tuple[int, int, int], matrix: ColorMatrix, color_range: ColorRange) -> Ink:
    """Return an RGB colour (0-255) as a picture of that matrix and range holds it."""
    planes = i420_from_rgb(np.array([[rgb]], np.uint8), matrix, color_range)
    return Ink(*(int(plane[0, 0]) for plane in (planes.y, planes.u, planes.v)))


@dataclass(frozen=True, slots=True)
class Area:
    """A half-open rectangle of whole pixels, possibly empty."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def covering(cls, box: Box) -> "Area":
        """Return the smallest area of even corners around `box`: chroma then ends where luma does."""
        left, top = (int(np.floor(value / 2)) * 2 for value in (box.x1, box.y1))
        right, bottom = (int(np.ceil(value / 2)) * 2 for value in (box.x2, box.y2))
        return cls(left, top, right, bottom)

    @property
    def height(self) -> int:
        return self.bottom - self.top

    def grown(self, by_px: int) -> "Area":
        return Area(self.left - by_px, self.top - by_px, self.right + by_px, self.bottom + by_px)

    def overlaps(self, other: "Area") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def contains(self, other: "Area") -> bool:
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )


@lru_cache(maxsize=4096)
def text_width(text: str, capital_px: int) -> int:
    """Return the width in pixels of `text` with capitals of that height."""
    (width, _), _ = cv2.getTextSize(text, FONT, capital_px / CAPITAL_PX, _pen_px(capital_px))
    return int(width)


class Canvas:
    """Copies of a frame's planes to draw on; whatever lies outside the picture is cut off."""

    def __init__(self, frame: Frame) -> None:
        self._y, self._u, self._v = (plane.copy() for plane in (frame.y, frame.u, frame.v))
        self._matrix, self._color_range = frame.matrix, frame.color_range
        self._dark = self.ink((0, 0, 0)).y
        self._light = self.ink((255, 255, 255)).y

    @property
    def planes(self) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
        """The y (H, W), u and v (ceil(H/2), ceil(W/2)) planes, uint8."""
        return self._y, self._u, self._v

    @property
    def area(self) -> Area:
        """The whole picture."""
        height, width = self._y.shape
        return Area(0, 0, width, height)

    def ink(self, rgb: tuple[int, int, int]) -> Ink:
        """Return an RGB colour as this picture holds it."""
        return ink_of(rgb, self._matrix, self._color_range)

    def fill(self, area: Area, ink: Ink) -> None:
        """Paint `area`; chroma covers each pair of pixels that the area touches."""
        (rows, columns), (chroma_rows, chroma_columns) = self._slices(area)
        self._y[rows, columns] = ink.y
        self._u[chroma_rows, chroma_columns] = ink.u
        self._v[chroma_rows, chroma_columns] = ink.v

    def outline(self, area: Area, line_px: int, ink: Ink) -> None:
        """Paint the four sides of `area`, inwards."""
        left, top, right, bottom = area.left, area.top, area.right, area.bottom
        self.fill(Area(left, top, right, top + line_px), ink)
        self.fill(Area(left, bottom - line_px, right, bottom), ink)
        self.fill(Area(left, top, left + line_px, bottom), ink)
        self.fill(Area(right - line_px, top, right, bottom), ink)

    def dim(self, area: Area) -> None:
        """Darken `area` and take most of its colour, so that text stands out and the picture still shows."""
        luma, chroma = self._slices(area)
        _towards(self._dark, self._y[luma])
        _towards(CHROMA_ZERO, self._u[chroma])
        _towards(CHROMA_ZERO, self._v[chroma])

    def text(self, text: str, origin: tuple[int, int], capital_px: int) -> None:
        """Write ASCII `text` from `origin` (left, baseline), light and anti-aliased; chroma stays as it is."""
        scale, pen_px = capital_px / CAPITAL_PX, _pen_px(capital_px)
        cv2.putText(self._y, text, origin, FONT, scale, self._light, pen_px, cv2.LINE_AA)

    def sign(self, strokes: Strokes, corner: tuple[int, int], size_px: int) -> None:
        """Draw `strokes` in dark luma, anti-aliased, in the square of `size_px` at `corner` (left, top)."""
        for line in strokes:
            points = (np.array(line) * size_px + corner) * (1 << _SUBPIXEL_BITS)
            whole = [np.rint(points).astype(np.int32)]
            cv2.polylines(self._y, whole, False, self._dark, _pen_px(size_px), cv2.LINE_AA, _SUBPIXEL_BITS)

    def _slices(self, area: Area) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        height, width = self._y.shape
        top, bottom = (min(max(value, 0), height) for value in (area.top, area.bottom))
        left, right = (min(max(value, 0), width) for value in (area.left, area.right))
        if left >= right or top >= bottom:
            nothing = slice(0, 0), slice(0, 0)
            return nothing, nothing
        halves = slice(top // 2, (bottom + 1) // 2), slice(left // 2, (right + 1) // 2)
        return (slice(top, bottom), slice(left, right)), halves


def _pen_px(capital_px: int) -> int:
    return max(1, round(capital_px / 10))


def _towards(value: int, pixels: UInt8Array) -> None:
    """Move `pixels` towards `value`, in place, until `DIMMED` of the difference is left."""
    if pixels.size:
        pixels[:] = cv2.convertScaleAbs(pixels, alpha=DIMMED, beta=value * (1 - DIMMED))
