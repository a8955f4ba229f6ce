"""Looking at a frame in overlapping tiles, so that distant faces stay large enough, and merging what was found."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pipeline.types import Box, Face
from pipeline.vision.overlap import iou, overlap

TILE_OVERLAP = 0.2
"""Share of a tile's side that it has in common with its neighbour; larger faces are found in the whole frame."""

SAME_FACE_IOU = 0.35
SAME_FACE_COVER = 0.6
"""Two boxes show one face from this intersection over union on, or where this share of the smaller is covered."""

CUT_MARGIN = 0.02
"""A box that comes this near to an inner border of its tile, as a share of the tile's side, may be cut by it."""

CUT_COVER = 0.2
"""A box that may be cut shows the face of another box from this cover on: half a face is drawn off its place."""

DISTANT_TILE_PX = 640
"""Longer side of a tile in which a detector that looks at 192 px finds faces of 30 px."""

WASTEFUL_ASPECT = 1.4
"""A detector's square is filled to less than 70 % by a frame whose sides differ by more than this factor."""


class Region(NamedTuple):
    """A rectangle of whole pixels inside a frame."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A face in pixels of the frame, and whether the border of its tile may have cut it."""

    face: Face
    is_cut: bool = False


def automatic_tiles(width: int, height: int) -> tuple[int, int]:
    """Return the columns and rows that make tiles of a frame nearly square, so that no detector looks at borders."""
    if width > WASTEFUL_ASPECT * height:
        return 2, 1
    return (1, 2) if height > WASTEFUL_ASPECT * width else (1, 1)


def distant_tiles(width: int, height: int) -> tuple[int, int]:
    """Return the columns and rows of tiles that show distant faces; (1, 1) where `automatic_tiles` are as small."""
    columns, rows = math.ceil(width / DISTANT_TILE_PX), math.ceil(height / DISTANT_TILE_PX)
    usual_columns, usual_rows = automatic_tiles(width, height)
    return (columns, rows) if columns > usual_columns or rows > usual_rows else (1, 1)


def tile_regions(width: int, height: int, columns: int, rows: int, overlap: float = TILE_OVERLAP) -> tuple[Region, ...]:
    """Return `columns` x `rows` overlapping tiles of equal size, to a pixel, that cover a frame, row by row."""
    if columns < 1 or rows < 1 or not 0 <= overlap < 1:
        raise ValueError(f"tiles need columns, rows >= 1 and an overlap in [0, 1), got {columns}x{rows}, {overlap}")
    return tuple(
        Region(left, top, tile_width, tile_height)
        for top, tile_height in _spans(height, rows, overlap)
        for left, tile_width in _spans(width, columns, overlap)
    )


def _spans(length: int, count: int, overlap: float) -> list[tuple[int, int]]:
    """Return the (start, length) of `count` spans over `length` pixels."""
    side = length / (count - (count - 1) * overlap)
    starts = [index * side * (1 - overlap) for index in range(count)]
    ends = [min(length, math.ceil(start + side)) for start in starts[:-1]] + [length]
    firsts = [min(math.floor(start), length - 1) for start in starts]
    return [(first, end - first) for first, end in zip(firsts, ends, strict=True)]


def place(faces: Iterable[Face], region: Region, scale: tuple[float, float]) -> list[Face]:
    """Return `faces` of a picture of `region` in pixels of the frame; `scale` is frame pixels per picture pixel."""
    return [_moved(face, region, scale) for face in faces]


def _moved(face: Face, region: Region, scale: tuple[float, float]) -> Face:
    def point(x: float, y: float) -> tuple[float, float]:
        return region.left + x * scale[0], region.top + y * scale[1]

    box = Box(*point(face.box.x1, face.box.y1), *point(face.box.x2, face.box.y2))
    return replace(face, box=box, key_points=tuple(point(x, y) for x, y in face.key_points))


def is_cut(box: Box, region: Region, frame_width: int, frame_height: int) -> bool:
    """Say whether `box`, found in `region`, may go on beyond a border of it that is no border of the frame."""
    margin_x, margin_y = CUT_MARGIN * region.width, CUT_MARGIN * region.height
    right, bottom = region.left + region.width, region.top + region.height
    return (
        (region.left > 0 and box.x1 < region.left + margin_x)
        or (region.top > 0 and box.y1 < region.top + margin_y)
        or (right < frame_width and box.x2 > right - margin_x)
        or (bottom < frame_height and box.y2 > bottom - margin_y)
    )


def square_region(center: tuple[float, float], side: float, frame_width: int, frame_height: int) -> Region:
    """Return the part inside the frame of the square of `side` pixels around a `center` that lies inside it."""
    left, right = (round(min(max(center[0] + half, 0), frame_width)) for half in (-side / 2, side / 2))
    top, bottom = (round(min(max(center[1] + half, 0), frame_height)) for half in (-side / 2, side / 2))
    left, top = min(left, frame_width - 1), min(top, frame_height - 1)
    return Region(left, top, max(1, right - left), max(1, bottom - top))


def merge(sightings: Sequence[Sighting]) -> tuple[Face, ...]:
    """Return each face once, best score first: of several sightings an uncut one wins, then the better score.

    Greedy suppression by overlap with the faces already kept.
    """
    kept: list[Face] = []
    for sighting in sorted(sightings, key=lambda sighting: (sighting.is_cut, -sighting.face.score)):
        cover = CUT_COVER if sighting.is_cut else SAME_FACE_COVER
        if not any(shows_same_face(sighting.face.box, other.box, cover) for other in kept):
            kept.append(sighting.face)
    return tuple(sorted(kept, key=lambda face: -face.score))


def shows_same_face(one: Box, other: Box, cover: float = SAME_FACE_COVER) -> bool:
    """Say whether two boxes overlap so much, or cover that share of the smaller, that they show one face."""
    return overlap(one, other) >= cover or iou(one, other) >= SAME_FACE_IOU
