"""What is known of each person of a stream, collected from its results."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from pipeline.types import UNDECIDED, Frame, FrameResult, Track, Verdict
from pipeline.vision.tally import Tally


@dataclass(frozen=True, slots=True)
class Person:
    """One track from first to last sight; `best_face_px` is the largest detected face, 0 before the first."""

    person_id: int
    first_seen_s: float
    last_seen_s: float
    first_seen_utc: datetime | None
    last_seen_utc: datetime | None
    best_face_px: float = 0.0
    verdict: Verdict = UNDECIDED
    has_left: bool = False

    @classmethod
    def newcomer(cls, track: Track, frame: Frame) -> Self:
        """Return the person of a track that `frame` is the first to show."""
        return cls(track.track_id, frame.media_s, frame.media_s, frame.captured_utc, frame.captured_utc)

    def seen(self, track: Track, frame: Frame) -> "Person":
        """Return the person after a frame; a frame on which the face was only predicted is no sight of it."""
        if track.missed_frames:
            return self
        size_px = max(self.best_face_px, track.face.box.size_px)
        return replace(self, last_seen_s=frame.media_s, last_seen_utc=frame.captured_utc, best_face_px=size_px)


class PeopleTally:
    """Collects every person who appears in the tracks of one stream's results; verdicts are the last ones given."""

    def __init__(self) -> None:
        self._people: dict[int, Person] = {}
        self._frames = 0
        self._faces = 0
        self._first_s = 0.0
        self._end_s = 0.0

    @property
    def people(self) -> tuple[Person, ...]:
        """The persons so far, by id."""
        return tuple(self._people[person_id] for person_id in sorted(self._people))

    @property
    def frames(self) -> int:
        return self._frames

    @property
    def faces(self) -> int:
        """Detected faces, summed over the frames."""
        return self._faces

    @property
    def duration_s(self) -> float:
        """From the first frame's time to the end of the last one."""
        return self._end_s - self._first_s

    @property
    def tally(self) -> Tally:
        states = [person.verdict.state.value for person in self._people.values()]
        return Tally(**{name: states.count(name) for name in set(states)})

    def write(self, result: FrameResult) -> None:
        """Take the next result of the stream."""
        self._count(result)
        for track in result.tracks:
            person = self._people.get(track.track_id) or Person.newcomer(track, result.frame)
            self._people[track.track_id] = person.seen(track, result.frame)
        for person_id, verdict in result.verdicts.items():
            if person_id in self._people:
                self._people[person_id] = replace(self._people[person_id], verdict=verdict)
        for person_id in result.closed_ids:
            if person_id in self._people:
                self._people[person_id] = replace(self._people[person_id], has_left=True)

    def close(self) -> None:
        """Nothing is held open."""

    def _count(self, result: FrameResult) -> None:
        frame = result.frame
        if self._frames == 0:
            self._first_s = frame.media_s
        self._frames += 1
        self._end_s = frame.media_s + frame.duration_s
        self._faces += sum(track.missed_frames == 0 for track in result.tracks)
