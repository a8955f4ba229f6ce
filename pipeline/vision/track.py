"""Follow faces from frame to frame: who is the same person, who is new, who has left."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.types import Box, Face, Track
from pipeline.vision.associate import GateSettings, assign, match_gain
from pipeline.vision.followed import Followed
from pipeline.vision.motion import MotionSettings, correct_motion, predict_motion, scale_motion, start_motion
from pipeline.vision.overlap import intersection_area, iou, overlap


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """When a face becomes a person, and how long a person stays one unseen.

    Evidence is a sum of log odds (Wald 1945; Sittler 1964): a detection adds those of its score, at most
    `max_hit_evidence`, so that no single picture makes a person, and a miss takes `miss_evidence`. At
    `confirm_evidence` the face is a person; below 0 it was none. Two detections at 0.85 are enough, three at
    0.75, six at 0.65, and a flicker around 0.5 never is.

    A person unseen for longer than `lost_s` is lost. A face where a lost person must be, by an IoU of `return_iou`,
    brings them back at once; one that shows up nearby may be false, so it claims to be them and is believed at
    `revive_evidence`. Lost persons are given up after `max_missed_s`, or after `max_missed_looks` where looks are rarer
    than that; for `shown_missed_s` their predicted box is shown. Who is lost with `outside_share` of the predicted box
    outside the frame has left. A new face that shares `duplicate_overlap` of the smaller box with a face just seen is
    the same head. What is no person after `settling_s`, and not at `revive_evidence` either, may never be one. How a
    person moves is learnt by looks `learning_look_s` apart until `learning_s` after the first.
    """

    confirm_evidence: float = 3.3
    revive_evidence: float = 1.6
    max_hit_evidence: float = 2.2
    miss_evidence: float = 1.0
    lost_s: float = 0.25
    return_iou: float = 0.3
    max_missed_s: float = 2.0
    max_missed_looks: float = 2.5
    shown_missed_s: float = 0.5
    duplicate_overlap: float = 0.5
    outside_share: float = 0.4
    settling_s: float = 0.5
    learning_s: float = 0.3
    learning_look_s: float = 0.07
    motion: MotionSettings = field(default_factory=MotionSettings)
    gate: GateSettings = field(default_factory=GateSettings)


@dataclass(frozen=True, slots=True)
class TrackUpdate:
    """The persons visible in a frame, in id order, and the ids of those who were given up with it."""

    tracks: tuple[Track, ...]
    closed_ids: tuple[int, ...] = ()


class Tracker:
    """Follows the faces of one stream. Ids count from 1 in order of confirmation and are never reused.

    All times are media times, so any frame rate, a varying one, and gaps are alike to it.
    """

    def __init__(self, settings: TrackSettings | None = None) -> None:
        self._settings = settings or TrackSettings()
        self._persons: list[Followed] = []
        self._candidates: list[Followed] = []
        self._last_id = 0
        self._bounds: Box | None = None
        self._now_s = 0.0
        self._advanced_s: float | None = None
        self._last_look_s = 0.0
        self._look_interval_s = 0.0

    def update(self, faces: Sequence[Face], media_s: float, bounds: Box | None = None) -> TrackUpdate:
        """Take the faces that a detector found in the frame at `media_s`; return its persons.

        `bounds` is the frame's own box: who is lost on the way out of it has left, and whoever enters there is new.
        """
        self._look_interval_s, self._last_look_s = max(0.0, media_s - self._last_look_s), media_s
        return self._taken(faces, media_s, bounds, self._followed)

    def update_unsettled(self, faces: Sequence[Face], media_s: float, bounds: Box | None = None) -> TrackUpdate:
        """Take the faces found where those of `unsettled_faces` were looked for: nobody else counts as missed."""
        return self._taken(faces, media_s, bounds, [one for one in self._followed if self._is_unsettled(one)])

    def _taken(
        self, faces: Sequence[Face], media_s: float, bounds: Box | None, looked_for: Sequence[Followed]
    ) -> TrackUpdate:
        self.advance(media_s)
        self._bounds = bounds
        left = self._follow(faces, looked_for)
        self._candidates = [candidate for candidate in self._candidates if candidate.evidence >= 0]
        self._begin(left)
        self._revive()
        self._confirm()
        return TrackUpdate(self._visible(), self._close())

    @property
    def faces(self) -> tuple[Face, ...]:
        """The faces that are followed, where they are believed to be: those of persons and of who may be one."""
        return tuple(one.as_believed() for one in self._followed)

    @property
    def unsettled_faces(self) -> tuple[Face, ...]:
        """Those of which another look would soon tell: who just came, and how they move, and a person just missed."""
        return tuple(one.as_believed() for one in self._followed if self._is_unsettled(one))

    @property
    def _followed(self) -> list[Followed]:
        return self._persons + self._candidates

    def _is_unsettled(self, one: Followed) -> bool:
        age_s, settings = self._now_s - one.began_s, self._settings
        if not one.track_id:
            return age_s <= settings.settling_s or one.evidence >= settings.revive_evidence
        is_learnt = age_s > settings.learning_s or self._unseen_s(one) < settings.learning_look_s
        return one.missed_detections == 1 or not is_learnt

    def coast(self, media_s: float) -> TrackUpdate:
        """Predict the persons of the frame at `media_s`, in which no detector looked; nobody counts as missed."""
        self.advance(media_s)
        return TrackUpdate(self._visible())

    def rescale(self, sx: float, sy: float) -> None:
        """Go on in frames that are `sx` times as wide and `sy` times as high as before."""
        if min(sx, sy) <= 0:
            raise ValueError(f"a frame's scale is above 0, got {sx} x {sy}")
        for followed in self._followed:
            followed.motion = scale_motion(followed.motion, sx, sy)

    def flush(self) -> tuple[int, ...]:
        """End the stream: forget every face and return the ids of the persons that were still followed."""
        ended = _ids(self._persons)
        self._persons, self._candidates = [], []
        return ended

    def advance(self, media_s: float) -> None:
        """Believe everybody where they must be at `media_s`, the time of the next frame, before it is taken."""
        if media_s == self._advanced_s:
            return
        elapsed_s = max(0.0, media_s - self._now_s)
        self._now_s = self._advanced_s = media_s
        for followed in self._followed:
            followed.motion = predict_motion(followed.motion, elapsed_s, self._settings.motion)
            followed.age_frames += 1
            followed.missed_frames += 1

    def _follow(self, faces: Sequence[Face], looked_for: Sequence[Followed]) -> list[Face]:
        """Give each person and candidate the face that fits best overall, or a miss; return the faces that are left.

        Lost persons take part, lest a neighbour get their face. Only those of `looked_for` can be missed.
        """
        followed = self._followed
        pairs = assign([[self._gain(one, face) for face in faces] for one in followed])
        found = {row: faces[column] for row, column in pairs if self._may_take(followed[row], faces[column])}
        for row, one in enumerate(followed):
            if row in found:
                self._see(one, found[row])
            elif one in looked_for:
                self._miss(one)
        taken = {id(face) for face in found.values()}
        return [face for face in faces if id(face) not in taken]

    def _may_take(self, followed: Followed, face: Face) -> bool:
        return not self._is_lost(followed) or iou(followed.motion.box, face.box) >= self._settings.return_iou

    def _see(self, followed: Followed, face: Face) -> None:
        followed.motion = correct_motion(followed.motion, face.box, self._settings.motion)
        followed.face = face
        followed.seen_s = self._now_s
        followed.evidence += self._evidence(face)
        followed.missed_frames = followed.missed_detections = 0

    def _miss(self, followed: Followed) -> None:
        followed.missed_detections += 1
        followed.evidence -= self._settings.miss_evidence

    def _begin(self, faces: Sequence[Face]) -> None:
        """Make candidates of new faces, but not of a second box on a head that was just seen."""
        for face in faces:
            seen = [one.face.box for one in self._followed if one.missed_frames == 0]
            evidence = self._evidence(face)
            if evidence >= 0 and all(overlap(face.box, box) < self._settings.duplicate_overlap for box in seen):
                motion = start_motion(face.box, self._settings.motion)
                self._candidates.append(Followed(motion, face, self._now_s, self._now_s, evidence))
        self._claim([candidate for candidate in self._candidates if candidate.began_s == self._now_s])

    def _claim(self, new: Sequence[Followed]) -> None:
        lost = [one for one in self._persons if self._is_lost(one) and self._is_waited_for(one)]
        for row, column in assign([[self._gain(person, one.face) for one in new] for person in lost]):
            new[column].claim = lost[row]

    def _revive(self) -> None:
        """Let lost persons come back as the candidates that claim to be them and are believed."""
        for candidate in [one for one in self._candidates if one.evidence >= self._settings.revive_evidence]:
            person = candidate.claim
            if person in self._persons and person.seen_s < candidate.began_s:
                person.motion, person.face, person.seen_s = candidate.motion, candidate.face, candidate.seen_s
                person.missed_frames, person.missed_detections = candidate.missed_frames, candidate.missed_detections
                self._candidates.remove(candidate)

    def _confirm(self) -> None:
        for candidate in [one for one in self._candidates if one.evidence >= self._settings.confirm_evidence]:
            self._last_id += 1
            candidate.track_id = self._last_id
            self._candidates.remove(candidate)
            self._persons.append(candidate)

    def _close(self) -> tuple[int, ...]:
        gone = [person for person in self._persons if self._is_gone(person)]
        self._persons = [person for person in self._persons if person not in gone]
        return _ids(gone)

    def _visible(self) -> tuple[Track, ...]:
        shown = [person for person in self._persons if self._is_shown(person)]
        return tuple(sorted((person.as_track() for person in shown), key=lambda track: track.track_id))

    def _is_shown(self, person: Followed) -> bool:
        return person.missed_detections == 0 or self._unseen_s(person) <= self._settings.shown_missed_s

    def _is_lost(self, person: Followed) -> bool:
        return person.missed_detections > 0 and self._unseen_s(person) > self._settings.lost_s

    def _is_gone(self, person: Followed) -> bool:
        """Return whether to give the person up: not while a candidate may turn out to be them."""
        if not self._is_lost(person) or self._is_waited_for(person):
            return False
        return all(candidate.claim is not person for candidate in self._candidates)

    def _is_waited_for(self, person: Followed) -> bool:
        return self._unseen_s(person) <= self._patience_s and not self._has_left(person)

    def _has_left(self, person: Followed) -> bool:
        """Return whether most of the predicted box lies outside the frame."""
        if self._bounds is None:
            return False
        box = person.motion.box
        return intersection_area(box, self._bounds) < (1 - self._settings.outside_share) * box.area

    @property
    def _patience_s(self) -> float:
        return max(self._settings.max_missed_s, self._settings.max_missed_looks * self._look_interval_s)

    def _unseen_s(self, followed: Followed) -> float:
        return self._now_s - followed.seen_s

    def _gain(self, followed: Followed, face: Face) -> float:
        return match_gain(followed.motion, face.box, self._settings.motion, self._settings.gate)

    def _evidence(self, face: Face) -> float:
        limit = self._settings.max_hit_evidence
        if not 0 < face.score < 1:
            return math.copysign(limit, face.score - 0.5)
        return max(-limit, min(limit, math.log(face.score / (1 - face.score))))


def _ids(persons: Iterable[Followed]) -> tuple[int, ...]:
    return tuple(sorted(person.track_id for person in persons))
