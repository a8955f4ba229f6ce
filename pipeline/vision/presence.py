"""Who is in view right now, and what has changed about them."""

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.types import FrameResult, MaskState, Track, Verdict


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """What a frame says of the persons in view after it.

    `counts` is by verdict, every state included; `flips` counts the verdicts that it turned; `left_faces_px` is the
    largest detected face, in pixels, of each person who left with it, 0 for one whose face was only predicted.
    """

    counts: Mapping[MaskState, int]
    flips: int
    left_faces_px: tuple[float, ...]


@dataclass(slots=True)
class _Present:
    state: MaskState = MaskState.UNKNOWN
    judged: MaskState | None = None
    best_face_px: float = 0.0


class Presence:
    """Follows the results of one stream; it forgets a person who leaves.

    A flip is a change from one judged state to another, with or without doubt (`unknown`) in between: a first verdict
    is none, and neither is a doubt that ends where it began.
    """

    def __init__(self) -> None:
        self._persons: dict[int, _Present] = {}

    def update(self, result: FrameResult) -> PresenceChange:
        """Take the next result of the stream."""
        for track in result.tracks:
            self._see(track)
        flips = sum(self._judge(track_id, verdict) for track_id, verdict in result.verdicts.items())
        left = [self._persons.pop(track_id) for track_id in result.closed_ids if track_id in self._persons]
        return PresenceChange(self._counts(), flips, tuple(person.best_face_px for person in left))

    def _see(self, track: Track) -> None:
        person = self._persons.setdefault(track.track_id, _Present())
        if track.missed_frames == 0:
            person.best_face_px = max(person.best_face_px, track.face.box.size_px)

    def _judge(self, track_id: int, verdict: Verdict) -> bool:
        """Note the verdict; return whether it contradicts the last judged one."""
        person = self._persons.get(track_id)
        if person is None:
            return False
        person.state = verdict.state
        if verdict.state is MaskState.UNKNOWN:
            return False
        before, person.judged = person.judged, verdict.state
        return before is not None and before is not verdict.state

    def _counts(self) -> dict[MaskState, int]:
        counts = dict.fromkeys(MaskState, 0)
        for person in self._persons.values():
            counts[person.state] += 1
        return counts
