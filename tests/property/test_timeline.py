"""Media times rise whatever the timestamps do, and are the timestamps where those are sound."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.timeline import LATE_FRAMES_BEFORE_RESTART, Timeline

STEP_S = 0.04
STAMPS = st.one_of(st.none(), st.floats(-1e5, 1e5, allow_nan=False), st.sampled_from([0.0, 0.04, 0.08]))


@given(st.lists(STAMPS, min_size=1))
def test_times_rise_from_zero(stamps: list[float | None]) -> None:
    timeline = Timeline(STEP_S)
    times_s = [timeline.place(stamp) for stamp in stamps]
    assert times_s[0] == 0
    assert (np.diff(times_s) > 0).all()


@given(st.floats(-1e3, 1e5), st.lists(st.floats(0.001, 10), max_size=30))
def test_sound_timestamps_are_kept(first_s: float, gaps_s: list[float]) -> None:
    stamps = np.cumsum([first_s, *gaps_s])
    timeline = Timeline(STEP_S)
    np.testing.assert_allclose([timeline.place(stamp) for stamp in stamps], stamps - first_s, atol=1e-9)


def test_frames_without_timestamps_are_a_step_apart() -> None:
    timeline = Timeline(STEP_S)
    np.testing.assert_allclose([timeline.place(None) for _ in range(4)], np.arange(4) * STEP_S)


def test_a_late_frame_does_not_move_the_next() -> None:
    timeline = Timeline(STEP_S)
    times_s = [timeline.place(stamp) for stamp in (0.0, 0.04, 0.08, 0.0, 0.12, 0.16)]
    np.testing.assert_allclose(times_s, [0, 0.04, 0.08, 0.1, 0.12, 0.16])


def test_a_restarted_count_goes_on_at_its_own_pace() -> None:
    timeline = Timeline(STEP_S)
    for index in range(100):
        timeline.place(index * STEP_S)
    restarted = [timeline.place(index * STEP_S) for index in range(50)]
    settled = restarted[LATE_FRAMES_BEFORE_RESTART:]
    np.testing.assert_allclose(np.diff(settled), STEP_S)


def test_a_live_frame_without_timestamp_goes_by_the_clock() -> None:
    timeline = Timeline(STEP_S)
    assert timeline.place(None, expected_s=0.0) == 0
    np.testing.assert_allclose(timeline.place(1000.0, expected_s=0.05), 0.05)
    np.testing.assert_allclose(timeline.place(1000.1, expected_s=0.3), 0.15)
