"""Crops of uploads on their way through the batcher of a worker."""

import threading
from concurrent.futures import Future

import numpy as np

from pipeline.types import Scores, UInt8Array
from pipeline.worker.messages import Classified
from pipeline.worker.visitors import Visitors

SIZE_PX = 4
SCORES = [Scores(1.0, 0.0, 0.0), Scores(0.0, 1.0, 0.0), Scores(0.25, 0.25, 0.5)]
CROPS = np.arange(3 * SIZE_PX * SIZE_PX * 3, dtype=np.uint8).reshape(3, SIZE_PX, SIZE_PX, 3)


class Desk:
    """Takes questions, to be answered by the test, and what is reported."""

    def __init__(self) -> None:
        self.asked: list[tuple[UInt8Array, Future[Scores | None]]] = []
        self.reported: list[Classified] = []
        self.visitors = Visitors(self._ask, SIZE_PX, self.reported.append)

    def _ask(self, crop: UInt8Array) -> "Future[Scores | None]":
        self.asked.append((crop, Future()))
        return self.asked[-1][1]


def test_the_scores_are_reported_in_order_once_all_are_there() -> None:
    desk = Desk()
    desk.visitors.classify(7, CROPS.tobytes())
    np.testing.assert_array_equal([crop for crop, _ in desk.asked], CROPS)
    for index in (2, 0):
        desk.asked[index][1].set_result(SCORES[index])
    assert not desk.reported
    desk.asked[1][1].set_result(SCORES[1])
    assert desk.reported == [Classified(7, tuple(scores.as_tuple() for scores in SCORES))]


def test_answers_that_come_at_once_are_reported_once() -> None:
    desk = Desk()
    desk.visitors.classify(1, CROPS.tobytes())
    together = threading.Barrier(len(desk.asked))

    def answer(future: "Future[Scores | None]", scores: Scores) -> None:
        together.wait()
        future.set_result(scores)

    threads = [
        threading.Thread(target=answer, args=(future, scores), name="answer")
        for (_, future), scores in zip(desk.asked, SCORES, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(desk.reported) == 1


def test_one_that_fails_or_is_skipped_costs_the_answer() -> None:
    desk = Desk()
    for number, outcome in enumerate((None, RuntimeError("no memory"))):
        desk.visitors.classify(number, CROPS[:2].tobytes())
        (_, first), (_, second) = desk.asked[-2:]
        first.set_result(SCORES[0])
        second.set_exception(outcome) if outcome else second.set_result(None)
    assert desk.reported == [Classified(0), Classified(1)]
