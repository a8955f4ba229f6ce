"""Finds the faces of a picture and says of each how a mask is worn."""

from collections.abc import Sequence

import numpy as np

from pipeline.app import DetectionOptions, vote_settings
from pipeline.ports import FrameDetector
from pipeline.sinks.pictures_table import JudgedFace
from pipeline.stages.classify import CardedClassifier
from pipeline.types import SCORED_STATES, Box, ColorMatrix, ColorRange, Face, Frame, MaskState, Scores, UInt8Array
from pipeline.vision.crop import crop_face, crop_frame_face
from pipeline.vision.explain import why_unknown
from pipeline.vision.i420 import i420_from_rgb
from pipeline.vision.quality import view_quality
from pipeline.vision.vote import Ballot


class PictureJudge:
    """Finds and judges the faces of pictures that have nothing to do with each other. Used by one thread."""

    def __init__(self, classifier: CardedClassifier, detection: DetectionOptions, whole_picture: bool = False) -> None:
        """With `whole_picture` each picture is one face, and nothing is detected."""
        self._classifier = classifier
        self._vote_settings = vote_settings(classifier)
        self._detector: FrameDetector | None = None if whole_picture else detection.open()

    def __enter__(self) -> "PictureJudge":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._detector is not None:
            self._detector.close()

    def judge(self, picture: UInt8Array) -> tuple[JudgedFace, ...]:
        """Return the faces of an (H, W, 3) uint8 RGB picture with their verdicts, best detection first."""
        size_px = self._classifier.input_size_px
        if self._detector is None:
            height, width = picture.shape[:2]
            faces: Sequence[Face] = (Face(Box(0, 0, width, height), 1.0),)
            crops = [crop_face(picture, faces[0].box, size_px)]
        else:
            frame = picture_frame(picture)
            faces = self._detector.detect(frame)
            crops = [crop_frame_face(frame, face.box, size_px) for face in faces]
        rows = self._classifier.classify(np.stack(crops)) if crops else ()
        scores = [Scores.from_array(row) for row in rows]
        return tuple(self._judged(*each) for each in zip(faces, crops, scores, strict=True))

    def _judged(self, face: Face, crop: UInt8Array, scores: Scores) -> JudgedFace:
        ballot = Ballot(self._vote_settings)
        ballot.add(scores, view_quality(face, crop), face.box.size_px)
        verdict = ballot.verdict()
        why = why_unknown(face, crop, verdict, self._chances(scores), self._vote_settings)
        return JudgedFace(face.box, verdict, scores, why)

    def _chances(self, scores: Scores) -> dict[MaskState, float]:
        named = zip(SCORED_STATES, scores.as_tuple(), strict=True)
        return {state: score for state, score in named if state.value in self._classifier.card.classes}


def picture_frame(picture: UInt8Array) -> Frame:
    """Return an (H, W, 3) uint8 RGB picture as a frame."""
    planes = i420_from_rgb(picture, ColorMatrix.BT709, ColorRange.FULL)
    return Frame("picture", 0, 0.0, planes.y, planes.u, planes.v, planes.matrix, planes.color_range)
