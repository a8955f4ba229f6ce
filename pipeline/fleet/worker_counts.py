"""What workers counted, those that died included: no sum of it ever runs backwards."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from pipeline.fleet.series import Series

Counts: TypeAlias = Mapping[Series, float]
CountsByStream: TypeAlias = Mapping[str | None, Counts]
"""The cumulative series of each stream; those of None are about no stream."""


class WorkerCounts:
    """Adds up the cumulative series of workers. Not for several threads at once.

    What a worker had counted is kept when it dies, and when a lane of it ends or begins anew, whose counts vanish or
    fall. Counts of a stream go when the stream is forgotten.
    """

    def __init__(self) -> None:
        self._now: dict[int, dict[str | None, Counts]] = {}
        self._kept: dict[str | None, dict[Series, float]] = {}

    def update(self, worker: int, counts: CountsByStream) -> None:
        """Take all that a worker counts now; the call replaces the one before it."""
        before = self._now.get(worker, {})
        for stream, counted in before.items():
            if _began_anew(counted, counts.get(stream, {})):
                self._keep(stream, counted)
        self._now[worker] = dict(counts)

    def worker_died(self, worker: int) -> None:
        """Keep what the worker counted last; whoever takes its place begins at 0."""
        for stream, counted in self._now.pop(worker, {}).items():
            self._keep(stream, counted)

    def forget(self, stream: str) -> None:
        """Drop every count of `stream`."""
        self._kept.pop(stream, None)
        for counts in self._now.values():
            counts.pop(stream, None)

    def all(self) -> Iterator[tuple[Series, float]]:
        """Yield the parts of every sum: a series comes once for each worker that has it, and once for what is kept."""
        parts: list[CountsByStream] = [self._kept, *self._now.values()]
        for part in parts:
            for counts in part.values():
                yield from counts.items()

    def _keep(self, stream: str | None, counted: Counts) -> None:
        kept = self._kept.setdefault(stream, {})
        for series, value in counted.items():
            kept[series] = kept.get(series, 0.0) + value


def _began_anew(before: Counts, after: Counts) -> bool:
    """Return whether any count vanished or fell: then they were all begun anew, for one lane has them all."""
    return any(after.get(series, -1.0) < value for series, value in before.items())
