"""Hiding parts of pictures: what is left of them, and what stays as it was."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.types import Box, UInt8Array
from pipeline.vision.blur import (
    FACE_CELLS,
    PICTURE_CELLS,
    Blur,
    blurred_frame,
    blurred_picture,
    head_box,
    hide_boxes,
    hide_cells,
    pixelated,
)
from pipeline.vision.change import GRID
from tests.results import flat_frame, noisy_frame

CELL_PX = 10
BOX = Box(20, 30, 20 + FACE_CELLS * CELL_PX, 30 + FACE_CELLS * CELL_PX)
FACE = Box(60, 60, 100, 110)


def shuffled_in_cells(luma: UInt8Array) -> UInt8Array:
    """Return `luma` with the pixels of each cell of `BOX` in another order."""
    shuffled, rng = luma.copy(), np.random.default_rng(1)
    for top in range(int(BOX.y1), int(BOX.y2), CELL_PX):
        for left in range(int(BOX.x1), int(BOX.x2), CELL_PX):
            cell = shuffled[top : top + CELL_PX, left : left + CELL_PX]
            cell[:] = rng.permutation(cell.reshape(-1)).reshape(cell.shape)
    return shuffled


def detail(luma: UInt8Array) -> float:
    """Return how much the pixels of a plane differ from their neighbours."""
    return float(cv2.Laplacian(luma, cv2.CV_32F).std())


def test_nothing_but_the_means_of_its_cells_is_left_of_what_is_hidden() -> None:
    frame = noisy_frame(0, (160, 120))
    other = replace(frame, y=shuffled_in_cells(frame.y))
    assert np.abs(frame.y.astype(int) - other.y)[30:90, 20:80].mean() > 50, "the two are different pictures"
    np.testing.assert_array_equal(hide_boxes(frame, [BOX]).y, hide_boxes(other, [BOX]).y)


def test_luma_and_chroma_are_hidden_in_the_box_and_nowhere_else() -> None:
    rng = np.random.default_rng(2)
    u, v = (rng.integers(0, 255, (60, 80), np.uint8) for _ in range(2))
    frame = replace(noisy_frame(0, (160, 120)), u=u, v=v)
    hidden = hide_boxes(frame, [BOX])
    for before, now, scale in ((frame.y, hidden.y, 1), (u, hidden.u, 2), (v, hidden.v, 2)):
        inside = np.zeros(before.shape, np.bool_)
        inside[30 // scale : 90 // scale, 20 // scale : 80 // scale] = True
        np.testing.assert_array_equal(before[~inside], now[~inside])
        assert detail(now[30 // scale : 90 // scale, 20 // scale : 80 // scale]) < detail(before) / 20


def test_the_frame_itself_stays_as_it_is_and_the_new_planes_are_read_only() -> None:
    frame = noisy_frame(0, (160, 120))
    before = frame.y.copy()
    hidden = hide_boxes(frame, [BOX])
    np.testing.assert_array_equal(frame.y, before)
    assert not any(plane.flags.writeable for plane in (hidden.y, hidden.u, hidden.v))


@pytest.mark.parametrize("boxes", [[], [Box(-50, -50, -10, -10)], [Box(160, 0, 200, 40)]])
def test_a_frame_on_which_nothing_is_hidden_is_not_copied(boxes: list[Box]) -> None:
    frame = noisy_frame(0, (160, 120))
    assert hide_boxes(frame, boxes) is frame


def test_cells_are_as_large_where_the_edge_of_the_picture_cuts_a_box() -> None:
    frame = noisy_frame(0, (160, 120))
    cut = hide_boxes(frame, [Box(-45, 30, 15, 90)]).y[30:90, :15]
    assert detail(cut) < detail(frame.y) / 20
    assert len(np.unique(cut[:, 0])) < 40, "a single column of six cells, run smoothly into each other"


def test_boxes_that_mostly_overlap_are_hidden_as_one() -> None:
    frame = noisy_frame(0, (160, 120))
    both = hide_boxes(frame, [BOX, Box(22, 31, 82, 92)])
    np.testing.assert_array_equal(both.y, hide_boxes(frame, [Box(20, 30, 82, 92)]).y)


def test_a_head_is_more_than_its_face_and_may_have_gone_some_way() -> None:
    head = head_box(FACE)
    assert head.y1 < FACE.y1 - 20, "the hair"
    assert head.y2 > FACE.y2 + 10, "the chin"
    assert head.x1 < FACE.x1 - 10, "the ears"
    assert head_box(FACE, 8) == Box(head.x1 - 8, head.y1 - 8, head.x2 + 8, head.y2 + 8)


@pytest.mark.parametrize("size", [(160, 120), (97, 131), (1920, 1080), (1, 1)])
def test_a_whole_picture_keeps_its_shape_and_no_detail(size: tuple[int, int]) -> None:
    frame = noisy_frame(0, size)
    blurred = blurred_frame(frame)
    assert (blurred.width, blurred.height, blurred.index) == (*size, frame.index)
    assert detail(blurred.y) <= detail(frame.y) / 20


def test_where_something_moves_is_still_seen_in_a_whole_picture() -> None:
    dark = np.full((360, 640), 40, np.uint8)
    dark[100:300, 400:500] = 200
    blurred = blurred_frame(flat_frame(0, (640, 360), y=dark)).y
    assert blurred[200, 450] > 150
    assert blurred[200, 200] < 60


def test_cells_of_a_mask_are_as_in_the_whole_picture_and_others_as_they_were() -> None:
    frame = noisy_frame(0, (600, 340))
    cells = np.zeros(GRID[::-1], np.bool_)
    cells[10:20, 30:40] = True
    hidden, blurred = hide_cells(frame, cells), blurred_frame(frame)
    np.testing.assert_array_equal(hidden.y[100:200, 300:400], blurred.y[100:200, 300:400])
    np.testing.assert_array_equal(hidden.u[50:100, 150:200], blurred.u[50:100, 150:200])
    outside = np.ones((340, 600), np.bool_)
    outside[100:200, 300:400] = False
    np.testing.assert_array_equal(hidden.y[outside], frame.y[outside])


def picture() -> UInt8Array:
    """Return a noisy (120, 160, 3) picture."""
    return np.random.default_rng(3).integers(0, 255, (120, 160, 3), np.uint8)


def test_a_picture_of_few_cells_has_their_means_alone() -> None:
    rgb = picture()
    assert pixelated(rgb, 4).shape == rgb.shape
    assert detail(pixelated(rgb, 4)) < detail(rgb) / 20
    np.testing.assert_allclose(pixelated(rgb, 1), np.broadcast_to(rgb.mean(axis=(0, 1)), rgb.shape), atol=2)


def test_no_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="1 cell or more along its longer side, got 0"):
        pixelated(picture(), 0)


def test_a_picture_that_may_leave_has_its_faces_hidden() -> None:
    rgb = picture()
    before = rgb.copy()
    hidden = blurred_picture(rgb, [FACE], Blur.FACES)
    assert detail(hidden[60:110, 60:100]) < detail(rgb) / 20
    np.testing.assert_array_equal(hidden[:20], rgb[:20])
    np.testing.assert_array_equal(rgb, before)


def test_or_all_of_it_or_nothing() -> None:
    rgb = picture()
    assert blurred_picture(rgb, [FACE], Blur.OFF) is rgb
    np.testing.assert_array_equal(blurred_picture(rgb, [], Blur.ALL), pixelated(rgb, PICTURE_CELLS))


def test_odd_sizes_keep_their_planes() -> None:
    hidden = hide_boxes(noisy_frame(0, (7, 5)), [Box(1, 1, 6, 4)])
    assert (hidden.y.shape, hidden.u.shape) == ((5, 7), (3, 4))
