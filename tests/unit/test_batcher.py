import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import pytest

from pipeline.runtime.batcher import BatchSettings, MicroBatcher

Start: TypeAlias = Callable[..., MicroBatcher[Any, Any]]


class Gate:
    """Answers each question with its double, one batch at a time, when told to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.arrived = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)

    def answer(self, questions: Sequence[int]) -> list[int]:
        self.batches.append(list(questions))
        self.arrived.release()
        assert self.go_on.acquire(timeout=30)
        return [2 * question for question in questions]


@pytest.fixture
def started() -> Iterator[Start]:
    """Return a function that starts a batcher; whatever a test does, its thread ends with the test."""
    batchers: list[MicroBatcher[Any, Any]] = []

    def start(
        answer: Callable[[Sequence[Any]], Sequence[Any]],
        on_batch: Callable[[int, float], None] | None = None,
        **settings: Any,
    ) -> MicroBatcher[Any, Any]:
        batchers.append(MicroBatcher(answer, BatchSettings(**settings), on_batch))
        batchers[-1].start()
        return batchers[-1]

    yield start
    for batcher in batchers:
        batcher.abort()


def test_questions_that_wait_are_answered_together_and_in_order(started: Start) -> None:
    gate = Gate()
    batcher = started(gate.answer, max_batch=4, max_delay_s=0.0)
    first = batcher.submit(1)
    assert gate.arrived.acquire(timeout=30)
    later = [batcher.submit(number) for number in range(2, 8)]
    for _ in range(3):
        gate.go_on.release()
    batcher.close()
    assert [future.result() for future in [first, *later]] == [2, 4, 6, 8, 10, 12, 14]
    assert gate.batches == [[1], [2, 3, 4, 5], [6, 7]]


def test_a_full_batch_does_not_wait_for_its_delay(started: Start) -> None:
    batcher = started(lambda questions: questions, max_batch=2, max_delay_s=3600.0)
    assert [future.result(timeout=30) for future in (batcher.submit("a"), batcher.submit("b"))] == ["a", "b"]
    batcher.close()


@pytest.mark.parametrize("answers", [[], [1, 2]])
def test_a_wrong_number_of_answers_is_an_error_for_each_asker(started: Start, answers: list[int]) -> None:
    batcher = started(lambda _: answers)
    with pytest.raises(RuntimeError, match="1 questions got"):
        batcher.submit("?").result(timeout=30)
    batcher.close()


def test_an_error_reaches_the_askers_and_the_batcher_goes_on(started: Start) -> None:
    def answer(questions: Sequence[int]) -> Sequence[int]:
        if 0 in questions:
            raise ValueError("no zero")
        return questions

    batcher = started(answer, max_batch=1)
    with pytest.raises(ValueError, match="no zero"):
        batcher.submit(0).result(timeout=30)
    assert batcher.submit(7).result(timeout=30) == 7
    batcher.close()


def test_abort_skips_what_waits_and_finishes_what_is_under_way(started: Start) -> None:
    gate = Gate()
    batcher = started(gate.answer, max_batch=1)
    under_way = batcher.submit(1)
    assert gate.arrived.acquire(timeout=30)
    waiting = batcher.submit(2)
    gate.go_on.release()
    gate.go_on.release()
    batcher.abort()
    assert under_way.result() == 2
    assert waiting.result() in (None, 4)  # 4 where the thread was faster than the abort
    assert batcher.submit(3).result() is None


def test_of_offers_the_most_urgent_are_answered_first_and_the_least_urgent_are_skipped(started: Start) -> None:
    gate = Gate()
    batcher = started(gate.answer, max_batch=2, max_delay_s=0.0, capacity=2, offer_share=1.0, offer_wait_s=3600.0)
    under_way = batcher.offer(1)
    assert gate.arrived.acquire(timeout=30)
    calm, urgent, calmer, usual = (
        batcher.offer(question, urgency) for question, urgency in ((2, 1), (3, 3), (4, 0), (5, 2))
    )
    assert [future.done() for future in (calm, urgent, calmer, usual)] == [True, False, True, False]
    for _ in range(2):
        gate.go_on.release()
    batcher.close()
    assert [future.result() for future in (under_way, calm, urgent, calmer, usual)] == [2, None, 6, None, 10]
    assert gate.batches == [[1], [3, 5]]
    assert batcher.offer(4).result() is None, "a closed batcher skips too"


def test_offers_rest_after_their_share_of_the_time_and_submitted_questions_go_on(started: Start) -> None:
    gate = Gate()
    batcher = started(gate.answer, max_batch=1, max_delay_s=0.0, offer_share=1e-9)
    first = batcher.offer(1)
    assert gate.arrived.acquire(timeout=30)
    gate.go_on.release()
    assert first.result(timeout=30) == 2
    resting, submitted = batcher.offer(2), batcher.submit(3)
    assert gate.arrived.acquire(timeout=30)
    gate.go_on.release()
    assert submitted.result(timeout=30) == 6
    assert not resting.done()
    gate.go_on.release()
    batcher.close()
    assert resting.result() == 4, "the end is not put off"


def test_as_many_offers_wait_as_are_answered_in_time_by_what_they_took(started: Start) -> None:
    gate = Gate()
    batcher = started(gate.answer, max_batch=1, max_delay_s=0.0, offer_share=1e-9)
    first = batcher.offer(1)
    assert gate.arrived.acquire(timeout=30)
    assert [batcher.offer(number).done() for number in (2, 3)] == [False, False], "nothing was measured yet"
    gate.go_on.release()
    assert first.result(timeout=30) == 2
    batcher.submit(4)
    assert gate.arrived.acquire(timeout=30)
    newer = batcher.offer(5, urgency=1.0)
    assert (len(batcher), newer.done()) == (1, False), "the one that may wait is the most urgent"
    for _ in range(3):
        gate.go_on.release()
    batcher.abort()


def test_a_flood_of_submitted_questions_leaves_offered_ones_half_of_each_batch(started: Start) -> None:
    gate = Gate()
    batcher = started(gate.answer, max_batch=8, max_delay_s=0.0, offer_share=1.0)
    batcher.submit(0)
    assert gate.arrived.acquire(timeout=30)
    visitors, camera = range(100, 120), range(1, 7)
    for number in visitors:
        batcher.submit(number)
    for number in camera:
        batcher.offer(number)
    for _ in range(2):
        gate.go_on.release()
        assert gate.arrived.acquire(timeout=30)
    assert [sum(number in camera for number in batch) for batch in gate.batches[1:]] == [4, 2]
    for _ in range(3):
        gate.go_on.release()
    batcher.close()


@pytest.mark.parametrize("share", [0.0, 1.1])
def test_a_share_that_makes_no_sense_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="got"):
        BatchSettings(offer_share=share)


def test_each_batch_is_told_of(started: Start) -> None:
    told: list[tuple[int, float]] = []
    batcher = started(lambda questions: questions, on_batch=lambda *batch: told.append(batch), max_batch=1)
    batcher.submit("x").result(timeout=30)
    batcher.close()
    assert [size for size, _ in told] == [1]
    assert told[0][1] >= 0


def test_its_length_is_what_waits_for_a_batch(started: Start) -> None:
    gate = Gate()
    batcher = started(gate.answer, max_batch=1, max_delay_s=0.0)
    batcher.submit(1)
    assert gate.arrived.acquire(timeout=30)
    for number in (2, 3):
        batcher.submit(number)
    assert len(batcher) == 2
    for _ in range(3):
        gate.go_on.release()
    batcher.close()
    assert len(batcher) == 0
