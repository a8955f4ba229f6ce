from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import Box, Face
from pipeline.vision.tiles import Sighting, merge, shows_same_face, square_region, tile_regions

sides = st.integers(1, 400)
counts = st.integers(1, 5)


@st.composite
def sightings(draw: st.DrawFn) -> Sighting:
    x, y = draw(st.integers(-20, 200)), draw(st.integers(-20, 200))
    width, height = draw(st.integers(1, 90)), draw(st.integers(1, 90))
    score = draw(st.floats(0, 1))
    return Sighting(Face(Box(x, y, x + width, y + height), score), draw(st.booleans()))


@given(sides, sides, counts, counts, st.floats(0, 0.5))
def test_tiles_cover_the_frame_and_stay_inside(
    width: int, height: int, columns: int, rows: int, overlap: float
) -> None:
    seen = np.zeros((height, width), bool)
    for left, top, tile_width, tile_height in tile_regions(width, height, columns, rows, overlap):
        assert tile_width >= 1
        assert tile_height >= 1
        assert 0 <= left <= left + tile_width <= width
        assert 0 <= top <= top + tile_height <= height
        seen[top : top + tile_height, left : left + tile_width] = True
    assert seen.all()


@given(st.integers(50, 2000), st.integers(50, 2000), st.integers(2, 4))
def test_neighbours_overlap_by_a_fifth(width: int, height: int, columns: int) -> None:
    tiles = tile_regions(width, height, columns, 1)
    for tile, following in pairwise(tiles):
        shared = tile.left + tile.width - following.left
        assert abs(shared - 0.2 * tile.width) <= 2


@given(st.lists(sightings(), max_size=12))
def test_merging_keeps_each_face_once_and_loses_none(found: list[Sighting]) -> None:
    kept = merge(found)
    assert set(kept) <= {sighting.face for sighting in found}
    assert [face.score for face in kept] == sorted((face.score for face in kept), reverse=True)
    for sighting in found:
        assert any(shows_same_face(sighting.face.box, face.box, 0.2) for face in kept)


@given(st.lists(sightings(), max_size=12))
def test_merging_again_changes_nothing(found: list[Sighting]) -> None:
    kept = merge(found)
    whole = [Sighting(face) for face in kept]
    assert set(merge(whole)) <= set(kept)
    assert merge([Sighting(face) for face in merge(whole)]) == merge(whole)


@given(sides, sides, st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 900))
def test_a_square_region_lies_inside_the_frame(width: int, height: int, x: float, y: float, side: float) -> None:
    region = square_region((x * width, y * height), side, width, height)
    assert 0 <= region.left < region.left + region.width <= width
    assert 0 <= region.top < region.top + region.height <= height
    assert region.width <= side + 1
