"""A lane's `encode` thread: a sink that takes long works beside the others instead of before them."""

from pipeline.ports import Sink
from pipeline.runtime.channel import Channel, ChannelClosedError
from pipeline.runtime.worker import Worker
from pipeline.types import FrameResult

CAPACITY = 4
"""Results that wait: each holds a decoded picture, 3 MB at 1080p."""


class SinkThread:
    """A `Sink` whose results `sink`, which it owns, takes in a thread of its own, in order.

    `write` waits while `CAPACITY` results do. What `sink` raises is raised by the next `write`, or by `close`.
    """

    def __init__(self, sink: Sink, name: str) -> None:
        self._sink = sink
        self._results: Channel[FrameResult] = Channel(CAPACITY)
        self._worker = Worker(name, self._run)
        self._is_started = False
        self._told: BaseException | None = None

    def write(self, result: FrameResult) -> None:
        """Queue one frame's result."""
        if not self._is_started:
            self._is_started = True
            self._worker.start()
        try:
            self._results.put(result)
        except ChannelClosedError:
            self._worker.join()
            self._tell_error()
            raise

    def close(self) -> None:
        """Let the sink take what waits, and finish it; closing twice is allowed."""
        self._results.close()
        self._worker.join()
        try:
            self._sink.close()
        finally:
            self._tell_error()

    def _run(self) -> None:
        try:
            for result in self._results:
                self._sink.write(result)
        except BaseException:
            self._results.abort()
            raise

    def _tell_error(self) -> None:
        """Raise what ended the thread, once."""
        error = self._worker.error
        if error is not None and error is not self._told:
            self._told = error
            raise error
