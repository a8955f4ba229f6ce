"""What is known of where faces are, for those who hide them: more than persons, since a doubtful face is one, too."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pipeline.stages.cadence import Cadence, Scene
from pipeline.stages.look import Extent, Look
from pipeline.types import Box, Face, Frame, Glimpse, Sight
from pipeline.vision.overlap import overlap

logger = logging.getLogger(__name__)

KNOWN_OVERLAP = 0.3
"""From this share of the smaller box on a face is one that was there before: between two looks it moves less."""

HELD_S = 0.5
"""Faces are lost now and then, and found again within this time; the distant ones wait for their turn."""

FAULT_S = 2.0
"""A detector of a live lane that fails for longer needs a new lane; a person that nobody sees is given up by then."""


class PartDetector(Protocol):
    """Finds faces in one part of a frame at a time. Used by one thread."""

    def detect_part(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces in the next part of `frame`, boxes in its pixels."""
        ...

    def close(self) -> None: ...


class WholeLooks:
    """A `Cadence` that looks as often as another one, and everywhere each time."""

    def __init__(self, cadence: Cadence) -> None:
        self._cadence = cadence

    def look_due(self, scene: Scene) -> Look | None:
        look = self._cadence.look_due(scene)
        return None if look is None else replace(look, extent=Extent.ALL, around=())

    def looked(self, took_s: float) -> None:
        self._cadence.looked(took_s)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A face as it was last found; one that is `sure` is believed to move on."""

    box: Box
    then_s: float
    sure: bool

    def at(self, now_s: float) -> Glimpse:
        return Glimpse(self.box, now_s - self.then_s if self.sure else 0.0)


class Lookout:
    """Keeps what the looks of one lane have shown. Used by its `faces` thread alone.

    Faces of a score below `min_score` are hidden where they are found, but nobody is to follow them. Those that
    `distant`, which it owns, finds besides are hidden wherever they may be until its next turn. Looks that fail are
    borne for `fault_s`: nobody knows of any face meanwhile.
    """

    def __init__(self, min_score: float, distant: PartDetector | None = None, fault_s: float = 0.0) -> None:
        self._min_score = min_score
        self._distant = distant
        self._fault_s = fault_s
        self._failing_since_s: float | None = None
        self._searched_s: float | None = None
        self._looked_index = -1
        self._seen: tuple[_Seen, ...] = ()
        self._new: tuple[Box, ...] = ()

    def looked(self, look: Look, scene: Scene, faces: Sequence[Face]) -> tuple[Face, ...]:
        """Take the faces that a look at `scene` found; return those that are sure enough to be followed."""
        now_s = scene.frame.media_s
        distant = self._distant.detect_part(scene.frame) if self._distant else ()
        sure = tuple(face for face in faces if face.score >= self._min_score)
        doubtful = tuple(face for face in faces if face.score < self._min_score)
        known = [face.box for face in scene.faces] + [one.box for one in self._seen if one.sure]
        self._new = tuple(face.box for face in (*sure, *distant) if _is_unlike(face.box, known))
        seen_now = [_Seen(face.box, now_s, sure=True) for face in (*sure, *distant)]
        self._remember([*seen_now, *(_Seen(face.box, now_s, sure=False) for face in doubtful)], now_s)
        self._failing_since_s, self._looked_index = None, scene.frame.index
        if look.extent is Extent.ALL:
            self._searched_s = now_s
        return sure

    def _remember(self, found: list[_Seen], now_s: float) -> None:
        """Take faces found now in place of the same ones as they were before."""
        boxes = [one.box for one in found]
        kept = (one for one in self._seen if now_s - one.then_s <= HELD_S and _is_unlike(one.box, boxes))
        self._seen = (*kept, *found)

    def close(self) -> None:
        if self._distant is not None:
            self._distant.close()

    def bears(self, frame: Frame) -> bool:
        """Take, in the handler of its error, that a look at `frame` failed; return whether the lane is to go on."""
        if not self._fault_s:
            return False
        if self._failing_since_s is None:
            self._failing_since_s = frame.media_s
            logger.warning("%s: the face detector failed; whole pictures are blurred", frame.stream, exc_info=True)
        self._searched_s = None
        return 0 <= frame.media_s - self._failing_since_s < self._fault_s

    def sight(self, frame: Frame, followed: Sequence[Face]) -> Sight | None:
        """Return where faces are on `frame`, on which those are `followed`; None where nobody has looked."""
        if self._searched_s is None or frame.media_s < self._searched_s:
            return None
        now_s, age_s = frame.media_s, frame.media_s - self._searched_s
        seen = (one.at(now_s) for one in self._seen if now_s - one.then_s <= HELD_S)
        new_boxes = self._new if frame.index == self._looked_index else ()
        return Sight((*seen, *(Glimpse(face.box, age_s) for face in followed)), age_s, new_boxes)


def _is_unlike(box: Box, others: Iterable[Box]) -> bool:
    return all(overlap(box, other) < KNOWN_OVERLAP for other in others)
