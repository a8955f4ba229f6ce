"""OpenCV's Haar cascade for frontal faces.

Viola and Jones, "Rapid Object Detection using a Boosted Cascade of Simple Features", CVPR 2001.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import ModelError
from pipeline.inference.box_convention import BoxConvention
from pipeline.types import Box, Face, UInt8Array

CASCADE_FILE = "haarcascade_frontalface_default.xml"

INPUT_SIZE_PX = 480
"""On scenes.zip 640 px find 42 % of the faces instead of 38 %, for 160 ms a picture instead of 90."""

SCALE_FACTOR = 1.1
MIN_NEIGHBORS = 3
MIN_FACE_PX = 20

CONVENTION = BoxConvention(scale_width=0.78, scale_height=1.04)
"""`python -m benchmarks boxes`, which says how it is measured."""

EVEN_ODDS_WEIGHT = 1.4
WEIGHT_SCALE = 1.8
"""Logistic fit of "is a face" on the level weight of 113 detections on scenes.zip, picture and settings as above."""


class HaarDetector:
    """A Haar cascade as a `FaceDetector`. It gives no key points and finds upright frontal faces alone."""

    def __init__(self, min_score: float, convention: BoxConvention = CONVENTION) -> None:
        """Load the cascade that OpenCV carries. Raises ModelError where this OpenCV carries none."""
        self._cascade = cv2.CascadeClassifier(str(_cascade_path()))
        self._min_score = min_score
        self._convention = convention

    @property
    def input_size_px(self) -> int:
        return INPUT_SIZE_PX

    @property
    def model_size_px(self) -> int:
        return INPUT_SIZE_PX

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
        """Return the faces in an (H, W, 3) uint8 RGB picture, boxes in its pixels, best score first."""
        boxes, _, weights = self._cascade.detectMultiScale3(
            cv2.equalizeHist(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)),
            scaleFactor=SCALE_FACTOR,
            minNeighbors=MIN_NEIGHBORS,
            minSize=(MIN_FACE_PX, MIN_FACE_PX),
            outputRejectLevels=True,
        )
        faces = [self._face(box, float(weight)) for box, weight in zip(boxes, np.ravel(weights), strict=True)]
        return tuple(sorted((face for face in faces if face.score >= self._min_score), key=lambda face: -face.score))

    def close(self) -> None:
        """Nothing is held that the garbage collector does not free."""

    def _face(self, corner_and_size: Sequence[int], weight: float) -> Face:
        left, top, width, height = (float(value) for value in corner_and_size)
        return Face(self._convention.face_box(Box(left, top, left + width, top + height)), score_of_weight(weight))


def score_of_weight(weight: float) -> float:
    """Return the share of right detections in [0, 1] among those with the last stage's `weight`."""
    return (1 + math.tanh((weight - EVEN_ODDS_WEIGHT) / (2 * WEIGHT_SCALE))) / 2


def _cascade_path() -> Path:
    folder = getattr(getattr(cv2, "data", None), "haarcascades", "")
    path = Path(folder) / CASCADE_FILE
    if not path.is_file():
        raise ModelError(f"this OpenCV carries no {CASCADE_FILE}; choose another detector")
    return path
