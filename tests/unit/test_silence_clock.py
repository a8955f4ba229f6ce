"""The time that FFmpeg is told: it passes only while nothing comes."""

import pytest

from pipeline.sources.silence_clock import LONGEST_READ_S, SilenceClock


def told_s(asked_s: list[float]) -> list[float]:
    """Return what is told, counted from the beginning, to who asks at these moments."""
    moments_s = iter([0.0, *asked_s])
    clock = SilenceClock(lambda: next(moments_s))
    return [clock() for _ in asked_s]


def test_silence_passes() -> None:
    assert told_s([0.0, 0.1, 0.2, 0.3]) == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_it_begins_anew_when_something_comes() -> None:
    assert told_s([0.0, 0.1, 0.2, 0.25, 0.26, 0.36]) == pytest.approx([0.0, 0.1, 0.2, 0.0, 0.0, 0.1])


def test_what_comes_for_ever_does_not_keep_it_standing() -> None:
    moments_s = [index * 0.01 for index in range(201)]
    assert told_s(moments_s)[-2:] == pytest.approx([0.0, LONGEST_READ_S])
