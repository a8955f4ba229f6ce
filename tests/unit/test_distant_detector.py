"""Distant faces: which frames have small tiles, and what looks at them."""

from collections.abc import Sequence

import pytest

from pipeline.inference.distant_detector import DistantDetector
from pipeline.types import Box, Face, Frame
from pipeline.vision.tiles import distant_tiles
from tests.results import flat_frame

FACE = Face(Box(10, 10, 30, 34), 0.8)
NEAR = Face(Box(10, 10, 110, 140), 0.8)


class Searcher:
    """A frame detector that finds a distant face and a near one, and counts how often it was asked."""

    def __init__(self) -> None:
        self.searches = 0
        self.is_closed = False

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        raise AssertionError(f"all of frame {frame.index} is too much for one look")

    def follow(self, frame: Frame, known: Sequence[Face]) -> tuple[Face, ...]:
        raise AssertionError(f"nobody is followed on frame {frame.index}: {known}")

    def search(self, frame: Frame, known: Sequence[Face], around: Sequence[Box] = ()) -> tuple[Face, ...]:
        assert (frame.stream, known, around) == ("stream", (), ())
        self.searches += 1
        return FACE, NEAR

    def close(self) -> None:
        self.is_closed = True


class Opened:
    """What was opened, by its tiles."""

    def __init__(self) -> None:
        self.tiles: list[tuple[int, int]] = []
        self.searchers: list[Searcher] = []

    def open(self, tiles: tuple[int, int]) -> Searcher:
        self.tiles.append(tiles)
        self.searchers.append(Searcher())
        return self.searchers[-1]


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        ((640, 360), (1, 1)),
        ((480, 270), (1, 1)),
        ((1280, 720), (2, 2)),
        ((1920, 1080), (3, 2)),
        ((1080, 1920), (2, 3)),
        ((3840, 2160), (6, 4)),
    ],
)
def test_tiles_are_small_where_the_usual_ones_are_large(size: tuple[int, int], tiles: tuple[int, int]) -> None:
    assert distant_tiles(*size) == tiles


def test_a_large_frame_is_searched_tile_by_tile_for_faces_that_are_small() -> None:
    opened = Opened()
    detector = DistantDetector(opened.open)
    assert [detector.detect_part(flat_frame(index, (1920, 1080))) for index in range(3)] == [(FACE,)] * 3
    assert (opened.tiles, opened.searchers[0].searches) == ([(3, 2)], 3)
    detector.close()
    detector.close()
    assert opened.searchers[0].is_closed


def test_nothing_is_opened_for_frames_that_the_usual_look_sees() -> None:
    opened = Opened()
    detector = DistantDetector(opened.open)
    assert detector.detect_part(flat_frame(0, (640, 360))) == ()
    detector.close()
    assert opened.tiles == []


def test_frames_of_another_size_get_tiles_of_their_own() -> None:
    opened = Opened()
    detector = DistantDetector(opened.open)
    for size in ((1920, 1080), (640, 360), (1280, 720)):
        detector.detect_part(flat_frame(0, size))
    assert opened.tiles == [(3, 2), (2, 2)]
    assert [searcher.is_closed for searcher in opened.searchers] == [True, False]
