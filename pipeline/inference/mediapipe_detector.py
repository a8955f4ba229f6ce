"""MediaPipe's BlazeFace detectors, short and full range, run by MediaPipe Tasks.

Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", arXiv:1907.05047.
"""

import sys
import threading
import types
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pipeline.errors import ModelError
from pipeline.inference.box_convention import BoxConvention
from pipeline.inference.quiet import quiet_native_logs
from pipeline.types import Box, Face, UInt8Array

ASSETS = Path(__file__).parent.parent / "assets"
CPU_LIST = Path("/sys/devices/system/cpu/possible")
"""MediaPipe's allocator reads it, and aborts the process where it can't: the empty /sys of a bare chroot."""

ONCE_WARNED = b"Input tensor memory is not aligned"
"""A process logs this once, at the first inference whose buffer malloc puts so: the very first, most of the time."""

_has_warned = threading.Event()


@dataclass(frozen=True, slots=True)
class BlazeFaceModel:
    """One shipped model: its file, the side of the square it looks at in pixels, and how it draws boxes."""

    file_name: str
    side_px: int
    convention: BoxConvention


# Both models box the face from the brows to the chin. The numbers: `python -m benchmarks boxes`.
SHORT_RANGE = BlazeFaceModel("face_detection_short_range.tflite", 128, BoxConvention(0.0, -0.10, 0.92, 1.23))
FULL_RANGE = BlazeFaceModel("face_detection_full_range_sparse.tflite", 192, BoxConvention(0.01, -0.04, 0.90, 1.19))


class MediaPipeDetector:
    """A BlazeFace model as a `FaceDetector`.

    MediaPipe fits the picture into the model's square with black borders, keeping its aspect, and gives boxes in
    whole pixels: `input_size_px` is twice the model's side, so that rounding costs half a model pixel at most.
    """

    def __init__(self, model: BlazeFaceModel, min_score: float, convention: BoxConvention | None = None) -> None:
        """Load `model`; `convention` replaces its measured box convention. Raises ModelError where it can't be run."""
        self._convention = convention or model.convention
        self._side_px = model.side_px
        self._task = _open_task(ASSETS / model.file_name, min_score)
        # MediaPipe's own __del__ prints a traceback when it first runs as the interpreter ends.
        self._finalizer = weakref.finalize(self, _close_task, self._task)

    @property
    def input_size_px(self) -> int:
        return 2 * self._side_px

    @property
    def model_size_px(self) -> int:
        return self._side_px

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
        """Return the faces in an (H, W, 3) uint8 RGB picture, boxes in its pixels, best score first."""
        small = _shrunk(picture, self.input_size_px)
        scale = picture.shape[1] / small.shape[1], picture.shape[0] / small.shape[0]
        found = _run(self._task, small).detections
        faces = [self._face(detection, small.shape, scale) for detection in found if _has_area(detection)]
        return tuple(sorted(faces, key=lambda face: -face.score))

    def close(self) -> None:
        self._finalizer()

    def _face(self, detection: Any, shape: tuple[int, ...], scale: tuple[float, float]) -> Face:
        raw, (scale_x, scale_y) = detection.bounding_box, scale
        box = Box(
            raw.origin_x * scale_x,
            raw.origin_y * scale_y,
            (raw.origin_x + raw.width) * scale_x,
            (raw.origin_y + raw.height) * scale_y,
        )
        points = tuple((p.x * shape[1] * scale_x, p.y * shape[0] * scale_y) for p in detection.keypoints or ())
        return Face(self._convention.face_box(box), min(1.0, float(detection.categories[0].score)), points)


def _has_area(detection: Any) -> bool:
    return bool(detection.bounding_box.width > 0 and detection.bounding_box.height > 0)


def _shrunk(picture: UInt8Array, longest_px: int) -> UInt8Array:
    """Return `picture` with its longer side at most `longest_px`, averaged over areas: MediaPipe would alias."""
    height, width = picture.shape[:2]
    if max(height, width) <= longest_px:
        return np.ascontiguousarray(picture)
    factor = longest_px / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _run(task: Any, picture: UInt8Array) -> Any:
    """Return MediaPipe's result; its descriptor 2 is held back until it has said the one thing that it says once."""
    import mediapipe  # type: ignore[import-untyped]  # ships no types

    image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=picture)
    if _has_warned.is_set():
        return task.detect(image)
    with quiet_native_logs() as dropped:
        result = task.detect(image)
    if any(ONCE_WARNED in line for line in dropped):
        _has_warned.set()
    return result


def _open_task(path: Path, min_score: float) -> Any:
    """Return a MediaPipe Tasks face detector that has run once, so that the next runs cost what they do."""
    if not CPU_LIST.exists():
        raise ModelError(f"MediaPipe can't run without {CPU_LIST}: run `sudo mount -t sysfs sysfs /sys` first")
    _keep_tensorflow_out()
    from mediapipe.tasks.python import BaseOptions, vision  # type: ignore[import-untyped]  # ships no types

    try:
        options = vision.FaceDetectorOptions(
            base_options=BaseOptions(model_asset_buffer=path.read_bytes()), min_detection_confidence=min_score
        )
        with quiet_native_logs():
            task = vision.FaceDetector.create_from_options(options)
        _run(task, np.zeros((8, 8, 3), np.uint8))
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(f"MediaPipe can't run {path.name}: {error}; reinstall the package") from error
    return task


def _keep_tensorflow_out() -> None:
    """Stand in for the one module by which MediaPipe imports TensorFlow, where that is installed, for its own manual.

    Measured: 4 to 7 s and 600 MB at start-up, and log lines.
    """
    name = "mediapipe.tasks.python.core.optional_dependencies"
    if name not in sys.modules:
        stand_in = types.ModuleType(name)
        stand_in.__dict__["doc_controls"] = types.SimpleNamespace(do_not_generate_docs=lambda function: function)
        sys.modules[name] = stand_in


def _close_task(task: Any) -> None:
    with quiet_native_logs():
        try:
            task.close()
        except RuntimeError:  # the interpreter is ending: MediaPipe's thread takes no calls any more
            task._handle = None
