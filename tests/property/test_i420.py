"""The conversions against the definitions of BT.601 and BT.709 in floating point, and crops against whole frames."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.types import Box, ColorMatrix, ColorRange, Frame, UInt8Array
from pipeline.vision.crop import crop_face, crop_frame_face
from pipeline.vision.i420 import i420_from_rgb, rgb_frame, rgb_region, thumbnail

WEIGHTS = {ColorMatrix.BT601: (0.299, 0.587, 0.114), ColorMatrix.BT709: (0.2126, 0.7152, 0.0722)}
MATRICES = st.sampled_from(ColorMatrix)
RANGES = st.sampled_from(ColorRange)


def random_plane(generator: np.random.Generator, height: int, width: int) -> UInt8Array:
    return generator.integers(0, 256, (height, width), np.uint8)


@st.composite
def frames(draw: st.DrawFn, longest_px: int = 40) -> Frame:
    """Frames of random planes, odd sizes and single pixels included."""
    width, height = draw(st.integers(1, longest_px)), draw(st.integers(1, longest_px))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    chroma = (height + 1) // 2, (width + 1) // 2
    y, u, v = (random_plane(generator, *shape) for shape in ((height, width), chroma, chroma))
    return Frame("test", 0, 0.0, y, u, v, matrix=draw(MATRICES), color_range=draw(RANGES))


def reference_rgb(frame: Frame) -> NDArray[np.float64]:
    """Convert as the recommendations write it, each chroma sample standing for two by two pixels."""
    red, green, blue = WEIGHTS[frame.matrix]
    rows, columns = np.arange(frame.height)[:, None] // 2, np.arange(frame.width)[None] // 2
    full = frame.color_range is ColorRange.FULL
    y = frame.y / 255 if full else (frame.y - 16.0) / 219
    cb, cr = ((plane[rows, columns] - 128.0) / (255 if full else 224) for plane in (frame.u, frame.v))
    r, b = y + 2 * (1 - red) * cr, y + 2 * (1 - blue) * cb
    g = (y - red * r - blue * b) / green
    return np.clip(np.stack((r, g, b), axis=-1) * 255, 0, 255)


@given(frames())
def test_a_frame_is_within_a_level_of_the_definition(frame: Frame) -> None:
    assert np.abs(rgb_frame(frame) - reference_rgb(frame)).max() <= 1


@given(frames(), st.data())
def test_a_region_is_that_part_of_the_frame(frame: Frame, data: st.DataObject) -> None:
    left, top = data.draw(st.integers(0, frame.width - 1)), data.draw(st.integers(0, frame.height - 1))
    width, height = data.draw(st.integers(1, frame.width - left)), data.draw(st.integers(1, frame.height - top))
    expected = rgb_frame(frame)[top : top + height, left : left + width]
    np.testing.assert_array_equal(rgb_region(frame, left, top, width, height), expected)


@pytest.mark.parametrize("region", [(-1, 0, 4, 4), (0, 0, 9, 4), (0, 5, 4, 4), (2, 2, 0, 4)])
def test_a_region_outside_the_frame_is_refused(region: tuple[int, int, int, int]) -> None:
    planes = i420_from_rgb(np.zeros((8, 8, 3), np.uint8), ColorMatrix.BT601, ColorRange.FULL)
    frame = Frame("test", 0, 0.0, planes.y, planes.u, planes.v)
    with pytest.raises(ValueError, match="inside it"):
        rgb_region(frame, *region)


@given(st.tuples(*[st.integers(0, 255)] * 3), st.integers(1, 9), st.integers(1, 9), MATRICES, RANGES)
def test_a_colour_survives_the_way_to_planes_and_back(
    colour: tuple[int, int, int], width: int, height: int, matrix: ColorMatrix, color_range: ColorRange
) -> None:
    picture = np.full((height, width, 3), colour, np.uint8)
    planes = i420_from_rgb(picture, matrix, color_range)
    frame = Frame("test", 0, 0.0, planes.y, planes.u, planes.v, matrix=matrix, color_range=color_range)
    assert np.abs(rgb_frame(frame).astype(int) - picture).max() <= 3, "one level of chroma is two of blue"


@given(frames(), st.integers(1, 60))
def test_a_thumbnail_keeps_the_shape_of_its_region(frame: Frame, longest_px: int) -> None:
    small = thumbnail(frame, None, longest_px)
    longest = max(frame.width, frame.height)
    assert max(small.shape[:2]) == min(longest, longest_px)
    scale = min(1.0, longest_px / longest)
    assert abs(small.shape[0] - frame.height * scale) <= 1
    assert abs(small.shape[1] - frame.width * scale) <= 1


@pytest.mark.parametrize(("width", "height", "longest_px"), [(640, 360, 192), (641, 363, 192), (320, 180, 320)])
@pytest.mark.parametrize("region", [None, (31, 17, 240, 120)])
def test_a_thumbnail_is_the_shrunk_picture(
    width: int, height: int, longest_px: int, region: tuple[int, int, int, int] | None
) -> None:
    across, down = np.linspace(0, 255, width), np.linspace(0, 255, height)
    ramp = np.stack(np.broadcast_arrays(across, down[:, None], 128.0), axis=-1).astype(np.uint8)
    planes = i420_from_rgb(ramp, ColorMatrix.BT709, ColorRange.FULL)
    frame = Frame("test", 0, 0.0, planes.y, planes.u, planes.v, color_range=ColorRange.FULL)
    small = thumbnail(frame, region, longest_px)
    left, top, region_width, region_height = region or (0, 0, width, height)
    x = np.clip(((np.arange(small.shape[1]) + 0.5) * region_width / small.shape[1] + left), 0, width - 1).astype(int)
    y = np.clip(((np.arange(small.shape[0]) + 0.5) * region_height / small.shape[0] + top), 0, height - 1).astype(int)
    inner = np.s_[4:-4, 4:-4]
    assert np.abs(small.astype(int) - ramp[y[:, None], x])[inner].max() <= 6


COORDINATES = st.floats(-100, 140, allow_nan=False)
SIDES = st.floats(0.01, 150)


@given(frames(), COORDINATES, COORDINATES, SIDES, SIDES, st.sampled_from((1, 16, 33)))
def test_a_crop_is_the_same_from_the_frame_and_from_its_rgb(
    frame: Frame, x: float, y: float, width: float, height: float, size_px: int
) -> None:
    box = Box.around((x, y), width, height)
    expected = crop_face(rgb_frame(frame), box, size_px)
    np.testing.assert_array_equal(crop_frame_face(frame, box, size_px), expected)
