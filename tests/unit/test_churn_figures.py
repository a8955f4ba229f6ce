"""What the churn and the soak make of their samples."""

import pytest

from benchmarks.churn_figures import Figure, Sample, figures
from benchmarks.process_usage import Usage
from benchmarks.soak_plot import plot
from benchmarks.soak_slope import memory_slopes

MB = 1_000_000


def sample(number: int, *, series: int = 400, threads: int = 100, memory_mb: float = 500.0) -> Sample:
    """Return what was held a minute after the sample before."""
    parent, worker = Usage(7, 8, 60 * MB), Usage(threads, 14, round(memory_mb * MB))
    return Sample(60.0 * number, 64 * number, 64 * number, series, (parent, worker))


def named(found: list[Figure], name: str) -> Figure:
    return next(figure for figure in found if figure.name == name)


def test_what_stays_passes() -> None:
    assert all(figure.passes for figure in figures([sample(number) for number in range(9)]))


def test_a_thread_that_is_left_behind_now_and_then_fails() -> None:
    threads = named(figures([sample(number, threads=100 + number // 3) for number in range(9)]), "worker 1: threads")
    assert (threads.first, threads.last, threads.passes) == (100, 102, False)


def test_series_that_are_left_behind_fail() -> None:
    assert not named(figures([sample(number, series=400 + number) for number in range(9)]), "series").passes


@pytest.mark.parametrize(("growth", "passes"), [(0.04, True), (0.06, False)])
def test_memory_may_grow_by_a_twentieth(growth: float, passes: bool) -> None:
    memory = [500.0] * 3 + [510.0] * 3 + [500.0 * (1 + growth)] * 3
    found = figures([sample(number, memory_mb=size) for number, size in enumerate(memory)])
    assert named(found, "worker 1: memory, MB").passes is passes


def test_a_single_peak_is_no_growth() -> None:
    samples = [sample(number, memory_mb=900.0 if number == 8 else 500.0) for number in range(9)]
    assert named(figures(samples), "worker 1: memory, MB").growth == 0


def test_the_slope_of_a_straight_line() -> None:
    parent, worker = memory_slopes([sample(number, memory_mb=500 + number) for number in range(9)])
    assert (parent.process, worker.process) == ("parent", "worker 1")
    assert worker.mb_per_hour == pytest.approx(60.0)
    assert worker.error_mb_per_hour == pytest.approx(0.0, abs=1e-6)


def test_few_samples_have_no_slope() -> None:
    assert memory_slopes([sample(number) for number in range(3)]) == []


def test_the_plot_is_a_png() -> None:
    samples = [sample(number) for number in range(4)]
    assert plot(samples, samples, [(30.0, 50.0)]).startswith(b"\x89PNG")
