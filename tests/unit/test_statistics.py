"""Rates and intervals."""

import pytest

from pipeline.statistics import compliance, wilson_interval


def test_compliance_is_the_share_of_judged_persons() -> None:
    assert compliance(3, 1, 2) == 0.5


def test_nobody_judged_is_no_rate() -> None:
    assert compliance(0, 0, 0) is None


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="counts of persons are 0 or more, got 1, -1 and 0"):
        compliance(1, -1, 0)


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 1, 0.2065, 1.0)],
)
def test_wilson_interval_agrees_with_published_values(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=1e-4)


def test_no_trial_says_nothing() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "trials"), [(2, 1), (-1, 5), (0, -1)])
def test_impossible_counts_are_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="successes lie between 0 and the trials"):
        wilson_interval(successes, trials)
