"""Which worker runs which stream, whatever becomes of the workers."""

import itertools
import logging
import signal
from collections.abc import Callable

from pipeline.config.streams import StreamConfig
from pipeline.fleet.board import Board
from pipeline.fleet.fleet_metrics import FleetMetrics
from pipeline.fleet.stream_record import WAITING, StreamRecord
from pipeline.fleet.workers import WorkerEvents, Workers
from pipeline.jpeg import Jpeg
from pipeline.sources.stream_state import Reason, StateChange, StreamState
from pipeline.stream_status import Owner
from pipeline.worker.messages import Begin, Ready, StartStream, StopStream, WatchStream

logger = logging.getLogger(__name__)

END_TIMEOUT_S = 15.0
"""How long the end of one lane is waited for: closing a camera takes 0.2 s, finishing a recording less than 1 s."""


class Placement:
    """Spreads streams evenly over workers, and gives a worker that was started anew its streams back.

    Streams are begun, halted and ended by one thread at a time; any thread may watch.
    """

    def __init__(self, begin: Begin, board: Board, metrics: FleetMetrics) -> None:
        self._board = board
        self._metrics = metrics
        self._runs = itertools.count(1)
        self.workers = Workers(begin, WorkerEvents(self._ready, board.report, self._died))
        for worker in range(self.workers.count):
            metrics.worker_wanted(worker)

    def begin(self, config: StreamConfig, owner: Owner) -> None:
        """Put a new stream on the worker that has the fewest."""
        with self._board.held() as records:
            shares = [0] * self.workers.count
            for record in records.values():
                shares[record.worker] += 1
            record = StreamRecord(config, owner, shares.index(min(shares)))
            self._board.put(record)
        self.run(record, config)

    def run(self, record: StreamRecord, config: StreamConfig) -> None:
        """Start the lane of a stream that has none, or leave it alone where its configuration says paused."""
        with self._board.held():
            record.config, record.is_halted = config, config.paused
            if not record.is_halted:
                record.run = next(self._runs)
                if record.change.state is StreamState.PAUSED:
                    record.take_change(WAITING)  # so that the answer to who resumes it does not say paused
                self.workers.send(record.worker, StartStream(config, record.run))
        if record.is_halted:
            self._board.change(record, StateChange(StreamState.PAUSED, Reason.PAUSED, "left alone by the operator"))

    def halt(self, record: StreamRecord) -> None:
        """Return when no lane of the stream runs."""
        with self._board.held():
            record.is_halted = True  # a worker that becomes ready meanwhile is not to begin it
            if not self.workers.is_up(record.worker):
                return
            record.ended.clear()
            self.workers.send(record.worker, StopStream(record.config.id))
        if not record.ended.wait(END_TIMEOUT_S):
            logger.warning("%s did not end in %.0f s: its worker is ended", record.config.id, END_TIMEOUT_S)
            self.workers.kill(record.worker)
            record.ended.wait(END_TIMEOUT_S)

    def watch(self, record: StreamRecord, on_picture: Callable[[Jpeg | None], None]) -> Callable[[], None]:
        """Have pictures of a stream given to `on_picture` until the returned function is called."""
        stream, key = record.config.id, object()
        with self._board.held():
            record.watchers[key] = on_picture
            self.workers.send(record.worker, WatchStream(stream, wanted=True))

        def end() -> None:
            with self._board.held() as records:
                record.watchers.pop(key, None)
                if not record.watchers and records.get(stream) is record:
                    self.workers.send(record.worker, WatchStream(stream, wanted=False))

        return end

    def _ready(self, worker: int, ready: Ready) -> None:
        self._metrics.worker_started(worker)
        self._metrics.model_loaded(ready.name, ready.sha256, ready.precision, ready.provider)
        with self._board.held() as records:
            own = [record for record in records.values() if record.worker == worker]
            for record in own:
                if not record.is_halted:
                    self.workers.send(worker, StartStream(record.config, record.run))
                if record.watchers:
                    self.workers.send(worker, WatchStream(record.config.id, wanted=True))
        logger.info("worker %d is ready: %s on %s", worker + 1, ready.name, ready.provider)

    def _died(self, worker: int, exit_code: int) -> None:
        if self.workers.is_stopping:
            return
        self._metrics.worker_died(worker, "signal" if exit_code < 0 else "exit")
        how = _ended(exit_code)
        streams = self._board.died(worker, f"its process {how}; another one takes over")
        logger.warning("worker %d %s with %d streams; another one takes over", worker + 1, how, len(streams))


def _ended(exit_code: int) -> str:
    if exit_code < 0:
        return f"was killed by signal {-exit_code} ({signal.strsignal(-exit_code)})"
    return f"ended with code {exit_code}"
