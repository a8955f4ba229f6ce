"""Follow faces from frame to frame: who is the same person, who is new, who has left."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.types import Face, Track
from pipeline.vision.associate import GateSettings, associate, overlap
from pipeline.vision.motion import Motion, MotionSettings, correct_motion, predict_motion, scale_motion, start_motion


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """When a face becomes a person, and how long a person stays one unseen.

    Evidence is a sum of log odds (Wald 1945; Sittler 1964): a detection adds those of its score, at most
    `max_hit_evidence`, so that no single picture makes a person, and a miss takes `miss_evidence`. At
    `confirm_evidence` the face is a person; below 0 it was none. Two detections at 0.85 are enough, three at
    0.75, six at 0.65, and a flicker around 0.5 never is.

    A person is kept while unseen for `max_missed_s`, and through `min_missed_detections` - 1 looks even where looks are
    rarer than that; a predicted box is shown for `shown_missed_s`. An unmatched face that shares `duplicate_overlap` of
    the smaller box with a matched one is a second box on the same head.
    """

    confirm_evidence: float = 3.3
    max_hit_evidence: float = 2.2
    miss_evidence: float = 1.0
    max_missed_s: float = 1.5
    min_missed_detections: int = 2
    shown_missed_s: float = 0.5
    duplicate_overlap: float = 0.5
    motion: MotionSettings = field(default_factory=MotionSettings)
    gate: GateSettings = field(default_factory=GateSettings)


@dataclass(frozen=True, slots=True)
class TrackUpdate:
    """The persons visible in a frame, in id order, and the ids of those who were given up with it."""

    tracks: tuple[Track, ...]
    closed_ids: tuple[int, ...] = ()


@dataclass(slots=True)
class _Candidate:
    """A face being followed; a person once it has an id."""

    motion: Motion
    face: Face
    seen_s: float
    evidence: float
    track_id: int | None = None
    age_frames: int = 0
    missed_frames: int = 0
    missed_detections: int = 0

    def as_track(self) -> Track:
        assert self.track_id is not None
        face = self.face if self.missed_frames == 0 else Face(self.motion.box, self.face.score)
        return Track(self.track_id, face, self.age_frames, self.missed_frames)


class Tracker:
    """Follows the faces of one stream. Ids count from 1 in order of confirmation and are never reused.

    All times are media times, so any frame rate, a varying one, and gaps are alike to it.
    """

    def __init__(self, settings: TrackSettings | None = None) -> None:
        self._settings = settings or TrackSettings()
        self._candidates: list[_Candidate] = []
        self._last_id = 0
        self._now_s: float | None = None

    def update(self, faces: Sequence[Face], media_s: float) -> TrackUpdate:
        """Take the faces that a detector found in the frame at `media_s`; return its persons."""
        self._advance(media_s)
        pairs = self._match(faces)
        for candidate, face in pairs:
            self._see(candidate, face, media_s)
        matched = {id(candidate) for candidate, _ in pairs}
        for candidate in self._candidates:
            if id(candidate) not in matched:
                self._miss(candidate)
        closed_ids = self._close(media_s)
        self._begin([face for face in faces if all(face is not taken for _, taken in pairs)], media_s)
        self._confirm()
        return TrackUpdate(self._visible(media_s), closed_ids)

    def coast(self, media_s: float) -> TrackUpdate:
        """Predict the persons of the frame at `media_s`, in which no detector looked; nobody counts as missed."""
        self._advance(media_s)
        return TrackUpdate(self._visible(media_s))

    def rescale(self, sx: float, sy: float) -> None:
        """Go on in frames that are `sx` times as wide and `sy` times as high as before."""
        if min(sx, sy) <= 0:
            raise ValueError(f"a frame's scale is above 0, got {sx} x {sy}")
        for candidate in self._candidates:
            candidate.motion = scale_motion(candidate.motion, sx, sy)

    def flush(self) -> tuple[int, ...]:
        """End the stream: forget every face and return the ids of the persons that were still followed."""
        ended = _ids(self._candidates)
        self._candidates = []
        return ended

    def _advance(self, media_s: float) -> None:
        elapsed_s = 0.0 if self._now_s is None else max(0.0, media_s - self._now_s)
        self._now_s = media_s
        for candidate in self._candidates:
            candidate.motion = predict_motion(candidate.motion, elapsed_s, self._settings.motion)
            candidate.age_frames += 1
            candidate.missed_frames += 1

    def _match(self, faces: Sequence[Face]) -> list[tuple[_Candidate, Face]]:
        """Pair persons with faces first, candidates with what is left: no flicker takes a person's face."""
        persons = [candidate for candidate in self._candidates if candidate.track_id is not None]
        others = [candidate for candidate in self._candidates if candidate.track_id is None]
        pairs = self._pair(persons, faces)
        left = [face for face in faces if all(face is not taken for _, taken in pairs)]
        return pairs + self._pair(others, left)

    def _pair(self, candidates: Sequence[_Candidate], faces: Sequence[Face]) -> list[tuple[_Candidate, Face]]:
        motions, boxes = [candidate.motion for candidate in candidates], [face.box for face in faces]
        found = associate(motions, boxes, self._settings.motion, self._settings.gate)
        return [(candidates[row], faces[column]) for row, column in found]

    def _see(self, candidate: _Candidate, face: Face, media_s: float) -> None:
        candidate.motion = correct_motion(candidate.motion, face.box, self._settings.motion)
        candidate.face = face
        candidate.seen_s = media_s
        candidate.evidence += self._evidence(face)
        candidate.missed_frames = candidate.missed_detections = 0

    def _miss(self, candidate: _Candidate) -> None:
        candidate.missed_detections += 1
        candidate.evidence -= self._settings.miss_evidence

    def _evidence(self, face: Face) -> float:
        limit = self._settings.max_hit_evidence
        if not 0 < face.score < 1:
            return math.copysign(limit, face.score - 0.5)
        return max(-limit, min(limit, math.log(face.score / (1 - face.score))))

    def _close(self, media_s: float) -> tuple[int, ...]:
        gone = [candidate for candidate in self._candidates if self._is_gone(candidate, media_s)]
        self._candidates = [candidate for candidate in self._candidates if not self._is_gone(candidate, media_s)]
        return _ids(gone)

    def _is_gone(self, candidate: _Candidate, media_s: float) -> bool:
        if candidate.track_id is None and candidate.evidence < 0:
            return True
        unseen_s = media_s - candidate.seen_s
        patience = candidate.missed_detections >= self._settings.min_missed_detections
        return patience and unseen_s > self._settings.max_missed_s

    def _begin(self, faces: Sequence[Face], media_s: float) -> None:
        for face in faces:
            taken = [candidate.face.box for candidate in self._candidates if candidate.missed_frames == 0]
            evidence = self._evidence(face)
            if evidence >= 0 and all(overlap(face.box, box) < self._settings.duplicate_overlap for box in taken):
                motion = start_motion(face.box, self._settings.motion)
                self._candidates.append(_Candidate(motion, face, media_s, evidence))

    def _confirm(self) -> None:
        for candidate in self._candidates:
            if candidate.track_id is None and candidate.evidence >= self._settings.confirm_evidence:
                self._last_id += 1
                candidate.track_id = self._last_id

    def _visible(self, media_s: float) -> tuple[Track, ...]:
        persons = [candidate for candidate in self._candidates if candidate.track_id is not None]
        shown = [candidate.as_track() for candidate in persons if self._is_shown(candidate, media_s)]
        return tuple(sorted(shown, key=lambda track: track.track_id))

    def _is_shown(self, candidate: _Candidate, media_s: float) -> bool:
        return candidate.missed_detections == 0 or media_s - candidate.seen_s <= self._settings.shown_missed_s


def _ids(candidates: Sequence[_Candidate]) -> tuple[int, ...]:
    return tuple(sorted(candidate.track_id for candidate in candidates if candidate.track_id is not None))
