import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.bootstrap import Resampling, percentile_interval, resampled_sums

FEW = Resampling(replicates=50)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30))
def test_faces_of_one_group_come_and_go_together(groups: list[str]) -> None:
    members = np.array([[name == group for name in "abc"] for group in groups], np.int64)

    sums = resampled_sums(members, groups, FEW)

    sizes = members.sum(axis=0)
    assert (sums % np.maximum(sizes, 1) == 0).all()
    assert (sums[:, sizes == 0] == 0).all()
    assert ((sums / np.maximum(sizes, 1)).sum(axis=1) == len(set(groups))).all()


def test_one_seed_gives_one_answer_and_another_seed_another() -> None:
    values, groups = np.arange(20).reshape(10, 2), [str(index) for index in range(10)]

    first, again, other = (resampled_sums(values, groups, Resampling(50, seed)) for seed in (1, 1, 2))

    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_the_interval_of_independent_faces_is_that_of_the_normal_approximation() -> None:
    right = (np.arange(1000) < 900).astype(np.int64)

    sums = resampled_sums(right[:, None], [str(index) for index in range(1000)])
    ends = percentile_interval(sums[:, 0] / 1000)

    half = 1.96 * np.sqrt(0.9 * 0.1 / 1000)
    assert ends == pytest.approx((0.9 - half, 0.9 + half), abs=0.003)


def test_photographs_of_many_faces_widen_the_interval() -> None:
    right = (np.arange(1000) < 900).astype(np.int64)[:, None]

    alone, together = (
        percentile_interval(resampled_sums(right, [str(index // size) for index in range(1000)])[:, 0])
        for size in (1, 50)
    )

    assert alone is not None
    assert together is not None
    assert together[1] - together[0] > 3 * (alone[1] - alone[0])


def test_what_is_never_defined_has_no_interval() -> None:
    assert percentile_interval(np.array([np.nan, np.nan])) is None
    assert percentile_interval(np.array([np.nan, 0.5])) == (0.5, 0.5)
