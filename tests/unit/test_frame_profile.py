import threading

import pytest

from benchmarks.frame_profile import Profile, held, tables
from benchmarks.thread_times import OTHER, work_of
from benchmarks.timed_run import TimedRun

SAMPLES = [
    "thread (1): MainThread;<module> (a.py:1) 50",
    "thread (2): read:clip;run (lane.py:4);_view (planes.py:7) 3",
    "thread (2): read:clip;run (lane.py:4);_view (planes.py:9) 2",
    "thread (3): faces:clip;step (faces.py:1);_median (quality.py:2) 4",
    "thread (4): publish:clip 1",
]


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("read:a clip", "decoding"),
        ("av:h264:df0", "decoding"),
        ("ThreadPoolExecutor-1_0", "looking for faces, tracking, cutting out"),
        ("drishti/123", "looking for faces, tracking, cutting out"),
        ("classify_1", "classifying"),
        ("publish:a", "voting, tables"),
        ("MainThread", OTHER),
        (threading.current_thread().name, OTHER),
    ],
)
def test_threads_are_known_by_their_names(name: str, work: str) -> None:
    assert work_of(name) == work


def test_what_holds_the_interpreter_is_counted_by_work_and_innermost_function() -> None:
    works, functions = held(SAMPLES)

    assert works == {"decoding": 5, "looking for faces, tracking, cutting out": 4}
    assert functions.most_common() == [("_view (planes.py)", 5), ("_median (quality.py)", 4)]


def test_a_profile_shows_shares() -> None:
    timed = TimedRun(100, 1.0, 1.0, 10**6)
    cpu_ms = {"decoding": 6.0, "classifying": 1.5, OTHER: 0.5}
    work, functions = tables([Profile("1 face", timed, cpu_ms, {"decoding": 0.8}, {"_view (planes.py)": 0.25})])

    assert work.rows == (
        ("decoding", "6.00", "75%", "0.80"),
        ("classifying", "1.50", "19%", ""),
        (OTHER, "0.50", "6%", ""),
        ("all", "8.00", "100%", "0.80 (10%)"),
    )
    assert functions.rows == (("_view (planes.py)", "0.250"),)


def test_without_a_sampler_the_interpreter_is_left_out() -> None:
    (work,) = tables([Profile("1 face", TimedRun(100, 1.0, 1.0, 10**6), {"decoding": 6.0}, {}, {})])

    assert work.rows[-1] == ("all", "6.00", "100%", "")
