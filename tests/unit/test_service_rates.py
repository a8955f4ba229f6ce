"""How often an address may ask."""

import pytest

from pipeline.service.limits import Quota
from pipeline.service.problem import ProblemError
from pipeline.service.rates import MAX_ADDRESSES, Rates
from tests.stepped import SteppedClock


def test_turns_are_taken_at_once_and_come_back_with_time() -> None:
    clock = SteppedClock()
    rates = Rates(6, clock.read)
    assert [rates.take("a") for _ in range(6)] == [0.0] * 6
    assert rates.take("a") == pytest.approx(10.0)
    clock.wait(4)
    assert rates.take("a") == pytest.approx(6.0)
    clock.wait(6)
    assert rates.take("a") == 0.0
    assert rates.take("a") == pytest.approx(10.0)


def test_one_address_takes_no_turns_of_another() -> None:
    rates = Rates(1, SteppedClock().read)
    assert (rates.take("a"), rates.take("b")) == (0.0, 0.0)
    assert rates.take("a") > 0


def test_who_was_away_for_long_has_no_more_turns_than_a_minute_gives() -> None:
    clock = SteppedClock()
    rates = Rates(2, clock.read)
    rates.take("a")
    clock.wait(3600)
    assert [rates.take("a") > 0 for _ in range(3)] == [False, False, True]


def test_a_flood_of_addresses_is_forgotten_but_the_newest() -> None:
    rates = Rates(1, SteppedClock().read)
    for number in range(2 * MAX_ADDRESSES):
        rates.take(str(number))
    assert len(rates) == MAX_ADDRESSES
    assert rates.take(str(2 * MAX_ADDRESSES - 1)) > 0
    assert rates.take("0") == 0.0


def test_a_quota_counts_those_that_run() -> None:
    quota = Quota("uploads", per_minute=100, at_once=2)
    with quota.taken("a"), quota.taken("a"), quota.taken("b"):
        with pytest.raises(ProblemError, match="2 uploads at once") as refused, quota.taken("a"):
            pass
        assert refused.value.headers == {"Retry-After": "1"}
    with quota.taken("a"), quota.taken("a"):
        pass


def test_a_quota_is_given_back_after_a_fault() -> None:
    quota = Quota("requests", per_minute=100, at_once=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), quota.taken("a"):
            raise ZeroDivisionError
