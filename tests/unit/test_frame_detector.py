from collections.abc import Callable, Sequence

import numpy as np
import pytest

from pipeline.inference.detectors import open_frame_detector
from pipeline.inference.frame_detector import ThumbnailDetector, parts_searched
from pipeline.inference.second_look import SecondLook
from pipeline.types import Box, ColorMatrix, ColorRange, Face, Frame, UInt8Array
from pipeline.vision.i420 import i420_from_rgb

WHITE = 200


class WhiteSquares:
    """Finds the one bright patch of a picture; its score is told by the test."""

    input_size_px = 100
    model_size_px = 50

    def __init__(self, score: Callable[[UInt8Array], float] = lambda _: 0.8) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.is_closed = False
        self._score = score

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
        self.shapes.append(picture.shape)
        rows, columns = np.nonzero(picture[..., 0] > WHITE)
        if not len(rows):
            return ()
        box = Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        return (Face(box, self._score(picture), ((box.x1, box.y1),)),)

    def close(self) -> None:
        self.is_closed = True


class FoundBefore:
    """A first look with one answer."""

    def __init__(self, *faces: Face) -> None:
        self._faces = faces
        self.searched: list[Sequence[Box]] = []
        self.is_closed = False

    def detect(self, frame: Frame) -> tuple[Face, ...]:  # noqa: ARG002  # as FirstLook
        return self._faces

    def detect_parts(self, frame: Frame, known: int, around: Sequence[Box] = ()) -> tuple[Face, ...]:  # noqa: ARG002
        self.searched.append(around)
        return self._faces

    def close(self) -> None:
        self.is_closed = True


def _frame(width: int, height: int, patch: tuple[int, int, int, int] | None) -> Frame:
    picture = np.zeros((height, width, 3), np.uint8)
    if patch:
        x1, y1, x2, y2 = patch
        picture[y1:y2, x1:x2] = 255
    planes = i420_from_rgb(picture, ColorMatrix.BT709, ColorRange.FULL)
    return Frame("s", 0, 0.0, planes.y, planes.u, planes.v, ColorMatrix.BT709, ColorRange.FULL)


def _corners(box: Box) -> tuple[float, float, float, float]:
    return box.x1, box.y1, box.x2, box.y2


def test_boxes_and_key_points_are_in_pixels_of_the_frame() -> None:
    (face,) = ThumbnailDetector(WhiteSquares(), (1, 1)).detect(_frame(400, 200, (200, 80, 240, 120)))
    assert _corners(face.box) == pytest.approx((200, 80, 240, 120), abs=4)
    assert face.key_points[0] == pytest.approx((200, 80), abs=4)


def test_the_detector_sees_the_whole_frame_and_each_tile_at_its_own_size() -> None:
    squares = WhiteSquares()
    ThumbnailDetector(squares, (2, 2)).detect(_frame(360, 360, None))
    assert squares.shapes == [(100, 100, 3)] * 5


def test_a_small_frame_is_not_enlarged() -> None:
    squares = WhiteSquares()
    ThumbnailDetector(squares, (1, 1)).detect(_frame(60, 40, None))
    assert squares.shapes == [(40, 60, 3)]


def test_a_long_frame_is_halved_unless_told_otherwise() -> None:
    squares = WhiteSquares()
    ThumbnailDetector(squares).detect(_frame(640, 360, None))
    assert len(squares.shapes) == 3


@pytest.mark.parametrize("patch", [(10, 10, 40, 50), (165, 100, 200, 140), (150, 20, 210, 100), (330, 150, 358, 178)])
def test_a_face_is_reported_once_wherever_it_lies_among_the_tiles(patch: tuple[int, int, int, int]) -> None:
    (face,) = ThumbnailDetector(WhiteSquares(), (3, 2)).detect(_frame(360, 180, patch))
    assert _corners(face.box) == pytest.approx(patch, abs=4)


@pytest.mark.parametrize("size", [(1, 1), (3, 1), (1, 5), (7, 3)])
def test_the_tiniest_frames_are_looked_at(size: tuple[int, int]) -> None:
    assert ThumbnailDetector(WhiteSquares(), (3, 2)).detect(_frame(*size, None)) == ()


def test_parts_take_turns_until_all_have_been_looked_at() -> None:
    detector = ThumbnailDetector(WhiteSquares(), (2, 1))
    frame = _frame(400, 200, (10, 80, 50, 120))
    found = [len(detector.detect_parts(frame, 0)) for _ in range(6)]
    assert found == [1, 0, 1, 1, 0, 1], "left, right and whole, in turn"


@pytest.mark.parametrize(
    ("parts", "known", "searched"),
    [(1, 0, 1), (3, 0, 1), (3, 6, 1), (3, 7, 2), (3, 12, 3), (3, 50, 3), (17, 0, 4), (17, 12, 17)],
)
def test_the_more_are_followed_the_more_parts_are_searched(parts: int, known: int, searched: int) -> None:
    assert parts_searched(parts, known) == searched


def test_places_are_looked_at_close_up_and_every_second_time_the_next_part() -> None:
    squares = WhiteSquares()
    detector = ThumbnailDetector(squares, (2, 1))
    frame = _frame(400, 200, (10, 80, 50, 120))
    here, elsewhere = Box(10, 80, 50, 120), Box(300, 80, 340, 120)
    assert [len(detector.detect_parts(frame, 0, [elsewhere])) for _ in range(4)] == [1, 0, 0, 0], "left, -, right, -"
    assert len(squares.shapes) == 6
    assert len(detector.detect_parts(frame, 0, [elsewhere, here])) == 1


def test_without_places_the_next_part_is_always_looked_at() -> None:
    squares = WhiteSquares()
    detector = ThumbnailDetector(squares, (2, 1))
    for around in ([Box(300, 80, 340, 120)], [], [Box(300, 80, 340, 120)]):
        detector.detect_parts(_frame(400, 200, None), 0, around)
    assert len(squares.shapes) == 5


def test_a_few_places_share_a_picture() -> None:
    squares = WhiteSquares()
    places = [Box(100 * place, 80, 100 * place + 40, 120) for place in range(4)]
    ThumbnailDetector(squares, (1, 1)).detect_parts(_frame(400, 200, None), 0, [*places, *places])
    assert squares.shapes == [(50, 100, 3), (100, 100, 3)], "the whole frame, and the places"


def test_a_face_that_a_part_cuts_is_left_to_another() -> None:
    detector = ThumbnailDetector(WhiteSquares(), (2, 1))
    frame = _frame(400, 200, (205, 80, 245, 120))
    assert [len(detector.detect_parts(frame, 0)) for _ in range(3)] == [0, 1, 1]


class TestFollow:
    frame = _frame(400, 200, (200, 80, 240, 120))

    def test_a_face_is_looked_for_close_up_where_it_should_be(self) -> None:
        squares = WhiteSquares()
        (face,) = ThumbnailDetector(squares, (1, 1)).follow(self.frame, [Face(Box(190, 85, 230, 125), 0.9)])
        assert squares.shapes == [(100, 100, 3)]
        assert _corners(face.box) == pytest.approx((200, 80, 240, 120), abs=2)

    def test_nobody_is_looked_for_where_nobody_is_known(self) -> None:
        squares = WhiteSquares()
        assert ThumbnailDetector(squares, (1, 1)).follow(self.frame, []) == ()
        assert squares.shapes == []

    def test_who_is_gone_is_not_found(self) -> None:
        gone = Face(Box(20, 20, 60, 60), 0.9)
        assert ThumbnailDetector(WhiteSquares(), (1, 1)).follow(self.frame, [gone]) == ()

    def test_another_face_near_by_is_not_the_one(self) -> None:
        beside = Face(Box(164, 80, 204, 120), 0.9)
        assert ThumbnailDetector(WhiteSquares(), (1, 1)).follow(self.frame, [beside]) == ()

    def test_a_search_looks_close_up_only_for_whom_its_part_did_not_show(self) -> None:
        squares = WhiteSquares()
        shown, elsewhere = Face(Box(198, 80, 238, 120), 0.9), Face(Box(20, 20, 60, 60), 0.9)
        faces = ThumbnailDetector(squares, (1, 1)).search(self.frame, [shown, elsewhere])
        assert len(faces) == 1
        assert squares.shapes == [(50, 100, 3), (90, 90, 3)]


def test_closing_closes_the_detector_within() -> None:
    squares = WhiteSquares()
    ThumbnailDetector(squares).close()
    assert squares.is_closed


class TestSecondLook:
    frame = _frame(400, 200, (200, 80, 240, 120))

    def test_score_and_box_are_the_mean_of_both_looks(self) -> None:
        first = FoundBefore(Face(Box(190, 80, 240, 120), 0.4))
        (face,) = SecondLook(first, WhiteSquares(), min_score=0.5).detect(self.frame)
        assert face.score == pytest.approx(0.6)
        assert _corners(face.box) == pytest.approx((195, 80, 240, 120), abs=2)

    def test_what_the_second_look_does_not_see_keeps_half_its_score(self) -> None:
        nothing_there = Face(Box(20, 20, 60, 60), 0.9)
        assert SecondLook(FoundBefore(nothing_there), WhiteSquares(), min_score=0.5).detect(self.frame) == ()
        (kept,) = SecondLook(FoundBefore(nothing_there), WhiteSquares(), min_score=0.4).detect(self.frame)
        assert (kept.box, kept.score) == (nothing_there.box, 0.45)

    def test_another_face_near_by_confirms_nothing(self) -> None:
        beside = Face(Box(150, 80, 190, 120), 0.9)
        assert SecondLook(FoundBefore(beside), WhiteSquares(), min_score=0.5).detect(self.frame) == ()

    def test_two_finds_that_prove_one_face_are_one(self) -> None:
        first = FoundBefore(Face(Box(185, 80, 225, 120), 0.8), Face(Box(216, 80, 256, 120), 0.7))
        confirmed = SecondLook(first, WhiteSquares(), min_score=0.1).detect(self.frame)
        assert len(confirmed) == 1

    def test_who_is_followed_has_the_mean_of_the_scores_before_and_now(self) -> None:
        known = Face(Box(205, 80, 245, 120), 0.4)
        (face,) = SecondLook(FoundBefore(), WhiteSquares(), 0.5).follow(self.frame, [known])
        assert face.score == pytest.approx(0.6)
        assert _corners(face.box) == pytest.approx((200, 80, 240, 120), abs=2)

    def test_a_search_judges_who_is_new_and_follows_the_others(self) -> None:
        squares = WhiteSquares()
        looks = SecondLook(FoundBefore(Face(Box(200, 80, 240, 120), 0.6)), squares, 0.5)
        (new,) = looks.search(self.frame, [Face(Box(20, 20, 60, 60), 0.9)])
        assert new.score == pytest.approx(0.7)
        assert len(squares.shapes) == 2, "each close up"

    def test_at_places_the_detectors_take_turns(self) -> None:
        places = [Box(190, 70, 250, 130)]
        first, squares = FoundBefore(), WhiteSquares()
        looks = SecondLook(first, squares, 0.5)
        found = [len(looks.search(self.frame, [], places)) for _ in range(4)]
        assert found == [1, 0, 1, 0], "the second detector sees the patch, the first one nothing"
        assert first.searched == [places, places]

    def test_after_a_search_without_places_the_second_detector_is_next(self) -> None:
        places = [Box(190, 70, 250, 130)]
        first = FoundBefore()
        looks = SecondLook(first, WhiteSquares(), 0.5)
        assert [len(looks.search(self.frame, [], around)) for around in (places, [], places)] == [1, 0, 1]
        assert first.searched == [[]]

    def test_who_is_seen_at_a_place_is_looked_at_once_more(self) -> None:
        squares = WhiteSquares(lambda _: 0.3 if squares.shapes[1:] else 0.9)
        looks = SecondLook(FoundBefore(), squares, 0.5)
        (face,) = looks.search(self.frame, [], [Box(190, 70, 250, 130)])
        assert face.score == pytest.approx(0.6)

    def test_a_doubtful_sight_of_someone_known_does_not_count(self) -> None:
        squares = WhiteSquares()
        part_of_it = FoundBefore(Face(Box(200, 80, 220, 100), 0.2))
        (face,) = SecondLook(part_of_it, squares, 0.5).search(self.frame, [Face(Box(205, 80, 245, 120), 0.9)])
        assert face.score == pytest.approx(0.85)
        assert len(squares.shapes) == 1

    def test_it_looks_close_up(self) -> None:
        squares = WhiteSquares()
        SecondLook(FoundBefore(Face(Box(200, 80, 240, 120), 0.4)), squares, 0.5).detect(self.frame)
        assert squares.shapes == [(100, 100, 3)]

    @pytest.mark.parametrize("box", [Box(-50, -50, -10, -10), Box(395, 195, 460, 260), Box(-10, 90, 5, 105)])
    def test_a_find_beyond_the_frame_is_looked_at_where_the_frame_ends(self, box: Box) -> None:
        squares = WhiteSquares()
        SecondLook(FoundBefore(Face(box, 0.9)), squares, 0.5).detect(self.frame)
        assert len(squares.shapes) == 1

    def test_closing_closes_both(self) -> None:
        first, second = FoundBefore(), WhiteSquares()
        SecondLook(first, second, 0.5).close()
        assert first.is_closed
        assert second.is_closed


def test_the_default_finds_a_distant_face_and_boxes_it_well() -> None:
    data = pytest.importorskip("skimage.data", reason="scikit-image carries the picture of a face")
    picture = np.zeros((720, 1280, 3), np.uint8)
    picture[300:556, 900:1156] = data.astronaut()[::2, ::2]
    planes = i420_from_rgb(picture, ColorMatrix.BT709, ColorRange.LIMITED)
    detector = open_frame_detector()
    (face,) = detector.detect(Frame("s", 0, 0.0, planes.y, planes.u, planes.v))
    detector.close()
    assert face.score > 0.6
    assert _corners(face.box) == pytest.approx((900 + 90, 300 + 32, 900 + 133, 300 + 89), abs=12)
