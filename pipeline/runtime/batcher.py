"""A micro-batcher: many threads ask, one thread answers in batches."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.runtime.agenda import Agenda
from pipeline.runtime.channel import ChannelClosedError
from pipeline.runtime.worker import Worker

Question = TypeVar("Question")
Answer = TypeVar("Answer")

SMOOTHING = 0.2
"""What the newest batch counts in the cost of a question: five or so are remembered."""


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How long questions are gathered, and what may be spent on those that are offered.

    A batch is complete with `max_batch` questions, or when the first has waited `max_delay_s`. After a batch offered
    ones rest until they had at most `offer_share` of the time. So many of them wait, `capacity` at most, as are then
    answered within `offer_wait_s`, going by what questions took so far: later an answer would be of a face long gone.
    """

    max_batch: int = 16
    max_delay_s: float = 0.005
    capacity: int = 64
    offer_share: float = 0.4
    offer_wait_s: float = 0.3

    def __post_init__(self) -> None:
        if not 0 < self.offer_share <= 1:
            raise ValueError(f"offered questions get a share of the time above 0 and up to 1, got {self.offer_share}")


@dataclass(frozen=True, slots=True, eq=False)
class _Asked(Generic[Question, Answer]):
    question: Question
    answer: "Future[Answer | None]"
    asked_monotonic_s: float
    is_offered: bool = False


class MicroBatcher(Generic[Question, Answer]):
    """Gathers questions of all threads and answers them with one call of `answer_batch` at a time.

    Those that are submitted are answered in order; those that are offered by their urgency, within a share of the time
    that is measured. `on_batch(size, waited_s)` tells of each batch how many it held and how long its oldest waited.
    """

    def __init__(
        self,
        answer_batch: Callable[[Sequence[Question]], Sequence[Answer]],
        settings: BatchSettings | None = None,
        on_batch: Callable[[int, float], None] | None = None,
        name: str = "classify",
    ) -> None:
        self._answer_batch = answer_batch
        self._settings = settings or BatchSettings()
        self._on_batch = on_batch
        self._asked: Agenda[_Asked[Question, Answer]] = Agenda(self._settings.capacity, on_drop=_skip)
        self._offers_from_s = -math.inf
        self._cost_s = 0.0
        self._worker = Worker(name, self._run)

    def __len__(self) -> int:
        """Return how many questions wait for a batch."""
        return len(self._asked)

    def start(self) -> None:
        self._worker.start()

    def submit(self, question: Question) -> "Future[Answer | None]":
        """Return the future answer; None where the batcher was aborted first. Blocks while too many wait."""
        asked: _Asked[Question, Answer] = _Asked(question, Future(), time.monotonic())
        try:
            self._asked.put(asked)
        except ChannelClosedError:
            _skip(asked)
        return asked.answer

    def offer(self, question: Question, urgency: float = 0.0) -> "Future[Answer | None]":
        """Return the future answer at once; it is None where more urgent ones use up the share of the offered.

        It may be so already, or become so while it waits; also where the batcher is closed.
        """
        asked: _Asked[Question, Answer] = _Asked(question, Future(), time.monotonic(), is_offered=True)
        try:
            self._asked.offer(asked, urgency, self._room())
        except ChannelClosedError:
            _skip(asked)
        return asked.answer

    def close(self) -> None:
        """Answer what was asked, then end the thread."""
        self._asked.close()
        self._worker.join()

    def abort(self) -> None:
        """Answer what is under way, skip the rest, and end the thread."""
        self._asked.abort()
        self._worker.join()

    def _room(self) -> int:
        """Return how many offered questions may wait; `capacity` before anything was measured."""
        settings = self._settings
        if self._cost_s == 0:
            return settings.capacity
        return max(1, int(settings.offer_share * settings.offer_wait_s / self._cost_s))

    def _run(self) -> None:
        while batch := self._gather():
            started_s = time.monotonic()
            self._answer(batch)
            self._measure(batch, time.monotonic() - started_s)

    def _gather(self) -> list[_Asked[Question, Answer]]:
        """Return the next batch; empty once closed and drained."""
        try:
            batch = [self._asked.get(offers_from_s=self._offers_from_s)]
        except ChannelClosedError:
            return []
        until_s = time.monotonic() + self._settings.max_delay_s
        while len(batch) < self._settings.max_batch:
            try:
                batch.append(self._asked.get(until_s, self._offers_from_s))
            except (TimeoutError, ChannelClosedError):
                break
        return batch

    def _measure(self, batch: Sequence[_Asked[Question, Answer]], took_s: float) -> None:
        """Learn what a question costs, and let those that are offered rest for as long as their part of it asks."""
        cost_s = took_s / len(batch)
        self._cost_s += (SMOOTHING if self._cost_s else 1.0) * (cost_s - self._cost_s)
        offered_s = cost_s * sum(asked.is_offered for asked in batch)
        if offered_s:
            self._offers_from_s = time.monotonic() + offered_s * (1 / self._settings.offer_share - 1)

    def _answer(self, batch: list[_Asked[Question, Answer]]) -> None:
        try:
            if self._on_batch:
                self._on_batch(len(batch), time.monotonic() - min(asked.asked_monotonic_s for asked in batch))
            answers = self._answer_batch([asked.question for asked in batch])
            if len(answers) != len(batch):
                raise RuntimeError(f"a batch of {len(batch)} questions got {len(answers)} answers")
        except Exception as error:  # each asker gets it from its future, and its lane ends with it
            for asked in batch:
                asked.answer.set_exception(error)
            return
        for asked, answer in zip(batch, answers, strict=True):
            asked.answer.set_result(answer)


def _skip(asked: _Asked[Question, Answer]) -> None:
    asked.answer.set_result(None)
