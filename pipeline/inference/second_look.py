"""Confirms what a detector found from afar by looking at each place again, close up, with another detector."""

from pipeline.inference.frame_detector import look
from pipeline.ports import FaceDetector, FrameDetector
from pipeline.types import Box, Face, Frame
from pipeline.vision.tiles import Sighting, merge, shows_same_face, square_region

SQUARE_PER_FACE = 2.5
"""Side of the square that is looked at, in sizes of the face. On scenes.zip 2, 2.5 and 3 do equally well."""


class SecondLook:
    """A `FrameDetector` that keeps what two detectors agree on, each at a scale of its own.

    Score and box are the mean of both; a face that the second does not see keeps half its score. Faces are seen at
    both scales and things that look like faces mostly at one: on scenes.zip, at one false face in nine pictures, this
    finds 72 % of the faces where the first detector alone finds 50 %.
    """

    def __init__(self, first: FrameDetector, second: FaceDetector, min_score: float) -> None:
        """Own `first`, which should let doubtful faces through, and `second`; `min_score` is asked of the mean."""
        self._first = first
        self._second = second
        self._min_score = min_score

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        """Return the faces, boxes in pixels of the frame, best score first, each face once."""
        judged = [self._judged(frame, face) for face in self._first.detect(frame)]
        return merge([Sighting(face) for face in judged if face.score >= self._min_score])

    def close(self) -> None:
        self._first.close()
        self._second.close()

    def _judged(self, frame: Frame, face: Face) -> Face:
        x, y = face.box.center
        center = min(max(x, 0), frame.width), min(max(y, 0), frame.height)
        region = square_region(center, SQUARE_PER_FACE * face.box.size_px, frame.width, frame.height)
        seen = [other for other in look(self._second, frame, region) if shows_same_face(other.box, face.box)]
        if not seen:
            return Face(face.box, face.score / 2, face.key_points)
        return Face(mean_box(face.box, seen[0].box), (face.score + seen[0].score) / 2, seen[0].key_points)


def mean_box(one: Box, other: Box) -> Box:
    """Return the box half-way between two boxes."""
    return Box((one.x1 + other.x1) / 2, (one.y1 + other.y1) / 2, (one.x2 + other.x2) / 2, (one.y2 + other.y2) / 2)
