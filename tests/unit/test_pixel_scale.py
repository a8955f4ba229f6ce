from typing import Any

import numpy as np
import pytest

from pipeline.errors import ConfigError
from pipeline.types import UInt8Array
from training.pixel_scale import NAMED_SCALES, PixelScale, parse_pixel_scale


@pytest.fixture
def crops() -> UInt8Array:
    return np.random.default_rng(1).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)


@pytest.mark.parametrize(("name", "mode"), [("symmetric", "tf"), ("torch", "torch"), ("caffe", "caffe")])
def test_named_scales_are_those_of_keras(crops: UInt8Array, name: str, mode: str) -> None:
    from keras.applications import imagenet_utils  # type: ignore[import-untyped]  # ships no types

    expected: Any = imagenet_utils.preprocess_input(crops.astype(np.float32), data_format="channels_last", mode=mode)

    np.testing.assert_allclose(parse_pixel_scale(name).apply(crops), expected, atol=2e-5)


def test_bytes_stay_bytes_and_the_unit_scale_ends_at_one(crops: UInt8Array) -> None:
    np.testing.assert_array_equal(parse_pixel_scale("none").apply(crops), crops.astype(np.float32))
    np.testing.assert_allclose(parse_pixel_scale("unit").apply(crops), crops / 255.0, atol=1e-6)


@pytest.mark.parametrize(
    ("text", "factor", "offset"),
    [("2", 2, 0), ("1/255", 1 / 255, 0), ("1/127.5,-1", 1 / 127.5, -1), ("0.5, 3", 0.5, 3), ("-1,255", -1, 255)],
)
def test_numbers_are_a_factor_and_an_offset(text: str, factor: float, offset: float) -> None:
    assert parse_pixel_scale(text) == PixelScale((factor,) * 3, (offset,) * 3)


@pytest.mark.parametrize("text", ["", "big", "0", "1/0", "nan", "inf", "1,2,3", "1/2/3", "1,x"])
def test_anything_else_names_what_is_on_offer(text: str) -> None:
    with pytest.raises(ConfigError, match=r"none, unit, symmetric, torch, caffe, or FACTOR"):
        parse_pixel_scale(text)


def test_the_order_of_channels_can_be_said(crops: UInt8Array) -> None:
    np.testing.assert_array_equal(parse_pixel_scale("none", "bgr").apply(crops), crops[..., ::-1])
    assert parse_pixel_scale("caffe", "rgb").is_bgr is False
    assert NAMED_SCALES["caffe"].is_bgr is True
