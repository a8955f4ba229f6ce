import pytest

from benchmarks.memory_log import FEWEST, MemoryLog, held_bytes, slope


def held(count: int, mb_per_hour: float) -> list[tuple[float, float]]:
    """A sample a second, of a process that also holds 100 MB for its first tenth."""
    hours = [index / 3600 for index in range(count)]
    return [(hour, 300 + mb_per_hour * hour + 100 * (10 * index < count)) for index, hour in enumerate(hours)]


@pytest.mark.parametrize("mb_per_hour", [0.0, 36.0, -7.2])
def test_a_line_is_found_behind_the_warm_up(mb_per_hour: float) -> None:
    found = slope(held(400, mb_per_hour))
    assert found is not None
    assert found == pytest.approx((mb_per_hour, 0), abs=1e-6)


def test_of_too_few_samples_nothing_is_told() -> None:
    assert slope(held(FEWEST, 1.0)) is None


def test_a_process_holds_no_more_than_its_peak() -> None:
    assert 1e6 < held_bytes("VmRSS") <= held_bytes("VmHWM")


def test_what_ends_at_once_has_no_slope() -> None:
    with MemoryLog(every_s=60) as log:
        pass
    assert log.mb_per_hour is None
