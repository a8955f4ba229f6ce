"""The persons of the policy's benchmark are where its truth says, and change what they wear within a frame."""

from random import Random

import numpy as np
import pytest

from benchmarks.policy_scenes import CHANGED, casts
from benchmarks.portraits import HEIGHT, ROWS, WIDTH, Portrait
from pipeline.types import Box, MaskState
from training.faces import LabelledFace


@pytest.mark.parametrize("seed", range(5))
def test_each_person_of_a_cast_has_a_name_of_their_own(seed: int) -> None:
    for _, cast in casts(Random(seed)):
        names = [actor.name for actor in cast]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("seed", range(5))
def test_who_changes_a_mask_stays_where_they_are_and_is_never_away(seed: int) -> None:
    cast = dict(casts(Random(seed)))[CHANGED]
    for before, after in zip(cast[::2], cast[1::2], strict=True):
        assert after.name == f"{before.name}, later"
        assert before.state is not after.state
        assert (before.path[-1].x, before.path[-1].y) == (after.path[0].x, after.path[0].y)
        assert 0 < after.path[0].time_s - before.path[-1].time_s < 1 / 25


def test_the_same_seed_gives_the_same_casts() -> None:
    assert list(casts(Random(3))) == list(casts(Random(3)))


def portrait() -> Portrait:
    face = LabelledFace("ann.png", np.zeros((60, 50, 3), np.uint8), Box(10, 10, 40, 50), 1, "source", "group")
    return Portrait(face, row=1, from_s=2.0, to_s=6.0, goes_left=False, sizes_px=(60.0, 100.0))


def test_a_photograph_crosses_its_row_and_grows() -> None:
    places = [portrait().placement(time_s) for time_s in (1.9, 2.0, 4.0, 6.0, 6.1)]
    assert (places[0], places[-1]) == (None, None)
    begins, half_way, ends = (place for place in places if place is not None)
    assert begins.x < 0 < half_way.x < WIDTH < ends.x
    assert [place.face_px for place in (begins, half_way, ends)] == pytest.approx([60, 80, 100])
    assert half_way.y == pytest.approx(1.5 * HEIGHT / ROWS)


def test_what_is_shown_is_the_labelled_box_at_that_size() -> None:
    at = portrait().placement(4.0)
    assert at is not None
    shown = portrait().shown(at)
    assert shown.state is MaskState.INCORRECT
    assert (shown.box.height, shown.box.width) == pytest.approx((80, 60))
    assert shown.box.center == pytest.approx((at.x, at.y))
