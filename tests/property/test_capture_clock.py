"""The capture clock tells ages: whatever the jitter, the drift and the backlog, within bounds."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.capture_clock import FUTURE_S, MAX_DRIFT, CaptureClock

STEP_S = 0.04
DELAYS = st.lists(st.floats(0, 0.9 * FUTURE_S), min_size=1, max_size=200)
DRIFTS = st.floats(-MAX_DRIFT, MAX_DRIFT)


@given(DELAYS, DRIFTS, st.floats(-1e5, 1e5))
def test_the_age_is_the_delay_beyond_the_shortest(delays_s: list[float], drift: float, origin_s: float) -> None:
    clock, shortest_s = CaptureClock(), delays_s[0]
    for index, delay_s in enumerate(delays_s):
        taken_s = index * STEP_S
        shortest_s = min(shortest_s, delay_s)
        captured_s, is_new = clock.place(origin_s + taken_s / (1 + drift), taken_s + delay_s)
        age_s = taken_s + delay_s - captured_s
        assert not is_new
        # The drift of the stamps and the allowance for it add up over the time since the start.
        assert age_s == pytest.approx(delay_s - shortest_s, abs=2 * MAX_DRIFT * taken_s + 1e-6)


@given(DRIFTS)
def test_no_drift_adds_up(drift: float) -> None:
    clock = CaptureClock()
    ages_s = [
        taken_s - clock.place(taken_s / (1 + drift), taken_s)[0]
        for taken_s in (index * STEP_S for index in range(5_000))
    ]
    assert max(ages_s) < 2 * MAX_DRIFT * STEP_S + 1e-9


@given(st.lists(st.tuples(st.none() | st.floats(-1e6, 1e6), st.floats(0, 10)), min_size=1))
def test_no_picture_comes_from_the_future(stamps_and_steps: list[tuple[float | None, float]]) -> None:
    clock = CaptureClock()
    arrivals_s = accumulate(step_s for _, step_s in stamps_and_steps)
    for (stamp_s, _), arrived_s in zip(stamps_and_steps, arrivals_s, strict=True):
        assert clock.place(stamp_s, arrived_s)[0] <= arrived_s + 1e-6


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0, -0.5])
def test_stamps_that_jump_begin_a_new_count(jump_s: float) -> None:
    clock = CaptureClock()
    placed = [clock.place(index * STEP_S + (jump_s if index >= 10 else 0), 100 + index * STEP_S) for index in range(20)]
    assert [index for index, (_, is_new) in enumerate(placed) if is_new] == [10]
    assert [captured_s for captured_s, _ in placed] == pytest.approx([100 + i * STEP_S for i in range(20)], abs=1e-3)


def test_what_comes_late_and_at_once_is_as_old_as_it_is() -> None:
    clock = CaptureClock()
    for index in range(100):
        clock.place(index * STEP_S, index * STEP_S)
    burst_s = 175 * STEP_S
    ages_s = [burst_s - clock.place(index * STEP_S, burst_s)[0] for index in range(100, 176)]
    assert ages_s == pytest.approx([(175 - index) * STEP_S for index in range(100, 176)], abs=5e-3)


def test_a_picture_without_a_stamp_was_taken_when_it_came() -> None:
    clock = CaptureClock()
    assert clock.place(None, 7.0) == (7.0, False)
    assert clock.place(0.04, 7.04) == (7.04, False)
