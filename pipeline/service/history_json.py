"""What streams did lately, as the REST interface and its events show it."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, ConfigDict

from pipeline.service.stream_json import PATH, UtcTime
from pipeline.sources.stream_state import Reason, StreamState
from pipeline.stream_history import DepartedPerson, StreamHistory, VerdictChange
from pipeline.types import MaskState


class _Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True, frozen=True)


class MinuteJson(_Shown):
    """The persons who left in the minute that began at `start_utc`, by verdict."""

    start_utc: UtcTime
    masked: int
    incorrect: int
    unmasked: int
    unknown: int


class PastStateJson(_Shown):
    """A state that a stream went over to."""

    since_utc: UtcTime
    state: StreamState
    reason: Reason
    detail: str


class VerdictChangeJson(_Shown):
    """A person of whom something else is said than before; a first verdict comes after `unknown`.

    `thumbnail` is where the picture of the face is; null where there is none, or none any more.
    """

    number: int
    person_id: int
    before: MaskState
    verdict: MaskState
    confidence: float
    utc: UtcTime
    thumbnail: str | None

    @classmethod
    def of(cls, stream: str, change: VerdictChange) -> Self:
        """Return `change` of `stream` as it is sent."""
        return cls(
            number=change.number,
            person_id=change.person_id,
            before=change.before,
            verdict=change.verdict,
            confidence=change.confidence,
            utc=change.utc,
            thumbnail=f"{PATH}/{stream}/thumbnails/{change.number}" if change.has_thumbnail else None,
        )


class PersonJson(_Shown):
    """A person who left the view of `stream`; `votes` is how many pictures of the face the verdict rests on."""

    stream: str
    person_id: int
    first_seen_utc: UtcTime
    last_seen_utc: UtcTime
    verdict: MaskState
    confidence: float
    votes: int

    @classmethod
    def of(cls, person: DepartedPerson) -> Self:
        """Return `person` as it is sent."""
        return cls.model_validate(person)


class PeopleJson(_Shown):
    """Who left lately, the newest first."""

    people: list[PersonJson]

    @classmethod
    def of(cls, people: Sequence[DepartedPerson]) -> Self:
        """Return `people` as they are sent."""
        return cls(people=[PersonJson.of(person) for person in people])


class HistoryJson(_Shown):
    """The last 60 minutes, the oldest first; the last states and changes of verdicts, the newest first."""

    minutes: list[MinuteJson]
    states: list[PastStateJson]
    changes: list[VerdictChangeJson]

    @classmethod
    def of(cls, stream: str, history: StreamHistory) -> Self:
        """Return the history of `stream` as it is sent."""
        return cls(
            minutes=[MinuteJson.model_validate(minute) for minute in history.minutes],
            states=[PastStateJson.model_validate(state) for state in history.states],
            changes=[VerdictChangeJson.of(stream, change) for change in history.changes],
        )
