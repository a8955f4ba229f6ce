from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import Box, Float32Array
from training.config import Pasting
from training.face_frame import FaceFrame
from training.faces import LABEL_INDEX, LabelledFace
from training.mask_paste import MaskPaster, Wear, paste_mask, reveal_nose

SKIN, CLOTH, OTHER_SKIN = (200, 150, 120), (40, 90, 200), (120, 80, 60)
SIDE_PX = 96
# Eyes, nose, mouth, ears; the person's right one first.
POINTS = np.array([[34, 34], [62, 34], [48, 50], [48, 64], [16, 38], [80, 38]], np.float32)
FOREHEAD, NOSE, MOUTH, CHIN = (20, 48), (50, 48), (64, 48), (80, 48)


def face(label: str, skin: tuple[int, int, int], points: Float32Array | None = POINTS) -> LabelledFace:
    """Return a face of one colour, from the nose downwards of cloth where it is masked."""
    picture = np.full((SIDE_PX, SIDE_PX, 3), skin, np.uint8)
    if label == "masked":
        picture[44:] = CLOTH
    box = Box(12, 8, 84, 92)
    return LabelledFace(label, picture, box, LABEL_INDEX[label], "source", "group", key_points=points)


def framed(one: LabelledFace) -> tuple[LabelledFace, FaceFrame]:
    frame = FaceFrame.of(one.key_points)
    assert frame is not None
    return one, frame


def is_changed(before: LabelledFace, after: LabelledFace, place: tuple[int, int]) -> bool:
    """Return whether more than shade has changed there."""
    difference = np.abs(before.picture[place].astype(int) - after.picture[place].astype(int))
    return bool(difference.max() > 60)


BARE, MASKED = face("unmasked", SKIN), face("masked", OTHER_SKIN)
COVERED: dict[Wear, tuple[bool, bool, bool]] = {
    "masked": (True, True, True),
    "nose": (False, True, True),
    "chin": (False, False, True),
}


@pytest.mark.parametrize("wear", list(COVERED))
@pytest.mark.parametrize("seed", range(12))
def test_a_pasted_mask_covers_what_its_way_of_wearing_covers(wear: Wear, seed: int) -> None:
    pasted = paste_mask(framed(BARE), framed(MASKED), wear, np.random.default_rng(seed))

    assert pasted is not None
    # The mouth of a mask under the nose lies near its edge, and cloth may be dyed like skin: the chin must show most.
    covered = tuple(is_changed(BARE, pasted, place) for place in (NOSE, MOUTH, CHIN))
    assert not any(seen and not due for seen, due in zip(covered, COVERED[wear], strict=True))
    assert not is_changed(BARE, pasted, FOREHEAD)
    assert (np.abs(pasted.picture.astype(int) - BARE.picture).max(axis=2) > 8).mean() > 0.03


@pytest.mark.parametrize("seed", range(12))
def test_a_revealed_nose_is_skin_in_the_wearer_s_colour_and_the_mask_stays_below(seed: int) -> None:
    revealed = reveal_nose(framed(MASKED), framed(BARE), np.random.default_rng(seed))

    assert revealed is not None
    assert np.abs(revealed.picture[NOSE].astype(int) - OTHER_SKIN).max() < 40
    np.testing.assert_array_equal(revealed.picture[CHIN], CLOTH)


def test_the_same_draw_gives_the_same_face_and_its_givers_stay_as_they_are() -> None:
    first, second = (paste_mask(framed(BARE), framed(MASKED), "nose", np.random.default_rng(3)) for _ in range(2))

    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.picture, second.picture)
    np.testing.assert_array_equal(BARE.picture, face("unmasked", SKIN).picture)


def test_a_mask_outside_of_the_picture_is_not_pasted() -> None:
    cut = replace(BARE, picture=BARE.picture[:66], box=Box(12, 8, 84, 66))

    assert paste_mask(framed(cut), framed(MASKED), "chin", np.random.default_rng(0)) is None


def test_pasted_faces_keep_the_label_that_was_drawn_and_bare_ones_are_left_alone() -> None:
    wrong = face("incorrect", SKIN)
    faces = [BARE, MASKED, wrong]
    paster = MaskPaster(faces, np.full(3, 1 / 3), Pasting(masked=1, incorrect=1))
    rng = np.random.default_rng(0)

    assert paster.drawn(BARE, rng) is BARE
    for drawn_for in (MASKED, wrong):
        drawn = paster.drawn(drawn_for, rng)
        assert drawn is not drawn_for
        assert drawn.label == drawn_for.label


def test_without_key_points_nothing_is_pasted() -> None:
    faces = [replace(one, key_points=None) for one in (BARE, MASKED)]
    paster = MaskPaster(faces, np.full(2, 0.5), Pasting(masked=1, incorrect=1))

    assert paster.drawn(faces[1], np.random.default_rng(0)) is faces[1]


@given(
    x=st.floats(-1.5, 1.5), y=st.floats(-0.5, 2.5), angle=st.floats(-0.6, 0.6), size=st.floats(0.5, 3),
    ears=st.tuples(st.floats(0, 30), st.floats(0, 30)),
)  # fmt: skip
def test_face_coordinates_lead_to_a_pixel_and_back(
    x: float, y: float, angle: float, size: float, ears: tuple[float, float]
) -> None:
    points = POINTS + np.array([[0, 0]] * 4 + [[-ears[0], 0], [ears[1], 0]], np.float32)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    frame = FaceFrame.of((size * points @ turn.T).astype(np.float32))
    assert frame is not None

    column, row = frame.pixels(np.array([x]), np.array([y]))[0]
    offset = np.array([column, row], np.float64) - frame.origin_px
    along, down = np.linalg.solve(np.column_stack([frame.across, frame.down_px]), offset)

    assert down == pytest.approx(y, abs=1e-3)
    assert along / (frame.right_px if x < 0 else frame.left_px) == pytest.approx(x, abs=1e-3)


@pytest.mark.parametrize(
    "points",
    [
        None,
        POINTS / 8,  # too small
        POINTS[[1, 0, 2, 3, 5, 4]],  # upside down, or left for right
        POINTS * np.array([0.1, 1], np.float32),  # in profile
    ],
)
def test_key_points_that_lie_oddly_make_no_frame(points: Float32Array | None) -> None:
    assert FaceFrame.of(points) is None
