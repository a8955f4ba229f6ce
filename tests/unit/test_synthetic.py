"""The drawn clip: masks sit where they should, actors move as its truth says."""

import dataclasses
import importlib.util
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError, SourceError
from pipeline.sources.actors import Actor, DrawnFace, Waypoint
from pipeline.sources.demo_cast import DEMO_CAST
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.face_axes import FaceAxes
from pipeline.sources.looks import Look
from pipeline.sources.mask_drawing import STYLES, SURGICAL_BLUE, MaskStyle, MaskWear, draw_mask, mask_cover
from pipeline.sources.mask_shading import light_on_face
from pipeline.sources.synthetic import DEMO_FORMAT, ClipFormat, FacePicture, SyntheticClip
from pipeline.types import Face, Float32Array, Frame, UInt8Array
from pipeline.vision.i420 import rgb_frame
from pipeline.vision.overlap import iou
from tests.drawn_face import FACE, KEY_POINTS, drawn_face

SHORT = ClipFormat(320, 180, 10.0, 0.5)
NOSE, MOUTH = KEY_POINTS[2:4]
CHIN = (150.0, 200.0)
TRACKER_MEMORY_S = 2.0


def walker(wear: MaskWear = MaskWear.SNUG, look: Look | None = None) -> Actor:
    path = (Waypoint(0.0, 100, 90, 80), Waypoint(1.0, 220, 90, 80))
    return Actor("Walker", wear, SURGICAL_BLUE, look or Look(), path)


def frames_of(actor: Actor, clip_format: ClipFormat = SHORT) -> list[Frame]:
    return list(SyntheticClip(drawn_face(), (actor,), clip_format).frames())


def masked(picture: UInt8Array, wear: MaskWear, style: MaskStyle = SURGICAL_BLUE) -> UInt8Array:
    axes = FaceAxes.of(FACE)
    return draw_mask(picture, light_on_face(picture, axes), axes, wear, style)


def covers(cover: Float32Array, point: tuple[float, float]) -> bool:
    return bool(cover[round(point[1]), round(point[0])] > 0.5)


@pytest.mark.parametrize(
    ("wear", "nose", "mouth", "chin"),
    [
        (MaskWear.SNUG, True, True, True),
        (MaskWear.NOSE_FREE, False, True, True),
        (MaskWear.CHIN, False, False, True),
        (MaskWear.NONE, False, False, False),
    ],
)
def test_a_mask_covers_what_its_wear_says(wear: MaskWear, nose: bool, mouth: bool, chin: bool) -> None:
    cover = mask_cover((360, 300), FaceAxes.of(FACE), wear)
    assert [covers(cover, point) for point in (NOSE, MOUTH, CHIN)] == [nose, mouth, chin]
    assert not covers(cover, KEY_POINTS[0])


@pytest.mark.parametrize("style", STYLES)
def test_a_mask_has_the_hue_of_its_style_and_leaves_the_rest_alone(style: MaskStyle) -> None:
    before = drawn_face().rgb
    after = masked(before, MaskWear.SNUG, style)
    x, y = round(MOUTH[0]), round(MOUTH[1]) + 12
    seen = after[y - 3 : y + 4, x - 9 : x + 10].reshape(-1, 3).mean(axis=0)
    color = np.array(style.color)
    assert np.abs(seen / seen.sum() - color / color.sum()).max() < 0.02
    assert np.array_equal(after[:60], before[:60])
    assert np.array_equal(masked(before, MaskWear.NONE, style), before)


def test_folds_and_light_show_on_the_fabric() -> None:
    after = masked(drawn_face().rgb, MaskWear.SNUG)
    assert after[140:195, 120:180, 1].std() > 4


@given(st.floats(0.2, 4), st.floats(-200, 200), st.floats(-1.2, 1.2), st.floats(-1, 2))
def test_face_coordinates_follow_the_picture(scale: float, shift: float, x: float, v: float) -> None:
    axes = FaceAxes.of(FACE)
    point = np.array([[x, v]], np.float32)
    expected = axes.to_pixels(point) * scale + (shift, -shift)
    np.testing.assert_allclose(axes.moved(scale, (shift, -shift)).to_pixels(point), expected, atol=0.05)


def test_pixels_have_the_coordinates_that_lead_back_to_them() -> None:
    axes = FaceAxes.of(FACE)
    x, v = axes.of_pixels((360, 300))
    pixels = axes.to_pixels(np.stack((x.ravel(), v.ravel()), axis=1))
    rows, columns = np.indices((360, 300))
    np.testing.assert_allclose(pixels, np.stack((columns.ravel(), rows.ravel()), axis=1), atol=0.01)


def test_the_truth_says_where_each_mask_is() -> None:
    clip = SyntheticClip(drawn_face(), (walker(MaskWear.SNUG),), SHORT)
    bare = frames_of(walker(MaskWear.NONE))
    for frame, plain, drawn in zip(clip.frames(), bare, clip.truth(), strict=True):
        rows, columns = np.nonzero(np.abs(frame.y.astype(int) - plain.y) > 12)
        (face,) = drawn
        assert len(rows) > 200
        assert face.box.x1 - 6 < columns.min()
        assert columns.max() < face.box.x2 + 6
        assert face.box.y1 + face.box.height * 0.3 < rows.min()
        assert rows.max() < face.box.y2 + face.box.height * 0.15


def test_the_same_clip_is_drawn_again_and_another_seed_draws_another() -> None:
    first, second = frames_of(walker()), frames_of(walker())
    other = frames_of(walker(), dataclasses.replace(SHORT, seed=1))
    assert [frame.y.tobytes() for frame in first] == [frame.y.tobytes() for frame in second]
    assert first[0].y.tobytes() != other[0].y.tobytes()


def test_looks_differ_in_skin_and_a_mirrored_actor_turns_round() -> None:
    plain, dark = (
        rgb_frame(frames_of(walker(MaskWear.NONE, look))[0]) for look in (Look(), Look(skin=(0.6, 0.5, 0.4)))
    )
    cheek = (slice(88, 94), slice(94, 97))
    assert dark[cheek].mean() < 0.75 * plain[cheek].mean()
    mirrored = rgb_frame(frames_of(walker(MaskWear.NONE, Look(mirrored=True)))[0])
    assert not np.array_equal(mirrored, plain)


def test_nobody_is_drawn_before_or_after_their_path() -> None:
    actor = dataclasses.replace(walker(), path=(Waypoint(0.2, 100, 90, 80), Waypoint(0.3, 120, 90, 80)))
    truth = SyntheticClip(drawn_face(), (actor,), SHORT).truth()
    assert [len(faces) for faces in truth] == [0, 0, 1, 1, 0]


def test_a_closed_clip_ends() -> None:
    clip = SyntheticClip(drawn_face(), (walker(),), SHORT)
    frames = clip.frames()
    next(frames)
    clip.close()
    clip.close()
    assert list(frames) == []


def test_too_small_a_face_is_refused() -> None:
    small = Face(dataclasses.replace(FACE.box, x2=120, y2=120), 0.9, KEY_POINTS)
    with pytest.raises(SourceError, match=r"40 px.*needs 60"):
        FacePicture(drawn_face().rgb, small)


def test_a_picture_without_a_face_is_refused() -> None:
    with pytest.raises(SourceError, match="no face was found"):
        FacePicture.of(drawn_face().rgb, ())


def test_the_largest_of_several_faces_acts() -> None:
    smaller = dataclasses.replace(FACE, box=dataclasses.replace(FACE.box, x2=170))
    assert FacePicture.of(drawn_face().rgb, (smaller, FACE)).face is FACE


@pytest.mark.parametrize("key_points", [(), KEY_POINTS[:4], (KEY_POINTS[0],) * 6])
def test_a_face_without_usable_key_points_is_refused(key_points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(SourceError, match="key points"):
        SyntheticClip(FacePicture(drawn_face().rgb, dataclasses.replace(FACE, key_points=key_points)))


def test_without_scikit_image_the_demo_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(_name: str) -> None:
        return None

    monkeypatch.setattr("pipeline.sources.demo_picture.find_spec", find_nothing)
    with pytest.raises(ConfigError, match=r"maskstream\[demo\].*--picture"):
        demo_picture()


@pytest.mark.skipif(importlib.util.find_spec("skimage") is None, reason="scikit-image is not installed")
def test_the_demo_picture_is_found_without_loading_its_package() -> None:
    assert demo_picture().is_file()


def test_a_path_goes_forward_in_time() -> None:
    with pytest.raises(ValueError, match="in time order"):
        dataclasses.replace(walker(), path=(Waypoint(1.0, 0, 0, 80), Waypoint(0.5, 0, 0, 80)))


@pytest.fixture(scope="module")
def demo_truth() -> tuple[tuple[DrawnFace, ...], ...]:
    return SyntheticClip(drawn_face()).truth()


def test_the_cast_shows_every_wear_and_each_actor_long_enough(demo_truth: tuple[tuple[DrawnFace, ...], ...]) -> None:
    assert {actor.wear for actor in DEMO_CAST} == set(MaskWear)
    for actor in DEMO_CAST:
        boxes = [face.box for faces in demo_truth for face in faces if face.actor == actor.name]
        inside = [box for box in boxes if box.x1 >= 0 and box.x2 <= DEMO_FORMAT.width and box.height >= 70]
        assert len(inside) >= 3 * DEMO_FORMAT.frames_per_s


def test_no_face_hides_another_for_long(demo_truth: tuple[tuple[DrawnFace, ...], ...]) -> None:
    for one, other in combinations(DEMO_CAST, 2):
        overlaps = [
            iou(a.box, b.box)
            for faces in demo_truth
            for a in faces
            for b in faces
            if (a.actor, b.actor) == (one.name, other.name)
        ]
        assert max(overlaps, default=0) < 0.25
        assert sum(value > 0.05 for value in overlaps) < DEMO_FORMAT.frames_per_s


def test_nobody_enters_where_somebody_has_just_left() -> None:
    for leaving in DEMO_CAST:
        for entering in DEMO_CAST:
            end, begin = leaving.path[-1], entering.path[0]
            near = np.hypot(end.x - begin.x, end.y - begin.y) < 3 * end.face_px
            assert not (near and 0 <= begin.time_s - end.time_s <= TRACKER_MEMORY_S)
