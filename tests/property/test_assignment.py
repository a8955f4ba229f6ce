"""Assignment is optimal, and overlaps are what they are called."""

from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import Box
from pipeline.vision.associate import GateSettings, assign, match_gain
from pipeline.vision.motion import MotionSettings, predict_motion, start_motion
from pipeline.vision.overlap import iou, overlap

GAINS = st.integers(0, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.one_of(st.just(0.0), st.floats(0.01, 50)), min_size=columns, max_size=columns), max_size=4
    )
)
SIDES = st.floats(4, 200)
PLACES = st.floats(-500, 2500)
BOXES = st.builds(lambda x, y, w, h: Box.around((x, y), w, h), PLACES, PLACES, SIDES, SIDES)


def best_sum(gains: list[list[float]]) -> float:
    """Return the greatest sum of gains over all one-to-one pairings, found by trying each."""
    columns = range(len(gains[0])) if gains else range(0)
    size = min(len(gains), len(columns))
    return max(
        sum(gains[row][column] for row, column in zip(rows, order, strict=True))
        for rows in combinations(range(len(gains)), size)
        for order in permutations(columns, size)
    )


@given(GAINS)
def test_assignment_is_the_best_of_all(gains: list[list[float]]) -> None:
    pairs = assign(gains)
    assert sum(gains[row][column] for row, column in pairs) == pytest.approx(best_sum(gains))


@given(GAINS)
def test_assignment_is_one_to_one_and_never_without_gain(gains: list[list[float]]) -> None:
    pairs = assign(gains)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(gains[row][column] > 0 for row, column in pairs)


@given(BOXES, BOXES)
def test_overlaps_are_symmetric_shares(one: Box, other: Box) -> None:
    assert iou(one, other) == pytest.approx(iou(other, one))
    assert 0 <= iou(one, other) <= overlap(one, other) * (1 + 1e-9) <= 1 + 1e-9


@given(BOXES)
def test_a_box_covers_itself(box: Box) -> None:
    assert iou(box, box) == pytest.approx(1)
    assert overlap(box, box) == pytest.approx(1)


@given(BOXES, st.floats(0, 3), st.floats(1.01, 5))
def test_a_nearer_face_gains_more(box: Box, elapsed_s: float, factor: float) -> None:
    motion = predict_motion(start_motion(box, MotionSettings()), elapsed_s, MotionSettings())
    (x, y), step = box.center, 0.4 * box.size_px
    near = Box.around((x + step, y), box.width, box.height)
    far = Box.around((x + factor * step, y), box.width, box.height)
    gains = [match_gain(motion, one, MotionSettings(), GateSettings()) for one in (box, near, far)]
    assert gains == sorted(gains, reverse=True)


@given(BOXES, st.floats(3.1, 100))
def test_no_face_jumps(box: Box, sizes: float) -> None:
    motion = predict_motion(start_motion(box, MotionSettings()), 5.0, MotionSettings())
    x, y = box.center
    far = Box.around((x + sizes * motion.size_px, y), motion.size_px, motion.size_px)
    assert match_gain(motion, far, MotionSettings(), GateSettings()) == 0
