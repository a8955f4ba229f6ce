"""What the parent remembers of one stream: enough for a page, bounded in number and bytes."""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pipeline.sources.stream_state import Reason, StateChange
from pipeline.stream_history import DepartedPerson, Minute, PastState, StreamHistory, VerdictChange

MINUTES = 60
MAX_STATES = 50
MAX_CHANGES = 50
MAX_PEOPLE = 100
MAX_THUMBNAIL_BYTES = 256 * 1024
"""Of all thumbnails of a stream; the oldest go first. One takes 1 KB blurred, 3 KB sharp."""

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Told:
    change: VerdictChange
    thumbnail: bytes | None


class History:
    """The last hour of a stream by minute, and its last states, changes of verdicts and persons who left.

    Its owner guards it with a lock; `utc_now` tells the time of day.
    """

    def __init__(self, utc_now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._utc_now = utc_now
        self._minutes: dict[datetime, Counter[str]] = {}
        self._states: deque[PastState] = deque(maxlen=MAX_STATES)
        self._changes: deque[_Told] = deque(maxlen=MAX_CHANGES)
        self._people: deque[DepartedPerson] = deque(maxlen=MAX_PEOPLE)
        self._changes_told = 0

    @property
    def people(self) -> tuple[DepartedPerson, ...]:
        """Who left lately, the newest first."""
        return tuple(reversed(self._people))

    def take_state(self, change: StateChange, since_utc: datetime) -> None:
        """Take a state that the stream went over to; the attempts of a long outage would leave room for little else."""
        newest = self._states[-1] if self._states else None
        is_known = newest is not None and (newest.state, newest.reason) == (change.state, change.reason)
        if not is_known and change.reason is not Reason.RETRY:
            self._states.append(PastState(since_utc, change.state, change.reason, change.detail))

    def take_person(self, person: DepartedPerson) -> None:
        """Take a person who left: into the minute in which that is told, so that no minute of the past changes."""
        self._people.append(person)
        starts = self._starts()
        self._minutes = {start: counts for start, counts in self._minutes.items() if start in starts}
        self._minutes.setdefault(starts[-1], Counter())[person.verdict.value] += 1

    def take_change(self, change: VerdictChange, thumbnail: bytes | None) -> VerdictChange:
        """Take a change of a verdict with the JPEG of the face; return it with its number."""
        self._changes_told += 1
        numbered = replace(change, number=self._changes_told, has_thumbnail=thumbnail is not None)
        self._changes.append(_Told(numbered, thumbnail))
        self._forget_oldest_thumbnails()
        return numbered

    def forget_thumbnails(self) -> None:
        """Forget all pictures of faces, which are not to be shown any more."""
        self._changes = deque(map(_without_thumbnail, self._changes), maxlen=MAX_CHANGES)

    def thumbnail(self, number: int) -> bytes | None:
        """Return the JPEG of the change of that number; None where there is none, or none any more."""
        return next((told.thumbnail for told in self._changes if told.change.number == number), None)

    def look(self) -> StreamHistory:
        """Return all but the persons and the pictures."""
        return StreamHistory(
            minutes=tuple(Minute(start, **self._minutes.get(start, Counter())) for start in self._starts()),
            states=tuple(reversed(self._states)),
            changes=tuple(told.change for told in reversed(self._changes)),
        )

    def _starts(self) -> tuple[datetime, ...]:
        """Return the starts of the minutes that are remembered, the current one last."""
        newest = self._utc_now().replace(second=0, microsecond=0)
        return tuple(newest - MINUTE * ago for ago in reversed(range(MINUTES)))

    def _forget_oldest_thumbnails(self) -> None:
        kept_bytes = sum(len(told.thumbnail or b"") for told in self._changes)
        for index, told in enumerate(self._changes):
            if kept_bytes <= MAX_THUMBNAIL_BYTES:
                return
            kept_bytes -= len(told.thumbnail or b"")
            self._changes[index] = _without_thumbnail(told)


def _without_thumbnail(told: _Told) -> _Told:
    return _Told(replace(told.change, has_thumbnail=False), None)
