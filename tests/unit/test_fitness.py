from dataclasses import replace

import cv2
import numpy as np
import pytest

from pipeline.types import ColorRange, Frame, UInt8Array
from pipeline.vision.fitness import (
    FACES_REMEMBERED,
    LEAST_FACES,
    FaceSizeFitness,
    focus_fitness,
    light_fitness,
    picture_fitness,
)
from pipeline.vision.flaws import BLURRED, FACES_TOO_SMALL, TOO_DARK
from tests.results import flat_frame


def street(height: int = 360, width: int = 640) -> UInt8Array:
    """Return an (height, width) uint8 luma plane with edges of all sizes, as a street has."""
    rng = np.random.default_rng(5)
    luma = np.full((height, width), 110, np.uint8)
    for _ in range(300):
        x, y, side = rng.integers(0, width), rng.integers(0, height), rng.integers(3, 60)
        cv2.rectangle(luma, (int(x), int(y)), (int(x + side), int(y + side)), int(rng.integers(20, 235)), -1)
    return luma


def blurred(luma: UInt8Array, share_of_width: float) -> UInt8Array:
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), share_of_width * luma.shape[1]), np.uint8)


def scaled(luma: UInt8Array, gain: float) -> UInt8Array:
    return np.asarray(luma * gain, np.uint8)


def framed(luma: UInt8Array) -> Frame:
    return flat_frame(0, (luma.shape[1], luma.shape[0]), y=luma, color_range=ColorRange.FULL)


def test_a_clear_picture_by_day_is_fit() -> None:
    assert picture_fitness(framed(street())) == {TOO_DARK: 1.0, BLURRED: 1.0}


def test_light_is_lost_step_by_step() -> None:
    fitness = [light_fitness(scaled(street(), gain), ColorRange.FULL) for gain in (1, 0.3, 0.2, 0.1)]
    assert fitness == sorted(fitness, reverse=True)
    assert (fitness[0], fitness[-1]) == (1.0, 0.0)
    assert 0 < fitness[2] < 0.5


def test_black_of_a_limited_range_is_black() -> None:
    nearly_black = np.full((60, 80), 30, np.uint8)
    assert light_fitness(nearly_black, ColorRange.LIMITED) == 0.0
    assert light_fitness(nearly_black, ColorRange.FULL) > 0.0


def test_a_dark_background_is_no_harm() -> None:
    luma = np.full((360, 640), 10, np.uint8)
    luma[:, :80] = 200
    assert light_fitness(luma, ColorRange.FULL) == 1.0


def test_focus_is_lost_step_by_step_and_light_does_not_matter() -> None:
    fitness = [focus_fitness(blurred(street(), share)) for share in (0.0001, 0.002, 0.004, 0.012)]
    assert fitness == sorted(fitness, reverse=True)
    assert (fitness[0], fitness[-1]) == (1.0, 0.0)
    assert focus_fitness(scaled(blurred(street(), 0.012), 0.5)) < 0.1


def test_a_picture_without_any_edge_is_blurred() -> None:
    assert focus_fitness(np.full((90, 160), 120, np.uint8)) == 0.0


def test_a_large_picture_is_looked_at_in_small() -> None:
    large = np.asarray(cv2.resize(street(), (1920, 1080), interpolation=cv2.INTER_CUBIC), np.uint8)
    assert picture_fitness(framed(large)) == {TOO_DARK: 1.0, BLURRED: 1.0}


@pytest.mark.parametrize("shape", [(2, 2), (2, 900), (900, 2)])
def test_any_shape_has_a_fitness(shape: tuple[int, int]) -> None:
    frame = replace(framed(np.zeros(shape, np.uint8)))
    assert picture_fitness(frame) == {TOO_DARK: 0.0, BLURRED: 0.0}


def test_the_share_of_large_faces_needs_some_persons() -> None:
    faces = FaceSizeFitness(smallest_px=20)
    for index in range(LEAST_FACES):
        assert faces.fitness() == {}
        faces.add(20.0 if index % 2 else 19.9)
    assert faces.fitness() == {FACES_TOO_SMALL: 0.5}


def test_faces_of_long_ago_no_longer_count() -> None:
    faces = FaceSizeFitness(smallest_px=20)
    for size_px in (5.0,) * 30 + (40.0,) * FACES_REMEMBERED:
        faces.add(size_px)
    assert faces.fitness() == {FACES_TOO_SMALL: 1.0}
