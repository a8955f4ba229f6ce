"""One picture of a stranger: read, judged, and shown back where that is asked for."""

import cv2
import numpy as np

from pipeline.app import DetectionOptions
from pipeline.config.uploads import UploadConfig
from pipeline.examiner.messages import CheckPicture, PictureRead
from pipeline.picture_judge import PictureJudge
from pipeline.sinks.pictures_table import JudgedFace
from pipeline.sources.visitor_picture import visitor_picture
from pipeline.stages.classify import CardedClassifier
from pipeline.types import SCORED_STATES, MaskState, UInt8Array
from pipeline.upload import CheckedFace
from pipeline.vision.blur import Blur, blurred_picture

PREVIEW_PX = 1600
PREVIEW_QUALITY = 85


class PictureExaminer:
    """Judges pictures one after the other. Used by one thread."""

    def __init__(self, classifier: CardedClassifier, limits: UploadConfig) -> None:
        """Load the detector."""
        self._classes = classifier.card.classes
        self._limits = limits
        self._judge = PictureJudge(classifier, DetectionOptions())

    def examine(self, order: CheckPicture, data: bytes) -> PictureRead:
        """Return what is said of the file with that content; raise an UploadError."""
        picture = visitor_picture(data, order.name, self._limits.max_pixels)
        height, width = picture.shape[:2]
        faces = self._judge.judge(picture)
        preview = self._preview(picture, faces) if order.preview else b""
        return PictureRead(width, height, tuple(map(self._checked, faces)), preview)

    def _checked(self, face: JudgedFace) -> CheckedFace:
        return CheckedFace(
            face.box, face.verdict.state, face.verdict.confidence, self._chances(face), face.box.size_px, face.why
        )

    def _chances(self, face: JudgedFace) -> dict[MaskState, float]:
        named = zip(SCORED_STATES, face.scores.as_tuple() if face.scores else (), strict=False)
        return {state: score for state, score in named if state.value in self._classes}

    def _preview(self, picture: UInt8Array, faces: tuple[JudgedFace, ...]) -> bytes:
        shown = blurred_picture(picture, (face.box for face in faces), Blur(self._limits.blur))
        height, width = shown.shape[:2]
        scale = min(1.0, PREVIEW_PX / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        reduced = cv2.cvtColor(cv2.resize(shown, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2BGR)
        _, jpeg = cv2.imencode(".jpg", reduced, [cv2.IMWRITE_JPEG_QUALITY, PREVIEW_QUALITY])
        return np.asarray(jpeg, np.uint8).tobytes()
