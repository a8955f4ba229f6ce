"""What a live stream did lately, for people and programs: bounded, and in memory alone."""

from dataclasses import dataclass, field
from datetime import datetime

from pipeline.sources.stream_state import Reason, StreamState
from pipeline.types import MaskState


@dataclass(frozen=True, slots=True)
class Minute:
    """The persons who left a stream in the minute that began at `start_utc`, by verdict."""

    start_utc: datetime
    masked: int = 0
    incorrect: int = 0
    unmasked: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class PastState:
    """A state that a stream went over to; `detail` is a sentence for people, without credentials."""

    since_utc: datetime
    state: StreamState
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A person of whom something else is said than before; `before` is `unknown` for a first verdict.

    `number` counts the changes of a stream from 1, and is 0 where nobody has counted yet. `person_id` is the one drawn
    into its pictures: it begins anew whenever the stream's lane does. With `has_thumbnail` there is a small picture of
    the face at that time.
    """

    number: int
    person_id: int
    before: MaskState
    verdict: MaskState
    confidence: float
    utc: datetime
    has_thumbnail: bool = False


@dataclass(frozen=True, slots=True)
class DepartedPerson:
    """A person who left the view of `stream`, with the last verdict, its confidence in [0, 1] and the crops voting."""

    stream: str
    person_id: int
    first_seen_utc: datetime
    last_seen_utc: datetime
    verdict: MaskState
    confidence: float
    votes: int


@dataclass(frozen=True, slots=True)
class StreamHistory:
    """The last 60 minutes, the oldest first; the last states and changes of verdicts, the newest first."""

    minutes: tuple[Minute, ...] = field(repr=False)
    states: tuple[PastState, ...] = ()
    changes: tuple[VerdictChange, ...] = ()
