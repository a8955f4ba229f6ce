"""Views are ordered as a person would order them."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import Box, ColorMatrix, ColorRange, Face, UInt8Array
from pipeline.vision.crop import crop_frame_face
from pipeline.vision.i420 import i420_from_rgb
from pipeline.vision.quality import face_sharpness, pose_quality, sharpness_quality, size_quality, view_quality
from tests.results import flat_frame

EYES = ((20.0, 30.0), (60.0, 30.0))


def face(nose: tuple[float, float] | None = None, size_px: float = 80.0) -> Face:
    return Face(Box.around((40.0, 40.0), size_px, size_px), 0.9, (*EYES, nose) if nose else ())


def textured(side: int = 96) -> UInt8Array:
    noise = np.random.default_rng(0).integers(0, 255, (side // 4, side // 4, 3), np.uint8)
    return np.asarray(cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_larger_faces_tell_more_up_to_what_the_network_sees() -> None:
    sizes = [size_quality(size) for size in (4, 8, 16, 32, 64, 500)]
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[1], sizes[4], sizes[5]) == pytest.approx((0.4, 0.4, 1.0, 1.0))


def test_a_turned_face_tells_less() -> None:
    frontal, half, profile = (pose_quality(face((x, 45.0))) for x in (40.0, 54.0, 66.0))
    assert frontal == 1.0
    assert profile == pytest.approx(0.6)
    assert profile < half < frontal


def test_a_face_turned_either_way_is_alike() -> None:
    assert pose_quality(face((26.0, 45.0))) == pytest.approx(pose_quality(face((54.0, 45.0))))


def test_a_tilted_head_is_not_a_turned_one() -> None:
    tilted = Face(Box(0, 0, 80, 80), 0.9, ((20.0, 20.0), (50.0, 50.0), (25.0, 45.0)))
    assert pose_quality(tilted) == 1.0


def test_without_key_points_the_pose_is_taken_as_frontal() -> None:
    assert pose_quality(face()) == 1.0


def test_eyes_in_one_place_are_a_profile() -> None:
    assert pose_quality(Face(Box(0, 0, 80, 80), 0.9, ((30.0, 30.0), (30.0, 30.0), (40.0, 45.0)))) == pytest.approx(0.6)


def test_blur_lowers_the_quality() -> None:
    crops = [textured()] + [np.asarray(cv2.GaussianBlur(textured(), (0, 0), sigma), np.uint8) for sigma in (4, 8)]
    qualities = [sharpness_quality(crop, 80.0) for crop in crops]
    assert qualities == sorted(qualities, reverse=True)
    assert qualities[0] > qualities[2] + 0.2


def test_dim_light_is_not_blur() -> None:
    dim = (textured() // 2).astype(np.uint8)
    assert sharpness_quality(dim, 80.0) == pytest.approx(sharpness_quality(textured(), 80.0), abs=0.02)


def test_a_flat_crop_has_the_least_sharpness() -> None:
    assert sharpness_quality(np.full((64, 64, 3), 90, np.uint8), 64.0) == pytest.approx(0.5)


@pytest.mark.parametrize("sigma", [1, 2, 4])
def test_the_sharpness_of_a_face_in_its_frame_is_that_of_its_crop(sigma: int) -> None:
    blurred = np.asarray(cv2.GaussianBlur(textured(), (0, 0), sigma), np.uint8)
    side = blurred.shape[0] // 2 * 2
    planes = i420_from_rgb(blurred[:side, :side], ColorMatrix.BT601, ColorRange.LIMITED)
    frame = replace(flat_frame(0, (side, side)), y=planes.y, u=planes.u, v=planes.v)
    seen = Face(Box.around((side / 2, side / 2), side / 1.2, side / 1.2), 0.9)
    crop = crop_frame_face(frame, seen.box, side)
    assert face_sharpness(frame, seen) == pytest.approx(sharpness_quality(crop, seen.box.size_px), abs=0.1)


@given(st.floats(1, 2000), st.floats(-50, 150), st.integers(8, 160), st.integers(0, 5))
def test_quality_lies_between_0_and_1(size_px: float, nose_x: float, side: int, seed: int) -> None:
    crop = np.random.default_rng(seed).integers(0, 255, (side, side, 3), np.uint8)
    assert 0 < view_quality(face((nose_x, 45.0), size_px), crop) <= 1
