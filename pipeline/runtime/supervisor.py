"""Runs tasks side by side, a bounded number at a time."""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from pipeline.runtime.channel import Channel


class Task(Protocol):
    """Something with threads of its own that tells when the last of them is over."""

    def start(self, on_end: Callable[[], None]) -> None: ...

    def stop(self) -> None: ...

    def abort(self) -> None: ...

    def join(self) -> None: ...


Job = TypeVar("Job", bound=Task)


class Supervisor(Generic[Job]):
    """Starts jobs as room permits and hands back each when it is over; only one thread may use it."""

    def __init__(self, jobs: Iterable[Job], at_once: int) -> None:
        self._waiting = iter(jobs)
        self._at_once = at_once
        self._over: Channel[Job] = Channel(capacity=max(1, at_once))
        self._stopping = False
        self.running: list[Job] = []

    def completed(self, poll_s: float) -> Iterator[Job | None]:
        """Yield each job as it ends, and None each `poll_s` in between, until all are over."""
        self._fill()
        while self.running:
            try:
                job = self._over.get(timeout_s=poll_s)
            except TimeoutError:
                yield None
                continue
            job.join()
            self.running.remove(job)
            self._fill()
            yield job

    def stop(self) -> None:
        """Start nothing more and ask what is running to end; may be called from a signal handler."""
        self._stopping = True
        for job in tuple(self.running):
            job.stop()

    def abort(self) -> None:
        """Start nothing more, discard what is running, and wait for its threads."""
        self._stopping = True
        for job in tuple(self.running):
            job.abort()
            job.join()
        self.running.clear()

    def _fill(self) -> None:
        while not self._stopping and len(self.running) < self._at_once:
            job = next(self._waiting, None)
            if job is None:
                return
            self.running.append(job)
            job.start(self._tell_end(job))

    def _tell_end(self, job: Job) -> Callable[[], None]:
        return lambda: self._over.put(job)
