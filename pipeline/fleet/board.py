"""What is known of every stream, kept current by what the workers report."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from pipeline.fleet.event_bus import EventBus
from pipeline.fleet.fleet_metrics import FleetMetrics
from pipeline.fleet.stream_record import LOST_STATES, StreamRecord
from pipeline.jpeg import Jpeg
from pipeline.sources.stream_state import Reason, StateChange, StreamState
from pipeline.stream_errors import NoThumbnailError, UnknownStreamError
from pipeline.stream_events import PersonGone, StreamRemoved, VerdictChanged
from pipeline.stream_history import DepartedPerson, StreamHistory
from pipeline.stream_status import StreamStatus
from pipeline.worker.messages import (
    FitnessTold,
    PersonLeft,
    PictureTaken,
    Pulse,
    Report,
    StateTold,
    StreamEnded,
    VerdictTold,
)

logger = logging.getLogger(__name__)


class Board:
    """The records of all streams, in the order in which they came. Any thread may look, report or change.

    Subscribers to `events` are told within the board's lock, so that they hear of nothing that is gone already.
    """

    def __init__(self, metrics: FleetMetrics) -> None:
        self._metrics = metrics
        self.events = EventBus()
        self._lock = threading.RLock()
        self._records: dict[str, StreamRecord] = {}

    @contextmanager
    def held(self) -> Iterator[dict[str, StreamRecord]]:
        """Keep everybody else out, briefly."""
        with self._lock:
            yield self._records

    def record(self, stream: str) -> StreamRecord:
        """Raise UnknownStreamError where there is none."""
        with self._lock:
            if stream not in self._records:
                raise UnknownStreamError(stream)
            return self._records[stream]

    def statuses(self) -> list[StreamStatus]:
        with self._lock:
            return [self._status(record) for record in self._records.values()]

    def status(self, stream: str) -> StreamStatus:
        """Raise UnknownStreamError where there is none."""
        with self._lock:
            return self._status(self.record(stream))

    def history(self, stream: str) -> StreamHistory:
        """Raise UnknownStreamError where there is none."""
        with self._lock:
            return self.record(stream).history.look()

    def thumbnail(self, stream: str, number: int) -> bytes:
        """Raise UnknownStreamError or NoThumbnailError."""
        with self._lock:
            picture = self.record(stream).history.thumbnail(number)
        if picture is None:
            raise NoThumbnailError(stream, number)
        return picture

    def people(self, stream: str | None) -> list[DepartedPerson]:
        """Return who left `stream`, or any, the newest first; raise UnknownStreamError where there is none."""
        with self._lock:
            records = self._records.values() if stream is None else (self.record(stream),)
            people = [person for record in records for person in record.history.people]
        return sorted(people, key=lambda person: person.last_seen_utc, reverse=True)

    def tell_changes(self) -> None:
        """Tell subscribers of each stream of which anything is different from what they were told last."""
        with self._lock:
            if self.events.has_subscribers:
                self.events.publish_changes(self.statuses())

    def put(self, record: StreamRecord) -> None:
        """Begin with a stream."""
        with self._lock:
            self._records[record.config.id] = record
            self._metrics.stream_added(record.config.id, record.config.labels)
            self._metrics.stream_state(record.config.id, record.change.state.value)

    def drop(self, stream: str) -> None:
        """Forget a stream whose lane has ended; its watchers and all subscribers are told."""
        with self._lock:
            record = self._records.pop(stream)
            self._metrics.remove_stream(stream)
            self.events.publish(StreamRemoved(stream))
            watchers = tuple(record.watchers.values())
        for watcher in watchers:
            watcher(None)

    def change(self, record: StreamRecord, change: StateChange) -> None:
        """Put a stream into another state, and tell of it."""
        with self._lock:
            before = record.change
            reconnected_after = record.take_change(change)
            self._metrics.stream_state(record.config.id, change.state.value)
            if reconnected_after is not None:
                self._metrics.stream_reconnected(record.config.id, reconnected_after.value)
        _log(record.config.id, before, change)

    def died(self, worker: int, detail: str) -> tuple[str, ...]:
        """Take the death of a worker; return the streams that it ran."""
        with self._lock:
            records = [record for record in self._records.values() if record.worker == worker]
            for record in records:
                record.ended.set()
        running = [record for record in records if not record.is_halted]
        for record in running:
            self.change(record, StateChange(StreamState.BACKING_OFF, Reason.CRASHED, detail))
        return tuple(record.config.id for record in running)

    def report(self, report: Report) -> None:
        """Take what a worker says of streams; of those that are gone it is nothing."""
        match report:
            case StateTold(stream, run, change):
                self._take_change(stream, run, change)
            case StreamEnded(stream):
                self._take_end(stream)
            case PersonLeft(person):
                self._take_person(person)
            case VerdictTold():
                self._take_verdict(report)
            case FitnessTold(stream, fitness):
                self._take_fitness(stream, fitness)
            case PictureTaken(stream, picture):
                self._hand_out(stream, picture)
            case Pulse():
                self._take_pulse(report)

    def _take_change(self, stream: str, run: int, change: StateChange) -> None:
        with self._lock:
            record = self._records.get(stream)
        if record is not None and record.run == run and not record.is_halted:
            self.change(record, change)

    def _take_end(self, stream: str) -> None:
        with self._lock:
            if stream in self._records:
                self._records[stream].ended.set()

    def _take_person(self, person: DepartedPerson) -> None:
        with self._lock:
            if person.stream in self._records:
                self._metrics.person_left(person.stream, person.verdict.value)
                self._records[person.stream].history.take_person(person)
                self.events.publish(PersonGone(person))

    def _take_verdict(self, told: VerdictTold) -> None:
        with self._lock:
            if told.stream in self._records:
                change = self._records[told.stream].history.take_change(told.change, told.thumbnail)
                self.events.publish(VerdictChanged(told.stream, change))

    def _take_fitness(self, stream: str, fitness: Mapping[str, float]) -> None:
        with self._lock:
            if stream in self._records:
                self._records[stream].fitness.take(fitness)

    def _take_pulse(self, pulse: Pulse) -> None:
        with self._lock:
            for stream, seen in pulse.streams.items():
                if stream in self._records:
                    self._records[stream].take_pulse(seen, pulse.elapsed_s)

    def _hand_out(self, stream: str, picture: Jpeg) -> None:
        with self._lock:
            record = self._records.get(stream)
            watchers: tuple[Callable[[Jpeg | None], None], ...] = tuple(record.watchers.values()) if record else ()
        for watcher in watchers:
            watcher(picture)

    def _status(self, record: StreamRecord) -> StreamStatus:
        return record.status(self._metrics.tally(record.config.id))


def _log(stream: str, before: StateChange, change: StateChange) -> None:
    """Write a line for a change; the attempts of a long outage are for those who look closer."""
    is_attempt = change.reason is Reason.RETRY or (change.state in LOST_STATES and before.reason is Reason.RETRY)
    level = logging.WARNING if change.state in LOST_STATES | {StreamState.STALLED} else logging.INFO
    fields = {"stream": stream, "state": change.state.value, "reason": change.reason.value}
    if change.retry_in_s is not None:
        fields["retry_in_s"] = f"{change.retry_in_s:.1f}"
    logger.log(
        logging.DEBUG if is_attempt else level,
        "%s is %s: %s",
        stream,
        change.state.value.replace("_", " "),
        change.detail,
        extra={"fields": fields},
    )
