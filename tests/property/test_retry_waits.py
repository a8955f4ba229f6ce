"""Waits grow, within bounds, and never in step with those of others."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.retry_waits import RetryWaits
from pipeline.sources.reconnecting import CAMERA_WAITS


def longest(first_s: float, longest_s: float, growth: float = 2.0) -> RetryWaits:
    """Return waits that chance never shortens."""
    return RetryWaits(first_s, longest_s, growth, random=lambda: 0.0)


@given(st.randoms(use_true_random=False), st.integers(1, 100_000), st.floats(1, 4))
def test_every_wait_keeps_to_the_bounds(chance: random.Random, failures: int, growth: float) -> None:
    waits = RetryWaits(0.5, 30.0, growth, chance.random)
    assert 0.5 <= waits.wait_s(failures) <= 30.0
    assert waits.wait_s(1) == 0.5


def test_waits_grow_to_the_longest_and_lose_up_to_a_half() -> None:
    whole, half = longest(1, 10), RetryWaits(1, 10, random=lambda: 1.0)
    assert [whole.wait_s(failures) for failures in (1, 2, 3, 4, 5, 10_000)] == [1, 2, 4, 8, 10, 10]
    assert [half.wait_s(failures) for failures in (1, 2, 3, 5)] == [1, 1, 2, 5]


def test_in_the_first_ten_seconds_of_an_outage_a_camera_waits_below_five() -> None:
    waits = longest(CAMERA_WAITS.first_s, CAMERA_WAITS.longest_s, CAMERA_WAITS.growth)
    outage_s, waits_s = 0.0, [0.0]
    while outage_s < 10:
        waits_s.append(waits.wait_s(len(waits_s)))
        outage_s += waits_s[-1]
    assert max(waits_s) < 5


def test_two_cameras_do_not_return_as_one() -> None:
    one, other = (RetryWaits(random=random.Random(seed).random) for seed in (1, 2))
    assert [one.wait_s(failures) for failures in range(1, 9)] != [other.wait_s(failures) for failures in range(1, 9)]


def test_waits_that_mean_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="got 2 to 1"):
        RetryWaits(2, 1)
