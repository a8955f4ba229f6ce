"""What of a picture may be shown where faces must not be: nothing that a detector has not seen as it is now."""

from collections import deque
from collections.abc import Iterable

import cv2
import numpy as np

from pipeline.types import Box, Frame, Glimpse, Sight, UInt8Array
from pipeline.vision.blur import Blur, blurred_frame, head_box, hide_boxes, hide_cells
from pipeline.vision.change import CellMask, changed_cells, luma_cells

MAX_LOOK_AGE_S = 0.6
"""The time that a lane which keeps up never reaches: half a second from look to look, and two frames at 25 a second.

Until then a face has moved by less than two of its sizes from where it is believed to be, and is hidden all the way.
"""

SPEED_SIZES_PER_S = 3.0
"""Twice the usual speed of a face (`MotionSettings`): one in twenty is faster along an axis."""

EDGE_CELLS = 2
"""Around a cell that changed: parts of what moved look like what was there before."""

ENTRY_S = 0.2
"""What comes in at a side is told by what has changed there in this time, or since the look before."""

MOST_CELLS_SHARE = 0.5
"""From so many changed cells on little would be left to see, and the camera itself may have moved."""


class Veil:
    """Covers the frames of one stream, given in order.

    With `Blur.FACES` every face that is known of is hidden, and where faces were not looked for on the frame itself,
    whatever has changed since the last look, too: somebody may have come in. The whole picture is covered where
    nobody has looked yet, or not for `MAX_LOOK_AGE_S`, as when the detector fails or is late.

    No detector knows a face that the side of the picture cuts. Where later frames can't tell, `guards_sides` hides
    what moves there until it has come in.
    """

    def __init__(self, blur: Blur, *, guards_sides: bool = False) -> None:
        self._blur = blur
        self._guards_sides = guards_sides
        self._size = 0, 0
        self._looked: deque[tuple[float, UInt8Array]] = deque()

    def cover(self, frame: Frame, sight: Sight | None, nearby: Iterable[Glimpse] = ()) -> Frame:
        """Return what may be shown of `frame`, where faces of `nearby` frames may be, too.

        The planes are its own where nothing is hidden.
        """
        if self._blur is Blur.OFF:
            return frame
        if self._blur is Blur.ALL or sight is None or not 0 <= sight.age_s <= MAX_LOOK_AGE_S:
            return blurred_frame(frame)
        strange = self._take(frame) if sight.age_s == 0 else self._changed_since_look(frame)
        if strange is None or strange.mean() >= MOST_CELLS_SHARE:
            return blurred_frame(frame)
        covered = hide_boxes(frame, [hidden_box(face) for face in (*sight.faces, *nearby)])
        return hide_cells(covered, strange) if strange.any() else covered

    def _take(self, frame: Frame) -> CellMask:
        """Keep what a frame that is looked at shows; return which cells of it are of no use to a detector."""
        size, cells = (frame.width, frame.height), luma_cells(frame)
        if size != self._size:
            self._size = size
            self._looked.clear()
        self._looked.append((frame.media_s, cells))
        while len(self._looked) > 2 and frame.media_s - self._looked[0][0] > ENTRY_S:
            self._looked.popleft()
        if not self._guards_sides:
            return np.zeros(cells.shape, np.bool_)
        return _touching_sides(_with_edges(changed_cells(self._looked[0][1], cells)))

    def _changed_since_look(self, frame: Frame) -> CellMask | None:
        """Return which cells no detector has seen as they are; None where it has seen none."""
        if not self._looked or self._size != (frame.width, frame.height):
            return None
        return _with_edges(changed_cells(self._looked[-1][1], luma_cells(frame)))


def _with_edges(changed: CellMask) -> CellMask:
    around = np.ones((2 * EDGE_CELLS + 1,) * 2, np.uint8)
    return np.asarray(cv2.dilate(changed.astype(np.uint8), around), np.bool_)


def _touching_sides(mask: CellMask) -> CellMask:
    """Return the parts of the mask that reach the top or a side; at the bottom everybody does."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8))
    touching = set(np.concatenate((labels[0], labels[:, 0], labels[:, -1])).tolist()) - {0}
    return np.isin(labels, list(touching))


def hidden_box(face: Glimpse) -> Box:
    """Return what is hidden of a person with this face: all the way that it can have gone."""
    return head_box(face.box, SPEED_SIZES_PER_S * face.away_s * face.box.size_px)
