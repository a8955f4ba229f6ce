"""The running streams, and every change of them."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence

from prometheus_client import CollectorRegistry

from pipeline.alerts.rules import Observation
from pipeline.config.schema import Config
from pipeline.config.streams import StreamConfig
from pipeline.errors import SinkError
from pipeline.fleet.alerting import Alerting
from pipeline.fleet.board import Board
from pipeline.fleet.fleet_metrics import FleetMetrics
from pipeline.fleet.placement import Placement
from pipeline.fleet.reconcile import claimed, is_switched, reconcile
from pipeline.fleet.state_content import Body
from pipeline.fleet.state_file import StateFile
from pipeline.fleet.stream_record import StreamRecord
from pipeline.fleet.sweeper import Sweeper
from pipeline.fleet.uploads import Uploads
from pipeline.jpeg import Jpeg
from pipeline.service.control import Health
from pipeline.sources.stream_state import StreamState
from pipeline.stream_errors import FileOwnedError, NoPreviewError, StreamExistsError
from pipeline.stream_events import StreamEvent
from pipeline.stream_history import DepartedPerson, StreamHistory
from pipeline.stream_status import Owner, StreamStatus
from pipeline.worker.messages import Begin

logger = logging.getLogger(__name__)

TICK_EXPECTED_S = 30.0
"""The owner's thread ticks each second; one that has not for so long hangs."""


class Fleet:
    """The port `Control`, and what the thread of its owner does: `start`, a `tick` each second, `reload`, `stop`.

    Any thread may look; changes are made one after the other, each whole before the next.
    """

    def __init__(self, config: Config) -> None:
        """Start nothing yet; raise ConfigError where a channel of the alerts can't be used."""
        self.metrics = FleetMetrics(lambda: self.workers.scrape(), config.compliance_window_s)
        self._alerting = Alerting(config.alerts, self.metrics.sink_failed)
        token = config.http.token
        self._state = StateFile(config.state_file, token.get_secret_value() if token else None)
        self._board = Board(self.metrics)
        self._sweeper = Sweeper(self._configs, self.metrics.sink_failed)
        begin = Begin(0, config.processes, config.model, config.device, config.log)
        self._placement = Placement(begin, self._board, self.metrics)
        self._changing = threading.Lock()
        self._ticked_s = time.monotonic()
        self.workers = self._placement.workers
        self._uploads = Uploads(config.uploads, config.log, self.workers, self.metrics.uploads)

    @property
    def registry(self) -> CollectorRegistry:
        return self.metrics.registry

    @property
    def examination(self) -> Uploads:
        return self._uploads

    def start(self, streams: Sequence[StreamConfig], stream_of: Callable[[Body], StreamConfig]) -> None:
        """Start the workers, with `streams`, those of the file, and what `stream_of` makes of those of the state."""
        self._alerting.start()
        with self._changing:
            for config in streams:
                self._begin(config, Owner.FILE)
            made_over_rest = self._state.load(stream_of)
            taken = claimed((*(config.id for config in made_over_rest), *self._state.held), streams)
            for config in made_over_rest:
                if config.id not in taken:
                    self._begin(config, Owner.REST)
            self._yield_to_file(taken)
        self.workers.start()
        self._uploads.start()
        self._sweeper.start()

    def tick(self) -> None:
        """Do what is due each second: the rules of alerts, workers that hang, news of streams."""
        self._ticked_s = time.monotonic()
        self.workers.end_silent()
        self._uploads.tick()
        self._board.tell_changes()
        with self._board.held() as records:
            looks = [(name, self._observed(record)) for name, record in records.items() if not record.is_halted]
        for stream, seen in looks:
            self._alerting.look(stream, seen)

    def stop(self) -> None:
        """End what reads uploads, and ask the workers to end; see `join`."""
        self._uploads.stop()
        self.workers.stop()

    def join(self, timeout_s: float) -> None:
        """Return when recordings are finished and the workers have ended, or are killed after `timeout_s`."""
        self._alerting.wind_up()
        self.workers.join(timeout_s)
        self._uploads.join()
        self._alerting.close()
        self._sweeper.close()

    def health(self) -> Health:
        hangs = time.monotonic() - self._ticked_s > TICK_EXPECTED_S
        with self._board.held() as records:
            was_tried = not records or any(record.was_tried for record in records.values())
        found = {
            "the main thread of the service hangs": hangs,
            "no worker is ready: the model is being loaded": not self.workers.is_ready,
            "no stream has been tried yet": not was_tried,
        }
        problems = tuple(problem for problem, is_so in found.items() if is_so)
        return Health(alive=not hangs, ready=not problems, problems=problems)

    def streams(self) -> Sequence[StreamStatus]:
        return sorted(self._board.statuses(), key=lambda status: status.owner is not Owner.FILE)

    def stream(self, stream: str) -> StreamStatus:
        return self._board.status(stream)

    def add(self, config: StreamConfig) -> StreamStatus:
        with self._changing:
            if self._known(config.id):
                raise StreamExistsError(config.id)
            self._save(config)
            self._begin(config, Owner.REST)
        return self._board.status(config.id)

    def replace(self, config: StreamConfig) -> StreamStatus:
        with self._changing:
            record = self._of_rest(config.id)
            self._save(config)
            self._change(record, config)
        return self._board.status(config.id)

    def remove(self, stream: str) -> None:
        with self._changing:
            if stream in self._state.held:
                self._forget(stream)
                return
            record = self._of_rest(stream)
            self._forget(stream)
            self._end(record)

    def pause(self, stream: str, *, paused: bool) -> StreamStatus:
        with self._changing:
            record = self._of_rest(stream)
            if record.config.paused != paused:
                config = record.config.model_copy(update={"paused": paused})
                self._save(config)
                self._change(record, config)
        return self._board.status(stream)

    def reload(self, streams: Sequence[StreamConfig]) -> None:
        """Make the file's streams those that it names now. REST's stay, but one whose id the file has taken."""
        with self._changing:
            with self._board.held() as records:
                own = {name: record for name, record in records.items() if record.owner is Owner.FILE}
                taken = claimed((*(records.keys() - own.keys()), *self._state.held), streams)
                ending = [records[name] for name in taken if name in records]
            for record in ending:
                self._end(record)
            self._yield_to_file(taken)
            changes = reconcile({name: record.config for name, record in own.items()}, streams)
            for stream in changes.removed:
                self._end(own[stream])
            for config in (*changes.changed, *changes.switched):
                self._change(own[config.id], config)
            for config in changes.added:
                self._begin(config, Owner.FILE)

    def watch(self, stream: str, on_picture: Callable[[Jpeg | None], None]) -> Callable[[], None]:
        record = self._board.record(stream)
        if not record.config.preview.enabled:
            raise NoPreviewError(stream)
        return self._placement.watch(record, on_picture)

    def history(self, stream: str) -> StreamHistory:
        return self._board.history(stream)

    def thumbnail(self, stream: str, number: int) -> bytes:
        return self._board.thumbnail(stream, number)

    def people(self, stream: str | None = None, limit: int = 100) -> Sequence[DepartedPerson]:
        return self._board.people(stream)[:limit]

    def subscribe(self, on_event: Callable[[StreamEvent], None]) -> Callable[[], None]:
        return self._board.events.subscribe(on_event)

    def _configs(self) -> list[StreamConfig]:
        with self._board.held() as records:
            return [record.config for record in records.values()]

    def _begin(self, config: StreamConfig, owner: Owner) -> None:
        self._placement.begin(config, owner)
        self._alerting.begin(config.id, config.labels)

    def _change(self, record: StreamRecord, config: StreamConfig) -> None:
        self._placement.halt(record)
        self._alerting.end(config.id)
        if not is_switched(config, record.config):
            with self._board.held():
                record.forget_pictures()
        self._placement.run(record, config)
        self.metrics.stream_added(config.id, config.labels)
        self._alerting.begin(config.id, config.labels)

    def _end(self, record: StreamRecord) -> None:
        self._placement.halt(record)
        self._alerting.end(record.config.id)
        self._board.drop(record.config.id)
        logger.info("%s is removed", record.config.id, extra={"fields": {"stream": record.config.id}})

    def _yield_to_file(self, taken: Collection[str]) -> None:
        """Forget streams made over REST whose ids the file has taken, and that do not run any more."""
        if not taken:
            return
        logger.warning("the file has taken the ids %s: those made over REST are forgotten", ", ".join(sorted(taken)))
        try:
            self._state.save(self._made_over_rest(), forgotten=taken)
        except SinkError as error:  # the file has its way all the same
            logger.warning("the streams made over REST come back once the file drops their ids: %s", error)

    def _known(self, stream: str) -> bool:
        """Whether an id is taken; files are named by it, and some file systems take upper and lower case for one."""
        with self._board.held() as records:
            return stream.casefold() in {name.casefold() for name in records}

    def _save(self, config: StreamConfig) -> None:
        """Keep the streams of REST, `config` among them; raise SinkError, whereupon nothing is to change."""
        self._state.save([*self._made_over_rest(except_for=config.id), config])

    def _forget(self, stream: str) -> None:
        """Keep the streams of REST but one; raise SinkError, whereupon nothing is to change."""
        self._state.save(self._made_over_rest(except_for=stream), forgotten=[stream])

    def _made_over_rest(self, except_for: str | None = None) -> list[StreamConfig]:
        with self._board.held() as records:
            own = [record.config for record in records.values() if record.owner is Owner.REST]
        return [config for config in own if config.id != except_for]

    def _of_rest(self, stream: str) -> StreamRecord:
        record = self._board.record(stream)
        if record.owner is Owner.FILE:
            raise FileOwnedError(stream)
        return record

    def _observed(self, record: StreamRecord) -> Observation:
        faces, record.faces_since_look = record.faces_since_look, 0
        is_up = record.change.state is StreamState.LIVE
        return Observation(is_up, faces, self.metrics.tally(record.config.id))
