"""Crops of uploads on their way to the workers, and the scores on their way back."""

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeAlias

from pipeline.worker.messages import Classified, Classify, Command

Rows: TypeAlias = Sequence[tuple[float, float, float]]


class Relay:
    """Matches questions and answers. Any thread may ask, and waits; the workers' threads bring answers."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._asked: dict[tuple[int, int], Future[Rows]] = {}

    def ask(self, worker: int, send: Callable[[Command], None], crops: bytes) -> "Future[Rows]":
        """Return the future scores; none where the worker dies first, of which `died` has to tell."""
        answer: Future[Rows] = Future()
        number = next(self._numbers)
        with self._lock:
            self._asked[worker, number] = answer
        send(Classify(number, crops))
        return answer

    def answered(self, worker: int, classified: Classified) -> None:
        """Take what a worker answered."""
        with self._lock:
            answer = self._asked.pop((worker, classified.number), None)
        if answer is not None:
            answer.set_result(classified.rows)

    def died(self, worker: int) -> None:
        """Wait no longer for the answers of a worker."""
        with self._lock:
            answers = [self._asked.pop(key) for key in tuple(self._asked) if key[0] == worker]
        for answer in answers:
            answer.set_result(())
