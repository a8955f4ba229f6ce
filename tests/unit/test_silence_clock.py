"""The time that FFmpeg is told: it passes only while nothing comes."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.silence_clock import LONGEST_READ_S, SilenceClock


def told_s(asked_s: list[float]) -> list[float]:
    """Return what is told, counted from the beginning, to who asks at these moments."""
    moments_s = iter([0.0, *asked_s])
    clock = SilenceClock(lambda: next(moments_s))
    return [clock() for _ in asked_s]


def test_silence_passes() -> None:
    assert told_s([0.0, 0.1, 0.2, 0.3]) == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_it_stands_still_while_something_comes() -> None:
    assert told_s([0.0, 0.1, 0.2, 0.25, 0.26, 0.36]) == pytest.approx([0.0, 0.1, 0.2, 0.2, 0.2, 0.3])


def test_who_was_held_up_has_not_heard_silence() -> None:
    assert told_s([0.0, 1.0, 1.1, 1.11]) == pytest.approx([0.0, 0.0, 0.1, 0.1])


def test_what_comes_for_ever_does_not_keep_it_standing() -> None:
    moments_s = [index * 0.01 for index in range(201)]
    assert told_s(moments_s)[-2:] == pytest.approx([0.0, LONGEST_READ_S])


@given(st.lists(st.floats(0, 0.3)))
def test_it_never_runs_backwards(pauses_s: list[float]) -> None:
    """PyAV takes that for a fault, and the lane for its end: on a busy machine each did so every minute."""
    assert all(before <= after for before, after in pairwise(told_s(list(accumulate(pauses_s)))))
