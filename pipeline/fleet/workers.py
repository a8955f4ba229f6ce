"""The workers of a service: all started alike, each kept running."""

import itertools
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from prometheus_client.metrics_core import Metric

from pipeline.fleet.relay import Relay, Rows
from pipeline.fleet.scraper import Scraper
from pipeline.fleet.worker_process import WorkerProcess
from pipeline.worker.messages import Begin, Classified, Command, Ready, Report, Scraped, Unfit

logger = logging.getLogger(__name__)

SILENT_AFTER_S = 20.0
"""A worker that is ready sends a pulse a second: one that has not for so long hangs, and is ended."""


@dataclass(frozen=True, slots=True)
class WorkerEvents:
    """Who hears of workers: `ready` is to start the streams, `report` is about streams, `died` gives the exit code."""

    ready: Callable[[int, Ready], None]
    report: Callable[[Report], None]
    died: Callable[[int, int], None]
    """Also of one that was asked to end."""


class Workers:
    """Runs `begin.count` workers. Any thread may ask; events come on the threads of the workers."""

    def __init__(self, begin: Begin, events: WorkerEvents) -> None:
        self._events = events
        self._scraper = Scraper()
        self._processes = tuple(
            WorkerProcess(replace(begin, index=index), self._take, self._take_death) for index in range(begin.count)
        )
        self._ready: set[int] = set()
        self.is_stopping = False
        self.unfit: Unfit | None = None
        """Why the last worker that could not begin could not."""
        self.newest_ready: Ready | None = None
        """What the worker that became ready last said of its model; all have the same."""
        self._relay = Relay()
        self._turns = itertools.count()

    @property
    def count(self) -> int:
        return len(self._processes)

    def is_up(self, worker: int) -> bool:
        """Whether a worker runs streams now."""
        return worker in self._ready

    @property
    def is_ready(self) -> bool:
        """Whether at least one worker can run streams."""
        return bool(self._ready)

    @property
    def silent(self) -> tuple[int, ...]:
        """The workers that are ready and have not been heard of for `SILENT_AFTER_S`."""
        oldest_s = time.monotonic() - SILENT_AFTER_S
        return tuple(index for index in tuple(self._ready) if self._processes[index].heard_s < oldest_s)

    def start(self) -> None:
        for process in self._processes:
            process.start()

    def send(self, worker: int, command: Command) -> None:
        """Send a command to a worker that is ready; `ready` starts from the beginning where it is not."""
        if worker in self._ready:
            self._processes[worker].send(command)

    def scrape(self) -> dict[int, Sequence[Metric]]:
        """Return what the registry of each worker holds, without those that don't answer."""
        return self._scraper.scrape([(index, self._processes[index].send) for index in sorted(self._ready)])

    def score(self, crops: bytes) -> Rows:
        """Return the probabilities of crops, (N, S, S, 3) uint8 RGB, waiting for a worker; none where none answers."""
        ready = sorted(self._ready)
        if self.newest_ready is None or not ready:
            return ()
        crop_bytes = 3 * self.newest_ready.card.input_size_px**2
        if not crops or len(crops) % crop_bytes:
            return ()
        worker = ready[next(self._turns) % len(ready)]
        answer = self._relay.ask(worker, self._processes[worker].send, crops)
        if not self.is_up(worker):  # its death may have been told before the question was there
            self._relay.died(worker)
        return answer.result()

    def kill(self, worker: int) -> None:
        """End a worker at once; another one follows."""
        self._processes[worker].kill()

    def end_silent(self) -> None:
        """Kill the workers that hang: others follow."""
        for index in self.silent:
            logger.warning("worker %d has been silent for %.0f s and is ended", index + 1, SILENT_AFTER_S)
            self.kill(index)

    def stop(self) -> None:
        """Ask all to end, and start none again."""
        self.is_stopping = True
        for process in self._processes:
            process.stop()

    def join(self, timeout_s: float) -> None:
        """Wait for all to end after `stop`, and kill those that have not after `timeout_s`."""
        deadline_s = time.monotonic() + timeout_s
        for process in self._processes:
            if not process.join(max(0.0, deadline_s - time.monotonic())):
                logger.warning("worker %d did not end in %.1f s and is killed", process.index + 1, timeout_s)
                process.kill()
                process.join(timeout_s)

    def _take(self, worker: int, report: Report) -> None:
        match report:
            case Ready():
                self.newest_ready = report
                self._ready.add(worker)
                self._events.ready(worker, report)
            case Unfit(message):
                logger.warning("worker %d can't begin: %s", worker + 1, message)
                self.unfit = report
                if self.newest_ready is None:
                    self.stop()  # what none could begin with, none after it can
            case Scraped():
                self._scraper.answered(worker, report)
            case Classified():
                self._relay.answered(worker, report)
            case _:
                self._events.report(report)

    def _take_death(self, worker: int, exit_code: int) -> None:
        self._ready.discard(worker)
        self._scraper.died(worker)
        self._relay.died(worker)
        self._events.died(worker, exit_code)
