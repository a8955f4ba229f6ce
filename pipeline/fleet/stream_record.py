"""What the parent knows of one stream."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pipeline.config.streams import StreamConfig
from pipeline.fleet.camera_fitness import CameraFitness
from pipeline.fleet.history import History
from pipeline.jpeg import Jpeg
from pipeline.sources.stream_state import Reason, StateChange, StreamState
from pipeline.stream_status import Owner, StreamStatus
from pipeline.vision.tally import Tally
from pipeline.worker.messages import StreamPulse

LOST_STATES = frozenset({StreamState.BACKING_OFF, StreamState.REFUSED})

WAITING = StateChange(StreamState.CONNECTING, Reason.STARTED, "waiting for its process")


@dataclass(slots=True, eq=False)
class StreamRecord:
    """A stream of the fleet; its owner guards it with a lock.

    `worker` runs it, in the lane number `run`, unless it is halted: not begun yet, paused, or about to be replaced or
    removed. `ended` is set once no lane of it runs anywhere.
    """

    config: StreamConfig
    owner: Owner
    worker: int
    is_halted: bool = True
    run: int = 0
    ended: threading.Event = field(default_factory=threading.Event)
    change: StateChange = field(default_factory=lambda: WAITING)
    changed_utc: datetime = field(default_factory=lambda: datetime.now(UTC))
    pulse: StreamPulse | None = None
    frames_per_s: float = 0.0
    faces_since_look: int = 0
    was_tried: bool = False
    watchers: dict[object, Callable[[Jpeg | None], None]] = field(default_factory=dict)
    history: History = field(default_factory=History)
    fitness: CameraFitness = field(default_factory=CameraFitness)
    _lost_by: Reason | None = None

    def take_change(self, change: StateChange) -> Reason | None:
        """Take a new state; where that makes a lost connection anew, return what had ended it."""
        self.change, self.changed_utc = change, datetime.now(UTC)
        self.history.take_state(change, self.changed_utc)
        self.was_tried = self.was_tried or change.state is not StreamState.CONNECTING
        if change.state is not StreamState.LIVE:
            self.frames_per_s = 0.0
        if change.state in LOST_STATES:
            self._lost_by = self._lost_by or change.reason
        if change.state is not StreamState.LIVE:
            return None
        lost_by, self._lost_by = self._lost_by, None
        return lost_by

    def take_pulse(self, pulse: StreamPulse, elapsed_s: float) -> None:
        """Take what was published in the last `elapsed_s`."""
        self.faces_since_look += pulse.faces
        self.frames_per_s = pulse.frames / elapsed_s
        if pulse.frames:
            self.pulse = pulse

    def forget_pictures(self) -> None:
        """Forget what pictures of a lane that has ended told: the next one may show another place, and faces less."""
        self.history.forget_thumbnails()
        self.fitness = CameraFitness()

    def status(self, tally: Tally) -> StreamStatus:
        """Return what there is to tell; `tally` counts the persons of the compliance window."""
        pulse, change = self.pulse, self.change
        is_live = change.state is StreamState.LIVE
        retry_s = change.retry_in_s
        return StreamStatus(
            id=self.config.id,
            owner=self.owner,
            url=str(self.config.url),
            labels=self.config.labels,
            state=change.state,
            reason=change.reason,
            detail=change.detail,
            since_utc=self.changed_utc,
            retry_utc=None if retry_s is None else self.changed_utc + timedelta(seconds=retry_s),
            width=pulse.width if pulse else 0,
            height=pulse.height if pulse else 0,
            frames_per_s=self.frames_per_s if is_live else 0.0,
            frame_age_s=pulse.age_s if pulse and is_live else None,
            last_frame_utc=pulse.captured_utc if pulse else None,
            persons=dict(pulse.persons) if pulse and is_live else {},
            compliance=tally.compliance,
            judged=tally.judged,
            is_recorded=self.config.recording.enabled,
            has_preview=self.config.preview.enabled,
            hints=self.fitness.hints(self.config.tiles) if is_live else (),
        )
