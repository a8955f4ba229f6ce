"""What is known of where faces are, for those who hide them: more than persons, since a doubtful face is one, too."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from pipeline.stages.cadence import Cadence, Scene
from pipeline.stages.look import Extent, Look
from pipeline.types import Box, Face, Frame, Sight
from pipeline.vision.overlap import overlap

logger = logging.getLogger(__name__)

KNOWN_OVERLAP = 0.3
"""From this share of the smaller box on a face is one that was there before: between two looks it moves less."""

HELD_S = 0.4
"""Detectors lose a face now and then, and find it again within this time: it is hidden meanwhile."""

FAULT_S = 2.0
"""A detector of a live lane that fails for longer needs a new lane; a person that nobody sees is given up by then."""


class WholeLooks:
    """A `Cadence` that looks as often as another one, and everywhere each time."""

    def __init__(self, cadence: Cadence) -> None:
        self._cadence = cadence

    def look_due(self, scene: Scene) -> Look | None:
        look = self._cadence.look_due(scene)
        return None if look is None else replace(look, extent=Extent.ALL, around=None)

    def looked(self, took_s: float) -> None:
        self._cadence.looked(took_s)


class Lookout:
    """Keeps what the looks of one lane have shown. Used by its `faces` thread alone.

    Faces of a score below `min_score` are hidden, but nobody is to follow them. Looks that fail are borne for
    `fault_s`: nobody knows of any face meanwhile.
    """

    def __init__(self, min_score: float, fault_s: float = 0.0) -> None:
        self._min_score = min_score
        self._fault_s = fault_s
        self._failing_since_s: float | None = None
        self._searched_s: float | None = None
        self._looked_index = -1
        self._recent: tuple[tuple[float, Box], ...] = ()
        self._new: tuple[Box, ...] = ()

    def looked(self, look: Look, scene: Scene, faces: Sequence[Face]) -> tuple[Face, ...]:
        """Take the faces that a look at `scene` found; return those that are sure enough to be followed."""
        self._failing_since_s, self._looked_index = None, scene.frame.index
        if look.extent is Extent.ALL:
            self._searched_s = scene.frame.media_s
        found = tuple(face.box for face in faces)
        followed = tuple(face.box for face in scene.faces)
        self._new = _unlike(found, (*followed, *(box for _, box in self._recent)))
        self._remember(found, scene.frame.media_s)
        return tuple(face for face in faces if face.score >= self._min_score)

    def _remember(self, found: tuple[Box, ...], now_s: float) -> None:
        kept = (one for one in self._recent if now_s - one[0] <= HELD_S and _unlike((one[1],), found))
        self._recent = (*kept, *((now_s, box) for box in found))

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
        if self._searched_s is None:
            return None
        boxes = (*(box for _, box in self._recent), *(face.box for face in followed))
        new_boxes = self._new if frame.index == self._looked_index else ()
        return Sight(boxes, frame.media_s - self._searched_s, new_boxes)


def _unlike(boxes: tuple[Box, ...], known: tuple[Box, ...]) -> tuple[Box, ...]:
    """Return those of `boxes` that are none of the `known` ones."""
    return tuple(box for box in boxes if all(overlap(box, one) < KNOWN_OVERLAP for one in known))
