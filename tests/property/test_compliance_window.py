"""The window's count lies between the exact ones of the window and of a sixtieth more, in bounded memory."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import MaskState
from pipeline.vision.compliance_window import PARTS, ComplianceWindow

WINDOW_S = 600.0
departures = st.lists(st.tuples(st.floats(0, 400), st.sampled_from(MaskState)), max_size=60)


@given(departures, st.floats(0, 2000))
def test_the_tally_is_that_of_the_window(gaps: list[tuple[float, MaskState]], wait_s: float) -> None:
    window, now_s, left = ComplianceWindow(WINDOW_S), 1e6, []
    for gap_s, state in gaps:
        now_s += gap_s
        left.append((now_s, state))
        window.add(state, now_s)
    now_s += wait_s
    tally = window.tally(now_s)
    for state in MaskState:
        surely = sum(one is state and at_s > now_s - WINDOW_S + 1e-6 for at_s, one in left)
        at_most = sum(one is state and at_s > now_s - WINDOW_S * (1 + 2 / PARTS) for at_s, one in left)
        assert surely <= tally.count(state) <= at_most


def test_an_infinite_window_forgets_nobody() -> None:
    window = ComplianceWindow(math.inf)
    for second in range(1000):
        window.add(MaskState.MASKED, 1e5 * second)
    assert window.tally(1e9).masked == 1000


def test_nobody_judged_is_no_rate() -> None:
    window = ComplianceWindow(WINDOW_S)
    window.add(MaskState.UNKNOWN, 0.0)
    assert window.tally(1.0).compliance is None
    window.add(MaskState.MASKED, 2.0)
    assert window.tally(3.0).compliance == 1.0
    assert window.tally(3.0 + 2 * WINDOW_S).compliance is None


@pytest.mark.parametrize("window_s", [0.0, -1.0, math.nan])
def test_a_window_of_no_length_is_refused(window_s: float) -> None:
    with pytest.raises(ValueError, match="more than 0 s"):
        ComplianceWindow(window_s)
