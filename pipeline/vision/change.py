"""What has changed in a picture since someone last looked at it: cheap enough to ask of every frame."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, inf

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.types import Box, Frame, UInt8Array

GRID = (60, 34)
"""Columns and rows of cells: 32 pixels square at 1080p, where a face that can be judged is larger than one."""

ROW_STEP = 16
"""Every so many rows of luma are read: right after decoding they are in no cache."""

CHANGED_LEVELS = 10.0
"""A cell's mean moves by less when nothing moves in it: noise and coding average out."""

BODY_WIDTHS = 3.6
"""What a person moves besides the face: so many face widths around it, from half a face above it to the floor.

Of photographs that cross the picture side by side (`python -m benchmarks policy`) two of five who were seen late with
5 were seen in time; 3 takes arms and shoulders for news, and costs a tenth more.
"""

BUST_HEIGHTS = 1.0
"""A person's bust ends so many face heights below the face: further down somebody else may come before them."""

PLACE_ASPECT = 1.25
"""Patches longer than so many times their width show several people, or one from head to foot: they are cut."""

NARROWEST_PIECE = 0.25
"""Width of a piece at least, as a share of the frame's shorter side: smaller ones are too many."""

CellMask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class News:
    """What has changed where nobody is known to move.

    Patches in pixels of the frame, largest first: `beside` all persons, and `below` the bust of one, whose body it may
    be. `share` of all cells.
    """

    beside: tuple[Box, ...]
    below: tuple[Box, ...]
    share: float


def luma_cells(frame: Frame) -> UInt8Array:
    """Return the mean luma of each cell of `frame` as (rows, columns) uint8."""
    rows = frame.y[:: max(1, min(ROW_STEP, frame.height // GRID[1]))]
    return np.asarray(cv2.resize(rows, GRID, interpolation=cv2.INTER_AREA), np.uint8)


def changed_cells(before: UInt8Array, now: UInt8Array) -> CellMask:
    """Return which cells differ; light that changes everywhere alike is no change."""
    difference = now.astype(np.int16) - before
    return np.asarray(np.abs(difference - np.median(difference)) > CHANGED_LEVELS, np.bool_)


def news_in(changed: CellMask, frame: Frame, persons: Sequence[Box], least_cells: int) -> News:
    """Return what is new of the `changed` cells of `frame`, in which `persons` have these faces.

    So many cells are the fewest that make a patch.
    """
    beside = changed & ~persons_cells(persons, frame, inf)
    strange = changed & ~persons_cells(persons, frame, BUST_HEIGHTS)
    below = strange & ~beside
    return News(patches(beside, frame, least_cells), patches(below, frame, least_cells), float(strange.mean()))


def persons_cells(boxes: Iterable[Box], frame: Frame, below_heights: float) -> CellMask:
    """Return the cells of `frame` in which persons with these faces, in its pixels, move themselves.

    They reach so many face heights below the face: to the floor, or to where their busts end.
    """
    mask = np.zeros(GRID[::-1], np.bool_)
    cell_px = frame.width / GRID[0], frame.height / GRID[1]
    for box in boxes:
        x, reach_px = box.center[0], BODY_WIDTHS / 2 * box.width
        left, right = (x - reach_px) / cell_px[0], (x + reach_px) / cell_px[0]
        top = (box.y1 - box.height / 2) / cell_px[1]
        bottom = min(GRID[1], (box.y2 + below_heights * box.height) / cell_px[1])
        mask[max(0, int(top)) : max(0, ceil(bottom)), max(0, int(left)) : max(0, ceil(right))] = True
    return mask


def patches(cells: CellMask, frame: Frame, least_cells: int) -> tuple[Box, ...]:
    """Return boxes, in pixels of `frame`, around patches of so many `cells` or more, largest first.

    Cells that touch each other are one patch.
    """
    _, _, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8))
    cell_px = frame.width / GRID[0], frame.height / GRID[1]
    large = sorted((patch for patch in stats[1:].tolist() if patch[-1] >= least_cells), key=lambda patch: -patch[-1])
    return tuple(
        Box(left * cell_px[0], top * cell_px[1], (left + width) * cell_px[0], (top + height) * cell_px[1])
        for left, top, width, height, _ in large
    )


def places(boxes: Iterable[Box], frame: Frame) -> tuple[Box, ...]:
    """Return `boxes` of what moves in `frame`, cut into pieces so small that a face in one is large."""
    least_px = NARROWEST_PIECE * min(frame.width, frame.height)
    return tuple(piece for box in boxes for piece in _pieces(box, least_px))


def _pieces(box: Box, least_px: float) -> Iterator[Box]:
    """Yield `box` in pieces that are hardly longer than wide, but not narrower than `least_px`."""
    width_px = max(min(box.width, box.height), least_px)
    columns = max(1, ceil(box.width / (PLACE_ASPECT * width_px)))
    rows = max(1, ceil(box.height / (PLACE_ASPECT * width_px)))
    for row, column in product(range(rows), range(columns)):
        x1, y1 = box.x1 + column * box.width / columns, box.y1 + row * box.height / rows
        yield Box(x1, y1, x1 + box.width / columns, y1 + box.height / rows)
