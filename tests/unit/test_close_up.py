"""Several places of a frame share one picture; each face is told for the place that shows it."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.inference.close_up import closest, find_again, look_at_places
from pipeline.types import Box, ColorMatrix, ColorRange, Face, Frame, UInt8Array
from pipeline.vision.i420 import i420_from_rgb
from pipeline.vision.overlap import iou

FRAME_PX = (640, 360)
SIDE_PX = 60


class EveryPatch:
    """Finds each bright patch of a picture: what is lit and touches."""

    input_size_px = 256
    model_size_px = 128

    def __init__(self) -> None:
        self.pictures = 0

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
        import cv2

        self.pictures += 1
        _, _, stats, _ = cv2.connectedComponentsWithStats((picture[..., 0] > 150).astype(np.uint8))
        return tuple(
            Face(Box(left, top, left + width, top + height), 0.9) for left, top, width, height, _ in stats[1:].tolist()
        )

    def close(self) -> None: ...


def lit(boxes: Sequence[Box]) -> Frame:
    picture = np.full((FRAME_PX[1], FRAME_PX[0], 3), 30, np.uint8)
    for box in boxes:
        picture[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)] = 255
    planes = i420_from_rgb(picture, ColorMatrix.BT709, ColorRange.FULL)
    return Frame("s", 0, 0.0, planes.y, planes.u, planes.v, ColorMatrix.BT709, ColorRange.FULL)


def square(column: int, row: int) -> Box:
    return Box.around((80.0 + 160 * column, 90.0 + 180 * row), SIDE_PX, SIDE_PX)


SQUARES = [square(column, row) for row, column in product(range(2), range(4))]


@given(chosen=st.lists(st.sampled_from(SQUARES), min_size=1, max_size=8, unique=True), shift_px=st.integers(-12, 12))
def test_each_face_is_found_again_at_its_place(chosen: list[Box], shift_px: int) -> None:
    detector = EveryPatch()
    believed = [Box.around((box.center[0] + shift_px, box.center[1]), SIDE_PX, SIDE_PX) for box in chosen]
    found = find_again(detector, lit(SQUARES), believed)
    assert all(face is not None and iou(face.box, box) > 0.8 for face, box in zip(found, chosen, strict=True))
    assert detector.pictures == -(-len(chosen) // 4)


def test_who_is_gone_is_not_found_among_the_others() -> None:
    found = find_again(EveryPatch(), lit(SQUARES[1:]), SQUARES)
    assert found[0] is None
    assert None not in found[1:]


def test_half_a_face_at_the_border_of_its_square_is_nobody() -> None:
    at = [Box.around((box.center[0] - 60, box.center[1]), SIDE_PX, SIDE_PX) for box in SQUARES[:2]]
    assert find_again(EveryPatch(), lit(SQUARES), at) == [None, None]


@pytest.mark.parametrize("box", [Box(-40, -40, 20, 20), Box(620, 340, 680, 400), Box(-300, 50, -200, 150)])
def test_places_at_and_beyond_the_border_of_the_frame_are_looked_at(box: Box) -> None:
    found = find_again(EveryPatch(), lit(SQUARES), [box, SQUARES[2], SQUARES[5]])
    assert [face is not None for face in found] == [False, True, True]


@pytest.mark.parametrize("size_px", [2, 7, 15])
def test_a_small_face_is_shown_as_large_as_others(size_px: int) -> None:
    small = Box.around((320.0, 180.0), size_px, size_px)
    (face, _) = find_again(EveryPatch(), lit([small, SQUARES[0]]), [small, SQUARES[0]])
    assert face is not None
    assert face.box.center == pytest.approx(small.center, abs=2)


def test_a_part_that_looks_like_a_face_is_not_taken_for_the_face_that_moved() -> None:
    believed, moved = Box(0, 0, 40, 50), Box(20, 0, 60, 50)
    part = Face(Box(10, 10, 34, 40), 0.4)
    assert closest([part, Face(moved, 0.85)], believed) == Face(moved, 0.85)
    assert closest([part], believed) == part
    assert closest([Face(Box(38, 0, 78, 50), 0.9)], believed) is None


def test_faces_are_found_at_the_first_four_places_with_one_look() -> None:
    detector = EveryPatch()
    faces = look_at_places(detector, lit(SQUARES), [Box.around(box.center, 90, 90) for box in SQUARES])
    assert detector.pictures == 1
    assert len(faces) == 4
    assert all(any(iou(face.box, box) > 0.8 for face in faces) for box in SQUARES[:4])


def test_one_place_has_the_picture_for_itself() -> None:
    (face,) = look_at_places(EveryPatch(), lit(SQUARES), [Box.around(SQUARES[6].center, 90, 90)])
    assert iou(face.box, SQUARES[6]) > 0.85


def test_no_place_costs_no_look() -> None:
    detector = EveryPatch()
    assert look_at_places(detector, lit(SQUARES), []) == []
    assert find_again(detector, lit(SQUARES), []) == []
    assert detector.pictures == 0
