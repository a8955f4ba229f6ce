"""The waits of a lost camera grow, within bounds, and never in step with those of its neighbours."""

import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.backoff import GROWTH, LONGEST_S, SHORTEST_S, Backoff


@given(st.randoms(use_true_random=False), st.integers(1, 60))
def test_every_wait_keeps_to_the_bounds(chance: random.Random, count: int) -> None:
    backoff = Backoff(uniform=chance.random)
    waits_s = [backoff.next_s() for _ in range(count)]
    assert min(waits_s) >= SHORTEST_S
    assert max(waits_s) <= LONGEST_S
    backoff.reset()
    assert backoff.next_s() == SHORTEST_S


def test_waits_grow_to_the_longest() -> None:
    backoff = Backoff(uniform=lambda: 0.0)
    waits_s = [backoff.next_s() for _ in range(20)]
    assert waits_s == [min(SHORTEST_S * GROWTH**step, LONGEST_S) for step in range(20)]


def test_in_the_first_ten_seconds_of_an_outage_a_wait_is_below_five() -> None:
    backoff, outage_s, waits_s = Backoff(uniform=lambda: 0.0), 0.0, []
    while outage_s < 10:
        waits_s.append(backoff.next_s())
        outage_s += waits_s[-1]
    assert max(waits_s) < 5


def test_two_cameras_do_not_return_as_one() -> None:
    one, other = (Backoff(uniform=random.Random(seed).random) for seed in (1, 2))
    assert [one.next_s() for _ in range(8)] != [other.next_s() for _ in range(8)]


def test_what_only_a_person_can_mend_waits_longest_and_so_does_what_follows() -> None:
    backoff = Backoff(uniform=lambda: 0.0)
    assert [backoff.longest(), backoff.next_s()] == [LONGEST_S, LONGEST_S]
