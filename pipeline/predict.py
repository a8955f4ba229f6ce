"""Still pictures, each judged by itself: `maskstream predict`, and folders of pictures in `process`."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.app import DetectionOptions, vote_settings
from pipeline.errors import SourceError
from pipeline.inference.onnx_classifier import OnnxClassifier
from pipeline.model_card import ModelCard
from pipeline.ports import FrameDetector
from pipeline.sinks.pictures_table import JudgedFace, PicturesTable
from pipeline.sinks.summary import ModelFacts
from pipeline.sources.pictures import load_picture
from pipeline.types import SCORED_STATES, Box, ColorMatrix, ColorRange, Face, Frame, MaskState, Scores, UInt8Array
from pipeline.vision.crop import crop_face, crop_frame_face
from pipeline.vision.i420 import i420_from_rgb
from pipeline.vision.quality import view_quality
from pipeline.vision.vote import Ballot


class PictureJudge:
    """Finds and judges the faces of pictures that have nothing to do with each other. Used by one thread."""

    def __init__(self, classifier: OnnxClassifier, detection: DetectionOptions, whole_picture: bool = False) -> None:
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
        return JudgedFace(face.box, ballot.verdict(), scores)


def picture_frame(picture: UInt8Array) -> Frame:
    """Return an (H, W, 3) uint8 RGB picture as a frame."""
    planes = i420_from_rgb(picture, ColorMatrix.BT709, ColorRange.FULL)
    return Frame("picture", 0, 0.0, planes.y, planes.u, planes.v, planes.matrix, planes.color_range)


def prediction(name: str, faces: Sequence[JudgedFace], card: ModelCard) -> dict[str, Any]:
    """Return the JSON object of one picture; classes that the model does not know are left out."""
    return {"input": name, "faces": [_face_object(face, card) for face in faces]}


def _face_object(face: JudgedFace, card: ModelCard) -> dict[str, Any]:
    box, scores = face.box, face.scores
    named = zip(SCORED_STATES, scores.as_tuple() if scores else (), strict=False)
    return {
        "box": [round(value, 1) + 0.0 for value in (box.x1, box.y1, box.x2, box.y2)],
        "verdict": face.verdict.state.value,
        "confidence": round(face.verdict.confidence, 4),
        "probabilities": {state.value: round(score, 4) for state, score in named if state.value in card.classes},
    }


class JudgedFolder:
    """The figures of a folder of pictures, as they are judged one by one."""

    def __init__(self) -> None:
        self.pictures = 0
        self.errors: list[SourceError] = []
        self._states: Counter[str] = Counter()

    @property
    def faces(self) -> int:
        return self._states.total()

    def add(self, judge: PictureJudge, path: Path, table: PicturesTable) -> None:
        """Judge one picture into `table`; one that can't be read is kept in `errors`."""
        try:
            faces = judge.judge(load_picture(path))
        except SourceError as error:
            self.errors.append(error)
            return
        table.write(path.name, faces)
        self.pictures += 1
        self._states.update(face.verdict.state.value for face in faces)

    def summary(self, name: str, model: ModelFacts) -> dict[str, Any]:
        """Return the JSON object of the folder; states that the model does not know are left out."""
        return {
            "input": name,
            "pictures": self.pictures,
            "faces": model.known_states({state.value: self._states[state.value] for state in MaskState}),
            "model": model.as_json(),
        }
