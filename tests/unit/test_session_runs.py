from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.inference.model_files import load_model
from pipeline.inference.providers import open_session
from pipeline.inference.session_runs import FixedShapeRuns, SessionRuns, ThreadedRuns, rows_of_a_run
from pipeline.model_card import Precision
from pipeline.types import UInt8Array
from tests.models import TINY_SIZE_PX, tiny_model

ROWS = 4


class WatchedSession:
    """A session of ONNX Runtime that notes the batches of each run."""

    def __init__(self, folder: Path) -> None:
        self._session: Any = open_session(load_model(tiny_model(folder)), "cpu", 1)
        self._bound: Any = None
        self.batches: list[UInt8Array] = []
        self.places: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def run(self, names: None, feed: dict[str, UInt8Array]) -> Any:
        self.batches += [batch.copy() for batch in feed.values()]
        return self._session.run(names, feed)

    def io_binding(self) -> "WatchedSession":
        self._binding = self._session.io_binding()
        return self

    def bind_ortvalue_input(self, name: str, value: Any) -> None:
        self._bound = value
        self._binding.bind_ortvalue_input(name, value)

    def bind_ortvalue_output(self, name: str, value: Any) -> None:
        self._binding.bind_ortvalue_output(name, value)

    def run_with_iobinding(self, _: object) -> None:
        self.batches.append(self._bound.numpy().copy())
        self.places.add(self._bound.data_ptr())
        self._session.run_with_iobinding(self._binding)


@pytest.fixture
def session(tmp_path: Path) -> WatchedSession:
    return WatchedSession(tmp_path)


def crops_of(count: int) -> UInt8Array:
    return np.random.default_rng(count).integers(1, 256, (count, TINY_SIZE_PX, TINY_SIZE_PX, 3), np.uint8)


@pytest.mark.parametrize(
    ("precision", "threads", "count", "rows"),
    [
        ("fp32", 2, 3, 1),
        ("int8", 1, 5, 5),
        ("int8", 1, 40, 16),
        ("int8", 2, 5, 3),
        ("int8", 4, 2, 1),
        ("fp16", 1, 9, 1),
    ],
)
def test_a_run_on_a_cpu_takes_what_suits_the_model_and_the_threads(
    precision: Precision, threads: int, count: int, rows: int
) -> None:
    assert rows_of_a_run(count, precision, threads) == rows


def test_threads_share_the_crops(session: WatchedSession) -> None:
    with closing(ThreadedRuns(session, "int8", threads=2)) as runs:
        runs.scores(crops_of(5))

    assert sorted(len(batch) for batch in session.batches) == [2, 3]


@pytest.mark.parametrize(("count", "runs_made"), [(1, 1), (ROWS, 1), (ROWS + 1, 2), (3 * ROWS, 3)])
def test_every_run_has_the_same_shape_and_the_rest_of_it_is_black(
    session: WatchedSession, count: int, runs_made: int
) -> None:
    runs = FixedShapeRuns(session, ROWS, "cpu")
    runs.scores(crops_of(3 * ROWS))
    session.batches.clear()
    crops = crops_of(count)

    assert runs.scores(crops).shape == (count, 3)
    assert {batch.shape for batch in session.batches} == {(ROWS, TINY_SIZE_PX, TINY_SIZE_PX, 3)}
    seen = np.concatenate(session.batches)
    assert len(seen) == ROWS * runs_made
    np.testing.assert_array_equal(seen[:count], crops)
    assert not seen[count:].any()


def test_all_runs_of_one_shape_use_the_same_buffer(session: WatchedSession) -> None:
    runs = FixedShapeRuns(session, ROWS, "cpu")
    for count in (1, 5, 9):
        runs.scores(crops_of(count))

    assert len(session.places) == 1


def test_scores_stay_when_the_buffer_is_used_again(session: WatchedSession) -> None:
    runs = FixedShapeRuns(session, ROWS, "cpu")
    first = runs.scores(crops_of(2))
    kept = first.copy()
    runs.scores(crops_of(3))

    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize(
    "open_runs", [lambda one: ThreadedRuns(one, "int8", 2), lambda one: FixedShapeRuns(one, 4, "cpu")]
)
@pytest.mark.parametrize("count", [1, 3, 4, 11])
def test_however_they_are_run_crops_score_the_same(
    session: WatchedSession, open_runs: Callable[[Any], SessionRuns], count: int
) -> None:
    crops = crops_of(count)
    alone = [session.run(None, {"pixels": crop[np.newaxis]})[0][0] for crop in crops]

    with closing(open_runs(session)) as runs:
        np.testing.assert_allclose(runs.scores(crops), alone, atol=1e-6)
