"""What the benchmark of overload makes of its counts; nothing is timed."""

from benchmarks.overload import Counts, Level, part

NOBODY = {"new_track": 0, "doubt": 0, "better_view": 0, "age": 0}


def level(times: int, published: int) -> Level:
    scored, skipped = NOBODY | {"new_track": 30, "age": 10}, NOBODY | {"age": 20}
    return Level(times, 2.0, published, scored, skipped, unknown_share=0.25)


def test_each_slowness_is_a_row_and_the_slowest_is_held_against_the_bar() -> None:
    found = part([level(1, 200), level(16, 180)])
    assert "| 16 x | 90.0 % | 25.0 % | 20.0 | 0 of 30 | 0 of 0 | 0 of 0 | 20 of 30 |" in found.markdown
    assert [goal.is_met for goal in found.goals] == [False]


def test_counts_are_kept_by_outcome_and_reason_over_all_streams() -> None:
    counts = Counts()
    for stream in ("front", "rear"):
        counts.frame_done(stream, "processed")
        counts.persons_present(stream, {"masked": 2, "unknown": 1})
        counts.crop_done("skipped", "age")
    before = counts.so_far()
    counts.crop_done("scored", "doubt")
    assert before == {
        ("frame", "processed"): 2,
        ("person", "masked"): 4,
        ("person", "unknown"): 2,
        ("crop", "skipped", "age"): 2,
    }
    assert counts.so_far() - before == {("crop", "scored", "doubt"): 1}
