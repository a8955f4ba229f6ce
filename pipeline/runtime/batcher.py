"""A micro-batcher: many threads ask, one thread answers in batches."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.runtime.channel import Channel, ChannelClosedError
from pipeline.runtime.worker import Worker

Question = TypeVar("Question")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How long questions are gathered: until `max_batch` are there or the first has waited `max_delay_s`."""

    max_batch: int = 16
    max_delay_s: float = 0.005
    capacity: int = 64


@dataclass(frozen=True, slots=True, eq=False)
class _Asked(Generic[Question, Answer]):
    question: Question
    answer: "Future[Answer | None]"
    asked_monotonic_s: float


class MicroBatcher(Generic[Question, Answer]):
    """Gathers questions of all threads and answers them, in order, with one call of `answer_batch` at a time.

    `on_batch(size, waited_s)` tells of each batch how many it held and how long its first question waited.
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
        self._asked: Channel[_Asked[Question, Answer]] = Channel(self._settings.capacity, on_drop=_skip)
        self._worker = Worker(name, self._run)

    def __len__(self) -> int:
        """Return how many questions wait for a batch."""
        return len(self._asked)

    def start(self) -> None:
        self._worker.start()

    def submit(self, question: Question) -> "Future[Answer | None]":
        """Return the future answer; None where the batcher was aborted first. Blocks while the queue is full."""
        asked: _Asked[Question, Answer] = _Asked(question, Future(), time.monotonic())
        try:
            self._asked.put(asked)
        except ChannelClosedError:
            _skip(asked)
        return asked.answer

    def offer(self, question: Question) -> "Future[Answer | None]":
        """Return the future answer at once: it is None already where the queue is full or the batcher aborted."""
        asked: _Asked[Question, Answer] = _Asked(question, Future(), time.monotonic())
        try:
            is_taken = self._asked.offer(asked)
        except ChannelClosedError:
            is_taken = False
        if not is_taken:
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

    def _run(self) -> None:
        while batch := self._gather():
            self._answer(batch)

    def _gather(self) -> list[_Asked[Question, Answer]]:
        """Return the next batch; empty once the channel is closed and drained."""
        try:
            batch = [self._asked.get()]
        except ChannelClosedError:
            return []
        deadline_s = time.monotonic() + self._settings.max_delay_s
        while len(batch) < self._settings.max_batch:
            try:
                batch.append(self._asked.get(timeout_s=max(0.0, deadline_s - time.monotonic())))
            except (TimeoutError, ChannelClosedError):
                break
        return batch

    def _answer(self, batch: list[_Asked[Question, Answer]]) -> None:
        try:
            if self._on_batch:
                self._on_batch(len(batch), time.monotonic() - batch[0].asked_monotonic_s)
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
