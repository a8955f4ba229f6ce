"""Hiding, whatever the size of the picture and wherever the boxes lie."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import Box, Frame, Glimpse, Sight
from pipeline.vision.blur import Blur, blurred_frame, hide_boxes, hide_cells
from pipeline.vision.change import GRID
from pipeline.vision.veil import Veil
from tests.results import noisy_frame

SIDES = st.integers(1, 90)
PLACES = st.floats(-60, 120)


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    """Noisy frames of any small size, odd ones and single pixels included."""
    return noisy_frame(draw(st.integers(0, 9)), (draw(SIDES), draw(SIDES)))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    """Boxes in, across and outside such frames, from less than a pixel to larger than all of it."""
    x, y = draw(PLACES), draw(PLACES)
    width, height = (draw(st.floats(0.1, 150)) for _ in range(2))
    return Box(x, y, x + width, y + height)


def around(box: Box, frame: Frame) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return which pixels of a frame lie in a box, or touch the pairs of pixels that it touches."""
    rows, columns = np.mgrid[: frame.height, : frame.width]
    inside = (rows >= box.y1 - 2) & (rows < box.y2 + 2) & (columns >= box.x1 - 2) & (columns < box.x2 + 2)
    return np.asarray(inside, np.bool_)


@given(frames(), boxes())
def test_what_lies_outside_a_box_stays_to_the_pixel(frame: Frame, box: Box) -> None:
    hidden = hide_boxes(frame, [box])
    outside = ~around(box, frame)
    np.testing.assert_array_equal(hidden.y[outside], frame.y[outside])
    assert (hidden.u.shape, hidden.v.shape) == (frame.u.shape, frame.v.shape)


@given(frames(), st.lists(boxes(), max_size=5))
def test_no_hidden_pixel_is_brighter_or_darker_than_all_that_was_there(frame: Frame, hidden_boxes: list[Box]) -> None:
    hidden = hide_boxes(frame, hidden_boxes)
    assert frame.y.min() <= hidden.y.min()
    assert hidden.y.max() <= frame.y.max()


@given(frames(), st.integers(0, GRID[1] * GRID[0] - 1))
def test_cells_can_be_hidden_in_any_picture(frame: Frame, cell: int) -> None:
    mask = np.zeros(GRID[::-1], np.bool_)
    mask.reshape(-1)[cell] = True
    hidden = hide_cells(frame, mask)
    changed = hidden.y != frame.y
    assert not changed[hidden.y != blurred_frame(frame).y].any()


@given(frames(), st.lists(boxes(), max_size=3), st.floats(0, 0.6), st.booleans())
def test_a_veil_bears_any_sight(frame: Frame, faces: list[Box], age_s: float, guards_sides: bool) -> None:
    veil = Veil(Blur.FACES, guards_sides=guards_sides)
    veil.cover(frame, Sight(()))
    later = replace(frame, index=frame.index + 1, media_s=frame.media_s + age_s)
    covered = veil.cover(later, Sight(tuple(Glimpse(face, age_s) for face in faces), age_s))
    assert (covered.width, covered.height, covered.index) == (frame.width, frame.height, frame.index + 1)
