"""The crops of uploads, classified in batches with those of the lanes."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

import numpy as np

from pipeline.types import Scores, UInt8Array
from pipeline.worker.messages import Classified

Ask = Callable[[UInt8Array], "Future[Scores | None]"]


class Visitors:
    """Asks for the scores of crops and reports them. Used by one thread, which waits for no answer.

    `report` is called by the thread that classifies.
    """

    def __init__(self, ask: Ask, crop_size_px: int, report: Callable[[Classified], None]) -> None:
        self._ask = ask
        self._shape = (-1, crop_size_px, crop_size_px, 3)
        self._report = report

    def classify(self, number: int, crops: bytes) -> None:
        """Report Classified of that number once all crops are scored, or the engine ends."""
        pictures = np.frombuffer(crops, np.uint8).reshape(self._shape)
        answers = [self._ask(picture) for picture in pictures]
        left, lock = set(range(len(answers))), threading.Lock()

        def answered(index: int, _answer: "Future[Scores | None]") -> None:
            with lock:
                left.discard(index)
                is_last = not left
            if is_last:
                self._report(Classified(number, _rows(answers)))

        for index, answer in enumerate(answers):
            answer.add_done_callback(partial(answered, index))


def _rows(answers: Sequence["Future[Scores | None]"]) -> tuple[tuple[float, float, float], ...]:
    """Return the scores of futures that are done; none where one of them failed or was skipped."""
    scores = [None if answer.exception() else answer.result() for answer in answers]
    return tuple(each.as_tuple() for each in scores if each) if all(scores) else ()
