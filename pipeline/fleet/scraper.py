"""Asks the workers for their metrics, all at once."""

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress

from prometheus_client.metrics_core import Metric

from pipeline.worker.messages import Command, Scrape, Scraped

PATIENCE_S = 3.0
"""A worker that is this late is left out of a scrape; Prometheus itself gives up after 10 s."""


class Scraper:
    """Matches questions and answers. Any thread may scrape; the workers' threads bring answers."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._asked: dict[tuple[int, int], Future[Sequence[Metric]]] = {}

    def scrape(self, workers: Iterable[tuple[int, Callable[[Command], None]]]) -> dict[int, Sequence[Metric]]:
        """Return the families of each worker that answers in time, given how to send to each."""
        asked = {index: self._ask(index, send) for index, send in workers}
        deadline_s = time.monotonic() + self._patience_s
        answers: dict[int, Sequence[Metric]] = {}
        for index, (number, answer) in asked.items():
            with suppress(FutureTimeoutError):
                answers[index] = answer.result(max(0.0, deadline_s - time.monotonic()))
            with self._lock:
                self._asked.pop((index, number), None)
        return {index: families for index, families in answers.items() if families}

    def answered(self, worker: int, answer: Scraped) -> None:
        """Take what a worker answered."""
        with self._lock:
            future = self._asked.pop((worker, answer.number), None)
        if future is not None:
            future.set_result(answer.families)

    def died(self, worker: int) -> None:
        """Wait no longer for the answers of a worker."""
        with self._lock:
            futures = [self._asked.pop(key) for key in tuple(self._asked) if key[0] == worker]
        for future in futures:
            future.set_result(())

    def _ask(self, worker: int, send: Callable[[Command], None]) -> tuple[int, "Future[Sequence[Metric]]"]:
        number, future = next(self._numbers), Future[Sequence[Metric]]()
        with self._lock:
            self._asked[worker, number] = future
        send(Scrape(number))
        return number, future
