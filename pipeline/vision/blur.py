"""Makes faces, or whole pictures, unrecognisable for good: what is left of a face are a few mean colours.

Means of large cells are taken first and spread smoothly after: no filter can be undone, since its input is gone. CPU
time at 1080p (2.5 GHz): one head of 150 px 0.15 ms, the copy of the planes included; a whole picture 0.7 ms,
cells of one 3 ms.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import Enum
from math import ceil

import cv2
import numpy as np

from pipeline.types import Box, Frame, UInt8Array
from pipeline.vision.canvas import Area
from pipeline.vision.change import CellMask
from pipeline.vision.i420 import shrunk_plane
from pipeline.vision.overlap import overlap


class Blur(Enum):
    """What is made unrecognisable in each picture that leaves the process."""

    OFF = "off"
    FACES = "faces"
    ALL = "all"


SIDE_MARGIN, HAIR_MARGIN, CHIN_MARGIN = 0.45, 0.5, 0.3
"""What is hidden around a face, in its widths and heights: ears, hair, and the chin under a mask."""

FACE_CELLS = 6
"""Cells along the longer side of what is hidden: less than four across the face itself."""

JOINED_OVERLAP = 0.6
"""Two areas that share so much of the smaller one are hidden as one."""

PICTURE_CELLS = 16
"""Cells along the longer side of a whole picture: a face that fills its height still has no more than nine."""


def pixelated(rgb: UInt8Array, cells: int) -> UInt8Array:
    """Return an (H, W, 3) uint8 picture of which the means of `cells` cells along its longer side are left."""
    if cells < 1:
        raise ValueError(f"a picture has 1 cell or more along its longer side, got {cells}")
    height, width = rgb.shape[:2]
    return _spread(_means(rgb, _grid(width, height, cells)), (width, height))


def blurred_picture(rgb: UInt8Array, faces: Iterable[Box], blur: Blur) -> UInt8Array:
    """Return an (H, W, 3) uint8 picture that may leave the process; `faces` are all that were found on it, in pixels.

    It is a copy, but for `Blur.OFF`.
    """
    if blur is Blur.OFF:
        return rgb
    if blur is Blur.ALL:
        return pixelated(rgb, PICTURE_CELLS)
    copy = rgb.copy()
    for area in _joined(head_box(face) for face in faces):
        _hide(copy, area)
    return copy


def blurred_frame(frame: Frame) -> Frame:
    """Return `frame` with all of it unrecognisable; what moves, and where, is still seen."""
    grid = _grid(frame.width, frame.height, PICTURE_CELLS)
    y, u, v = (
        _spread(shrunk_plane(plane, grid), (plane.shape[1], plane.shape[0])) for plane in (frame.y, frame.u, frame.v)
    )
    return _with_planes(frame, y, u, v)


def hide_boxes(frame: Frame, boxes: Iterable[Box]) -> Frame:
    """Return `frame` with these parts, in its pixels, unrecognisable; the frame itself where none lies in it."""
    picture = Area(0, 0, frame.width, frame.height)
    areas = [area for area in _joined(boxes) if area.overlaps(picture)]
    if not areas:
        return frame
    y, u, v = (plane.copy() for plane in _planes(frame))
    for area in areas:
        _hide(y, area)
        for plane in (u, v):
            _hide(plane, _halved(area))
    return _with_planes(frame, y, u, v)


def hide_cells(frame: Frame, cells: CellMask) -> Frame:
    """Return `frame` with those of its cells as they are on `blurred_frame`; the mask is (rows, columns)."""
    y, u, v = (plane.copy() for plane in _planes(frame))
    blurred = blurred_frame(frame)
    for area in _cell_areas(cells, frame):
        for plane, coarse, part in ((y, blurred.y, area), (u, blurred.u, _halved(area)), (v, blurred.v, _halved(area))):
            place = slice(part.top, part.bottom), slice(part.left, part.right)
            plane[place] = coarse[place]
    return _with_planes(frame, y, u, v)


def _cell_areas(cells: CellMask, frame: Frame) -> Iterator[Area]:
    """Yield the areas of a frame that the runs of cells in each row of a mask take up."""
    rows, columns = cells.shape
    cell_width, cell_height = frame.width / columns, frame.height / rows
    for row in np.flatnonzero(cells.any(axis=1)).tolist():
        # Where a cell is unlike the one before, a run begins, then ends, and so on.
        turns = np.flatnonzero(np.diff(cells[row], prepend=False, append=False))
        for first, end in turns.reshape(-1, 2).tolist():
            box = Box(first * cell_width, row * cell_height, end * cell_width, (row + 1) * cell_height)
            yield Area.covering(box)


def head_box(face: Box, reach_px: float = 0.0) -> Box:
    """Return what is hidden of a person with this face, which may be `reach_px` away from there in any direction."""
    side_px = SIDE_MARGIN * face.width + reach_px
    top = face.y1 - HAIR_MARGIN * face.height - reach_px
    return Box(face.x1 - side_px, top, face.x2 + side_px, face.y2 + CHIN_MARGIN * face.height + reach_px)


def _joined(boxes: Iterable[Box]) -> list[Area]:
    """Return few areas that cover all `boxes`, the largest first."""
    joined: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.area):
        index = next((index for index, one in enumerate(joined) if overlap(one, box) >= JOINED_OVERLAP), None)
        if index is None:
            joined.append(box)
        else:
            joined[index] = _around_both(joined[index], box)
    return [Area.covering(box) for box in joined]


def _around_both(one: Box, other: Box) -> Box:
    return Box(min(one.x1, other.x1), min(one.y1, other.y1), max(one.x2, other.x2), max(one.y2, other.y2))


def _hide(pixels: UInt8Array, area: Area) -> None:
    """Coarsen `area` of `pixels` (H, W) or (H, W, 3), in place; cells are as large where the edge cuts the area.

    They are of whole pixels, and what is left of the last one is not asked: a tenth of the time.
    """
    inside = pixels[max(0, area.top) : max(0, area.bottom), max(0, area.left) : max(0, area.right)]
    if inside.size == 0:
        return
    height, width = inside.shape[:2]
    cell_px = ceil(max(area.right - area.left, area.bottom - area.top) / FACE_CELLS)
    columns, rows = max(1, width // cell_px), max(1, height // cell_px)
    asked = inside[: rows * cell_px, : columns * cell_px]
    inside[:] = _spread(_means(asked, (columns, rows)), (width, height))


def _halved(area: Area) -> Area:
    """Return an area of even corners in the pixels of chroma."""
    return Area(area.left // 2, area.top // 2, area.right // 2, area.bottom // 2)


def _grid(width: int, height: int, cells: int) -> tuple[int, int]:
    """Return the columns and rows of about square cells, `cells` along the longer side."""
    scale = min(1.0, cells / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _means(pixels: UInt8Array, grid: tuple[int, int]) -> UInt8Array:
    return np.asarray(cv2.resize(pixels, grid, interpolation=cv2.INTER_AREA), np.uint8)


def _spread(means: UInt8Array, size: tuple[int, int]) -> UInt8Array:
    return np.asarray(cv2.resize(means, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _planes(frame: Frame) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
    return frame.y, frame.u, frame.v


def _with_planes(frame: Frame, y: UInt8Array, u: UInt8Array, v: UInt8Array) -> Frame:
    for plane in (y, u, v):
        plane.flags.writeable = False
    return replace(frame, y=y, u=u, v=v)
