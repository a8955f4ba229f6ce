"""What of a frame is shown: nothing that nobody has looked at as it is."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.types import Box, Frame, Glimpse, Sight, UInt8Array
from pipeline.vision.blur import Blur, blurred_frame, head_box, hide_boxes
from pipeline.vision.veil import ENTRY_S, MAX_LOOK_AGE_S, Veil, hidden_box
from tests.results import flat_frame

SIZE = (960, 540)
NOBODY = Sight(())
FACE = Box(400, 200, 440, 250)


def scene(index: int, *people: tuple[int, int]) -> Frame:
    """Return a textured frame with a bright square of 120 px at each (left, top)."""
    luma = np.random.default_rng(0).integers(60, 90, SIZE[::-1], np.uint8)
    for left, top in people:
        luma[max(0, top) : top + 120, max(0, left) : left + 120] = 220
    return flat_frame(index, SIZE, y=luma)


def is_whole(covered: Frame, frame: Frame) -> bool:
    return bool(np.array_equal(covered.y, blurred_frame(frame).y))


def hidden(covered: Frame, frame: Frame) -> UInt8Array:
    """Return which pixels of a covered frame are not as they were."""
    return np.asarray(covered.y != frame.y, np.uint8)


def test_without_blur_a_frame_stays_itself() -> None:
    frame = scene(0)
    assert Veil(Blur.OFF).cover(frame, None) is frame


def test_all_of_every_frame_is_hidden_where_that_is_asked_for() -> None:
    veil = Veil(Blur.ALL)
    assert all(is_whole(veil.cover(frame, NOBODY), frame) for frame in (scene(0), scene(1)))


def test_all_is_hidden_before_the_first_look() -> None:
    frame = scene(0)
    assert is_whole(Veil(Blur.FACES).cover(frame, None), frame)


@pytest.mark.parametrize("age_s", [MAX_LOOK_AGE_S + 0.01, -0.04])
def test_all_is_hidden_where_the_look_is_too_old_or_of_another_time(age_s: float) -> None:
    veil = Veil(Blur.FACES)
    veil.cover(scene(0), NOBODY)
    frame = scene(1)
    assert is_whole(veil.cover(frame, Sight((), age_s)), frame)
    assert veil.cover(frame, Sight((), MAX_LOOK_AGE_S)) is frame


def test_all_is_hidden_where_the_detector_has_failed_and_not_once_it_works_again() -> None:
    veil = Veil(Blur.FACES)
    veil.cover(scene(0), NOBODY)
    frame = scene(1)
    assert is_whole(veil.cover(frame, None), frame)
    assert veil.cover(frame, NOBODY) is frame


def test_on_a_frame_that_is_looked_at_the_faces_are_hidden_and_no_more() -> None:
    frame = scene(0)
    covered = Veil(Blur.FACES).cover(frame, Sight((Glimpse(FACE),)))
    np.testing.assert_array_equal(covered.y, hide_boxes(frame, [head_box(FACE)]).y)


def test_nobody_on_a_frame_is_nothing_to_hide() -> None:
    frame = scene(0)
    assert Veil(Blur.FACES).cover(frame, NOBODY) is frame


def test_faces_of_frames_nearby_are_hidden_too() -> None:
    frame, near = scene(0), Glimpse(FACE, 0.2)
    covered = Veil(Blur.FACES).cover(frame, NOBODY, [near])
    np.testing.assert_array_equal(covered.y, hide_boxes(frame, [hidden_box(near)]).y)


def test_a_face_that_was_seen_a_while_ago_is_hidden_wherever_it_may_be() -> None:
    now, then = hidden_box(Glimpse(FACE)), hidden_box(Glimpse(FACE, 0.5))
    assert now == head_box(FACE)
    assert then.x2 - now.x2 >= 1.4 * FACE.size_px, "a walker makes a step"
    assert then.center == now.center


def test_between_looks_what_has_changed_is_hidden_and_the_rest_is_shown() -> None:
    veil = Veil(Blur.FACES)
    assert not hidden(veil.cover(scene(0, (100, 300)), NOBODY), scene(0, (100, 300))).any()
    frame = scene(1, (100, 300), (600, 200))
    changed = hidden(veil.cover(frame, Sight((), 0.04)), frame)
    assert changed[200:320, 600:720].all(), "who has just come"
    assert not changed[:, :500].any(), "who was there when the detector looked"


def test_what_changes_slowly_adds_up_until_somebody_looks() -> None:
    veil = Veil(Blur.FACES)
    veil.cover(scene(0), NOBODY)
    for step in range(1, 5):
        frame = flat_frame(step, SIZE, y=np.asarray(scene(0).y + 4 * step * (np.arange(SIZE[0]) > 700), np.uint8))
        covered = veil.cover(frame, Sight((), 0.04 * step))
    assert hidden(covered, frame)[:, 720:].mean() > 0.9
    assert not hidden(covered, frame)[:, :600].any()


def test_all_is_hidden_where_most_has_changed() -> None:
    veil = Veil(Blur.FACES)
    veil.cover(scene(0), NOBODY)
    other = np.random.default_rng(9).integers(0, 255, (18, 32), np.uint8).repeat(30, 0).repeat(30, 1)
    frame = flat_frame(1, SIZE, y=other)
    assert is_whole(veil.cover(frame, Sight((), 0.04)), frame)


def test_all_is_hidden_in_another_size_until_somebody_looks() -> None:
    veil = Veil(Blur.FACES)
    veil.cover(scene(0), NOBODY)
    small = flat_frame(1, (480, 270))
    assert is_whole(veil.cover(small, Sight((), 0.04)), small)
    assert veil.cover(small, NOBODY) is small


def walk_in(veil: Veil, lefts: tuple[int, ...]) -> list[UInt8Array]:
    """Return what is hidden of frames that are all looked at, in which nobody finds the one who walks."""
    frames = [scene(0), *(scene(index + 1, (left, 200)) for index, left in enumerate(lefts))]
    frames = [replace(frame, media_s=index * ENTRY_S / 2) for index, frame in enumerate(frames)]
    return [hidden(veil.cover(frame, NOBODY), frame) for frame in frames]


def test_who_comes_in_at_a_side_is_hidden_until_they_are_in() -> None:
    coming = walk_in(Veil(Blur.FACES, guards_sides=True), (-60, -20, 20, 300, 340, 380))
    assert coming[1][200:320, :60].all()
    assert coming[2][200:320, :100].all()
    assert not coming[-1].any(), "the detector sees them whole"


def test_where_later_frames_tell_sides_need_no_guard() -> None:
    assert not any(changed.any() for changed in walk_in(Veil(Blur.FACES), (-60, -20, 20)))
