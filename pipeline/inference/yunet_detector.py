"""YuNet, run by OpenCV on a model file that the user gives.

Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 20, 2023.
"""

from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import ModelError
from pipeline.inference.box_convention import IDENTITY, BoxConvention
from pipeline.inference.quiet import quiet_native_logs
from pipeline.types import Box, Face, Float32Array, UInt8Array

INPUT_SIZE_PX = 640
NMS_IOU = 0.3
MAX_FACES = 5000


class YuNetDetector:
    """A YuNet model as a `FaceDetector`; key points stop at the mouth, since it marks no ears.

    Its boxes are learnt from WIDER FACE, whose annotators box forehead to chin as ours do, and stay as they are.
    """

    def __init__(self, model_path: Path, min_score: float, convention: BoxConvention = IDENTITY) -> None:
        """Load the ONNX file at `model_path`. Raises ModelError where it is missing or is no YuNet model."""
        self._network = _open_network(model_path, min_score)
        self._convention = convention

    @property
    def input_size_px(self) -> int:
        return INPUT_SIZE_PX

    @property
    def model_size_px(self) -> int:
        return INPUT_SIZE_PX

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
        """Return the faces in an (H, W, 3) uint8 RGB picture, boxes in its pixels, best score first."""
        rows = _rows(self._network, picture)
        return tuple(sorted(map(self._face, rows), key=lambda face: -face.score))

    def close(self) -> None:
        """Nothing is held that the garbage collector does not free."""

    def _face(self, row: Float32Array) -> Face:
        left, top, width, height, *points, score = (float(value) for value in row)
        right_eye, left_eye, nose, *mouth = zip(points[::2], points[1::2], strict=True)
        (x1, y1), (x2, y2) = mouth
        box = self._convention.face_box(Box(left, top, left + width, top + height))
        return Face(box, min(max(score, 0.0), 1.0), (right_eye, left_eye, nose, ((x1 + x2) / 2, (y1 + y2) / 2)))


def _open_network(path: Path, min_score: float) -> cv2.FaceDetectorYN:
    if not path.is_file():
        raise ModelError(f"there is no YuNet model at {path}; give the path of a face_detection_yunet_*.onnx file")
    try:
        with quiet_native_logs():
            network = cv2.FaceDetectorYN.create(str(path), "", (64, 64), min_score, NMS_IOU, MAX_FACES)
            _rows(network, np.zeros((64, 64, 3), np.uint8))
    except (cv2.error, SystemError) as error:
        reason = str(getattr(error, "err", error)).strip()
        raise ModelError(f"{path} is no YuNet model that OpenCV {cv2.__version__} can run: {reason}") from error
    return network


def _rows(network: cv2.FaceDetectorYN, picture: UInt8Array) -> Float32Array:
    """Return (N, 15): left, top, width, height, five key points and a score; boxes without area are left out."""
    height, width = picture.shape[:2]
    network.setInputSize((width, height))
    _, rows = network.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    table = np.zeros((0, 15), np.float32) if rows is None else np.asarray(rows, np.float32)
    return table[(table[:, 2] > 0) & (table[:, 3] > 0)]
