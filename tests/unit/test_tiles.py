import pytest

from pipeline.types import Box, Face
from pipeline.vision.overlap import iou
from pipeline.vision.tiles import (
    Region,
    Sighting,
    automatic_tiles,
    is_cut,
    merge,
    place,
    shows_same_face,
    square_region,
    tile_regions,
)

TILE = Region(0, 0, 100, 100)
FRAME = (180, 100)


def _face(x1: float, y1: float, x2: float, y2: float, score: float = 0.8) -> Face:
    return Face(Box(x1, y1, x2, y2), score)


def test_two_tiles_share_a_fifth_of_their_width() -> None:
    assert tile_regions(180, 100, 2, 1) == (Region(0, 0, 100, 100), Region(80, 0, 100, 100))


def test_tiles_are_listed_row_by_row() -> None:
    lefts_and_tops = [(tile.left, tile.top) for tile in tile_regions(180, 180, 2, 2)]
    assert lefts_and_tops == [(0, 0), (80, 0), (0, 80), (80, 80)]


@pytest.mark.parametrize(("columns", "rows", "overlap"), [(0, 1, 0.2), (1, -1, 0.2), (2, 2, 1.0), (2, 2, -0.1)])
def test_tiles_that_cannot_be_are_refused(columns: int, rows: int, overlap: float) -> None:
    with pytest.raises(ValueError, match="tiles need"):
        tile_regions(100, 100, columns, rows, overlap)


@pytest.mark.parametrize(
    ("size", "tiles"),
    [((1920, 1080), (2, 1)), ((1080, 1920), (1, 2)), ((640, 480), (1, 1)), ((960, 640), (2, 1)), ((500, 500), (1, 1))],
)
def test_long_frames_are_halved(size: tuple[int, int], tiles: tuple[int, int]) -> None:
    assert automatic_tiles(*size) == tiles


def test_a_face_moves_with_its_key_points() -> None:
    face = Face(Box(10, 20, 30, 40), 0.5, ((12.0, 24.0),))
    (moved,) = place([face], Region(100, 200, 40, 80), (2.0, 3.0))
    assert moved == Face(Box(120, 260, 160, 320), 0.5, ((124.0, 272.0),))


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(70, 40, 99, 80), True),
        (Box(70, 40, 97, 80), False),
        (Box(-5, 40, 20, 80), False),
        (Box(40, -5, 60, 30), False),
        (Box(40, 70, 60, 110), False),
    ],
    ids=["at the inner border", "off it", "at the frame's left", "at its top", "at its bottom"],
)
def test_only_inner_borders_cut(box: Box, expected: bool) -> None:
    assert is_cut(box, TILE, *FRAME) is expected


def test_of_two_sightings_of_a_face_the_better_stays() -> None:
    weak, strong = _face(10, 10, 50, 60, 0.6), _face(12, 11, 52, 61, 0.9)
    assert merge([Sighting(weak), Sighting(strong)]) == (strong,)


def test_an_uncut_sighting_beats_a_cut_one_of_better_score() -> None:
    whole, half = _face(70, 10, 120, 70, 0.6), _face(70, 12, 100, 70, 0.9)
    assert merge([Sighting(half, is_cut=True), Sighting(whole)]) == (whole,)


def test_half_a_face_drawn_off_its_place_is_no_second_face() -> None:
    whole, chin = _face(50, 50, 100, 115, 0.95), _face(55, 95, 93, 147, 0.6)
    assert not shows_same_face(whole.box, chin.box)
    assert merge([Sighting(whole), Sighting(chin, is_cut=True)]) == (whole,)


def test_a_cut_face_that_nobody_else_saw_stays() -> None:
    alone = _face(70, 10, 100, 60)
    assert merge([Sighting(alone, is_cut=True)]) == (alone,)


def test_neighbours_in_a_crowd_stay_apart_in_order_of_score() -> None:
    left, right = _face(0, 0, 40, 50, 0.6), _face(30, 0, 70, 50, 0.9)
    assert merge([Sighting(left), Sighting(right)]) == (right, left)


def test_a_small_box_inside_a_large_one_shows_the_same_face() -> None:
    assert shows_same_face(Box(0, 0, 100, 100), Box(40, 60, 60, 80))


def test_overlap_of_a_box_with_itself_is_whole_and_with_a_distant_one_none() -> None:
    box = Box(0, 0, 10, 20)
    assert iou(box, box) == 1
    assert iou(box, Box(10, 0, 20, 20)) == 0


def test_a_square_region_ends_at_the_frame() -> None:
    assert square_region((10, 50), 40, 180, 100) == Region(0, 30, 30, 40)
    assert square_region((180, 100), 0.4, 180, 100) == Region(179, 99, 1, 1)
