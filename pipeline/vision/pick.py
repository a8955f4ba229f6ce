"""Which faces of a frame are worth a look by the network: the budget goes to whoever is least settled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from math import inf
from sys import maxsize
from typing import Self

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
    """How often a person is looked at, in media time.

    The first `min_votes` looks come as fast as `min_interval_s` allows, for a person may pass by. Then one comes every
    `doubt_interval_s` while the doubt exceeds `doubt_threshold`, at most `max_doubt_looks` in a row (a truncated test:
    Wald 1947, as a face that tells nothing must not be asked for ever); one whenever the view is `better_view_ratio`
    times the best one so far; and one every `recheck_s`, for a mask may come off. A face below `min_face_px` has no
    vote and is never picked.

    On 310 persons of `python -m benchmarks policy`, one look at least and a recheck after 2 s cost half the crops of
    three looks and 1 s, and judged as many rightly.
    """

    max_crops_per_frame: int = 8
    min_votes: int = 1
    min_interval_s: float = 0.2
    doubt_interval_s: float = 0.3
    max_doubt_looks: int = 8
    recheck_s: float = 2.0
    doubt_threshold: float = 0.05
    better_view_ratio: float = 1.5
    min_face_px: float = 0.0

    @classmethod
    def every_face(cls) -> Self:
        """Return the settings that pick each face of each frame: what the others are measured against."""
        return cls(max_crops_per_frame=maxsize, min_interval_s=0.0, recheck_s=0.0)


@dataclass(frozen=True, slots=True)
class Pick:
    """A track whose face in this frame is to be classified, and why.

    `urgency` compares picks of different streams: what is more urgent tells more.
    """

    track: Track
    reason: PickReason
    urgency: float


@dataclass(frozen=True, slots=True)
class _Looks:
    """The looks at a person so far: how many, how many of them in a row out of doubt, the last and the best one."""

    last_s: float
    count: int = 0
    doubtful: int = 0
    best_view_px: float = 0.0


@dataclass(slots=True)
class _Record:
    """What is known of a person: the looks, those before the last pick, and when that was."""

    looks: _Looks
    before: _Looks
    picked_s: float = -inf


def view_px(face: Face) -> float:
    """Return the size of a face in pixels, less where it is turned away; more than the network can use is no gain."""
    return min(face.box.size_px, FULL_FACE_PX) * pose_quality(face)


def _perfectly_sharp(_face: Face) -> float:
    return 1.0


class Picker:
    """Chooses the faces of one stream to classify, within a budget."""

    def __init__(self, settings: PickSettings | None = None) -> None:
        self._settings = settings or PickSettings()
        self._records: dict[int, _Record] = {}

    def choose(
        self,
        tracks: Sequence[Track],
        media_s: float,
        doubts: Mapping[int, float],
        sharpness: Callable[[Face], float] = _perfectly_sharp,
    ) -> tuple[Pick, ...]:
        """Return the picks of the frame at `media_s`, most important first.

        `doubts` gives the doubt in [0, 1] by track id, where the last answer is known; `sharpness` a quality in [0, 1],
        and is asked only where it matters. Only faces that were detected in this very frame are picked: a predicted box
        may show a wall.
        """
        picks = []
        for track in tracks:
            doubt = doubts.get(track.track_id, 0.0)
            reason = self._reason(track, media_s, doubt, sharpness)
            if reason is not None:
                picks.append(Pick(track, reason, self._urgency(track, reason, media_s, doubt)))
        picks.sort(key=self._rank)
        chosen = tuple(picks[: self._settings.max_crops_per_frame])
        for pick in chosen:
            self._note(pick, media_s, sharpness)
        return chosen

    def take_back(self, track_id: int) -> None:
        """Take it that nobody looked at the last pick of the track: it is due again after `min_interval_s`."""
        record = self._records.get(track_id)
        if record is not None:
            record.looks = record.before

    def forget(self, track_ids: Iterable[int]) -> None:
        """Drop what is kept on tracks that have ended."""
        for track_id in track_ids:
            self._records.pop(track_id, None)

    def _reason(
        self, track: Track, media_s: float, doubt: float, sharpness: Callable[[Face], float]
    ) -> PickReason | None:
        record, settings = self._records.get(track.track_id), self._settings
        if track.missed_frames or track.face.box.size_px < settings.min_face_px:
            return None
        if record is None:
            return PickReason.NEW_TRACK
        now_s, looks = media_s + TIME_TOLERANCE_S, record.looks
        if now_s - record.picked_s < settings.min_interval_s:
            return None
        if looks.count < settings.min_votes:
            return PickReason.NEW_TRACK
        waited_s = now_s - looks.last_s
        if self._is_in_doubt(record, doubt) and waited_s >= settings.doubt_interval_s:
            return PickReason.DOUBT
        if self._is_better(looks, track.face, sharpness):
            return PickReason.BETTER_VIEW
        return PickReason.AGE if waited_s >= settings.recheck_s else None

    def _is_in_doubt(self, record: _Record, doubt: float) -> bool:
        if doubt <= self._settings.doubt_threshold:
            record.looks = replace(record.looks, doubtful=0)
            return False
        return record.looks.doubtful < self._settings.max_doubt_looks

    def _is_better(self, looks: _Looks, face: Face, sharpness: Callable[[Face], float]) -> bool:
        enough_px, most_px = self._settings.better_view_ratio * looks.best_view_px, view_px(face)
        return most_px >= enough_px and most_px * sharpness(face) >= enough_px

    def _rank(self, pick: Pick) -> tuple[int, int, float, int]:
        """Order by reason, then fewest looks, then who has waited longest, then id."""
        track, reason = pick.track, pick.reason
        record = self._records.get(track.track_id)
        looks = record.looks if record is not None else _Looks(inf)
        return reason, looks.count if reason is PickReason.NEW_TRACK else 0, looks.last_s, track.track_id

    def _urgency(self, track: Track, reason: PickReason, media_s: float, doubt: float) -> float:
        """Return the reason's rank, plus the doubt, plus the wait beyond `recheck_s` in units of it.

        So whoever has waited for five of them goes before any other reason: nobody is left out for ever.
        """
        record = self._records.get(track.track_id)
        if record is None:
            return PickReason.AGE - reason + 1.0
        recheck_s = max(self._settings.recheck_s, TIME_TOLERANCE_S)
        return PickReason.AGE - reason + doubt + max(0.0, (media_s - record.looks.last_s) / recheck_s - 1)

    def _note(self, pick: Pick, media_s: float, sharpness: Callable[[Face], float]) -> None:
        face, unseen = pick.track.face, _Looks(media_s)
        record = self._records.setdefault(pick.track.track_id, _Record(unseen, unseen))
        record.picked_s, record.before, looks = media_s, record.looks, record.looks
        doubtful = looks.doubtful + (pick.reason is PickReason.DOUBT)
        best_view_px = max(looks.best_view_px, view_px(face) * sharpness(face))
        record.looks = _Looks(media_s, looks.count + 1, doubtful, best_view_px)
