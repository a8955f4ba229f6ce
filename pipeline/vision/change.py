"""What has changed in a picture since someone last looked at it: cheap enough to ask of every frame."""

from collections.abc import Iterable
from math import ceil

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

CellMask = NDArray[np.bool_]


def luma_cells(frame: Frame) -> UInt8Array:
    """Return the mean luma of each cell of `frame` as (rows, columns) uint8."""
    rows = frame.y[:: max(1, min(ROW_STEP, frame.height // GRID[1]))]
    return np.asarray(cv2.resize(rows, GRID, interpolation=cv2.INTER_AREA), np.uint8)


def changed_cells(before: UInt8Array, now: UInt8Array) -> CellMask:
    """Return which cells differ; light that changes everywhere alike is no change."""
    difference = now.astype(np.int16) - before
    return np.asarray(np.abs(difference - np.median(difference)) > CHANGED_LEVELS, np.bool_)


def persons_cells(boxes: Iterable[Box], frame: Frame) -> CellMask:
    """Return the cells of `frame` in which persons with these faces, in its pixels, move themselves."""
    mask = np.zeros(GRID[::-1], np.bool_)
    cell_px = frame.width / GRID[0], frame.height / GRID[1]
    for box in boxes:
        x, reach_px = box.center[0], BODY_WIDTHS / 2 * box.width
        left, right = (x - reach_px) / cell_px[0], (x + reach_px) / cell_px[0]
        top = (box.y1 - box.height / 2) / cell_px[1]
        mask[max(0, int(top)) :, max(0, int(left)) : max(0, ceil(right))] = True
    return mask


def largest_patch(cells: CellMask) -> CellMask:
    """Return those of `cells` that touch each other and are most: what moves in several places is no one's box."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cells.astype(np.uint8))
    largest = max(range(1, count), key=lambda label: int(stats[label, cv2.CC_STAT_AREA]), default=0)
    return np.asarray(labels == largest, np.bool_)


def cells_box(cells: CellMask, frame: Frame) -> Box:
    """Return the box around those `cells`, of which there is at least one, in pixels of `frame`."""
    rows, columns = np.nonzero(cells)
    cell_px = frame.width / GRID[0], frame.height / GRID[1]
    return Box(
        float(columns.min() * cell_px[0]),
        float(rows.min() * cell_px[1]),
        float((columns.max() + 1) * cell_px[0]),
        float((rows.max() + 1) * cell_px[1]),
    )
