"""Which faces of a frame are worth a look by the network: the budget goes to whoever is least settled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from pipeline.types import Face, Track
from pipeline.vision.quality import FULL_FACE_PX, pose_quality

TIME_TOLERANCE_S = 1e-6
"""Media times are sums of frame durations: three tenths of a second may be 0.29999999999999998 s."""


class PickReason(IntEnum):
    """Why a face is classified, most important first."""

    NEW_TRACK = 0
    DOUBT = 1
    BETTER_VIEW = 2
    AGE = 3


@dataclass(frozen=True, slots=True)
class PickSettings:
    """How often a person is looked at.

    The first `min_votes` looks come as fast as `min_interval_s` allows, for a person may pass by; then one every
    `recheck_s`, for a mask may come off; every `doubt_interval_s` while the doubt exceeds `doubt_threshold`; and
    whenever the view is `better_view_ratio` times the best one so far.
    """

    max_crops_per_frame: int = 8
    min_votes: int = 3
    min_interval_s: float = 0.1
    doubt_interval_s: float = 0.3
    recheck_s: float = 1.0
    doubt_threshold: float = 0.5
    better_view_ratio: float = 1.25


@dataclass(frozen=True, slots=True)
class Pick:
    """A track whose face in this frame is to be classified, and why."""

    track: Track
    reason: PickReason


@dataclass(slots=True)
class _Record:
    """What has been asked about a person so far."""

    looks: int = 0
    last_look_s: float = 0.0
    best_view_px: float = 0.0
    best_view_before_px: float = 0.0


def view_px(face: Face) -> float:
    """Return the size of a face in pixels, less where it is turned away; more than the network can use is no gain."""
    return min(face.box.size_px, FULL_FACE_PX) * pose_quality(face)


class Picker:
    """Chooses the faces of one stream to classify, within a budget."""

    def __init__(self, settings: PickSettings | None = None) -> None:
        self._settings = settings or PickSettings()
        self._records: dict[int, _Record] = {}

    def choose(self, tracks: Sequence[Track], media_s: float, doubts: Mapping[int, float]) -> tuple[Pick, ...]:
        """Return the picks of the frame at `media_s`, most important first.

        `doubts` gives the doubt in [0, 1] by track id, as far as known. Only faces that were detected in this very
        frame are picked: a predicted box may show a wall.
        """
        ranked = []
        for track in tracks:
            reason = self._reason(track, media_s, doubts.get(track.track_id, 0.0)) if track.missed_frames == 0 else None
            if reason is not None:
                ranked.append((self._rank(track, reason), Pick(track, reason)))
        ranked.sort(key=lambda entry: entry[0])
        picks = tuple(pick for _, pick in ranked[: self._settings.max_crops_per_frame])
        for pick in picks:
            self._note(pick.track, media_s)
        return picks

    def take_back(self, track_id: int) -> None:
        """Take it that nobody looked at the last pick of the track: it does not count, though the next has to wait."""
        record = self._records[track_id]
        record.looks -= 1
        record.best_view_px = record.best_view_before_px

    def forget(self, track_ids: Iterable[int]) -> None:
        """Drop what is kept on tracks that have ended."""
        for track_id in track_ids:
            self._records.pop(track_id, None)

    def _reason(self, track: Track, media_s: float, doubt: float) -> PickReason | None:
        record, settings = self._records.get(track.track_id), self._settings
        if record is None:
            return PickReason.NEW_TRACK
        waited_s = media_s - record.last_look_s + TIME_TOLERANCE_S
        if waited_s < settings.min_interval_s:
            return None
        if record.looks < settings.min_votes:
            return PickReason.NEW_TRACK
        if doubt > settings.doubt_threshold and waited_s >= settings.doubt_interval_s:
            return PickReason.DOUBT
        if view_px(track.face) >= settings.better_view_ratio * record.best_view_px:
            return PickReason.BETTER_VIEW
        return PickReason.AGE if waited_s >= settings.recheck_s else None

    def _rank(self, track: Track, reason: PickReason) -> tuple[int, int, float, int]:
        """Order by reason, then fewest looks, then who has waited longest, then id."""
        record = self._records.get(track.track_id, _Record())
        return reason, record.looks if reason is PickReason.NEW_TRACK else 0, record.last_look_s, track.track_id

    def _note(self, track: Track, media_s: float) -> None:
        record = self._records.setdefault(track.track_id, _Record())
        record.looks += 1
        record.last_look_s = media_s
        record.best_view_before_px = record.best_view_px
        record.best_view_px = max(record.best_view_px, view_px(track.face))
