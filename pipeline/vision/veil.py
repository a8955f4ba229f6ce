"""What of a picture may be shown where faces must not be: nothing that a detector has not seen as it is now."""

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

MOST_CELLS_SHARE = 0.5
"""From so many changed cells on little would be left to see, and the camera itself may have moved."""


class Veil:
    """Covers the frames of one stream, given in order.

    With `Blur.FACES` every face that is known of is hidden, and where faces were not looked for on the frame itself,
    whatever has changed since the last look, too: somebody may have come in. The whole picture is covered where
    nobody has looked yet, or not for `MAX_LOOK_AGE_S`, as when the detector fails or is late.
    """

    def __init__(self, blur: Blur) -> None:
        self._blur = blur
        self._size = 0, 0
        self._cells: UInt8Array | None = None

    def cover(self, frame: Frame, sight: Sight | None, nearby: Iterable[Glimpse] = ()) -> Frame:
        """Return what may be shown of `frame`, where faces of `nearby` frames may be, too.

        The planes are its own where nothing is hidden.
        """
        if self._blur is Blur.OFF:
            return frame
        if self._blur is Blur.ALL or sight is None or not 0 <= sight.age_s <= MAX_LOOK_AGE_S:
            return blurred_frame(frame)
        heads = [hidden_box(face) for face in (*sight.faces, *nearby)]
        if sight.age_s == 0:
            self._size, self._cells = (frame.width, frame.height), luma_cells(frame)
            return hide_boxes(frame, heads)
        strange = self._strange_cells(frame)
        if strange is None or strange.mean() >= MOST_CELLS_SHARE:
            return blurred_frame(frame)
        covered = hide_boxes(frame, heads)
        return hide_cells(covered, strange) if strange.any() else covered

    def _strange_cells(self, frame: Frame) -> CellMask | None:
        """Return which cells have changed since the last look, with their surroundings; None where all have."""
        if self._cells is None or self._size != (frame.width, frame.height):
            return None
        changed = changed_cells(self._cells, luma_cells(frame)).astype(np.uint8)
        around = np.ones((2 * EDGE_CELLS + 1,) * 2, np.uint8)
        return np.asarray(cv2.dilate(changed, around), np.bool_)


def hidden_box(face: Glimpse) -> Box:
    """Return what is hidden of a person with this face: all the way that it can have gone."""
    return head_box(face.box, SPEED_SIZES_PER_S * face.away_s * face.box.size_px)
