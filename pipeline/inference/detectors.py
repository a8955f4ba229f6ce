"""The face detectors on offer, by name."""

from pathlib import Path
from typing import Literal, Protocol

from pipeline.errors import ConfigError
from pipeline.inference.frame_detector import ThumbnailDetector
from pipeline.inference.haar_detector import HaarDetector
from pipeline.inference.mediapipe_detector import FULL_RANGE, SHORT_RANGE, MediaPipeDetector
from pipeline.inference.second_look import SecondLook
from pipeline.inference.yunet_detector import YuNetDetector
from pipeline.ports import FaceDetector, FrameDetector

DetectorName = Literal["short", "full", "haar", "yunet"]

DEFAULT_DETECTOR: DetectorName = "full"
"""Chosen by `python -m benchmarks detection`; the table stands in benchmarks/README.md."""

MIN_SCORE: dict[str, float] = {"short": 0.5, "full": 0.5, "haar": 0.5, "yunet": 0.6}
"""Scores below this are left out, unless the caller says otherwise."""

DOUBTFUL_SCORE = 0.2
"""What the first of two looks lets through."""


class OpenDetector(Protocol):
    """Opens a detector as `open_detector` does."""

    def __call__(
        self, name: str = ..., *, model_path: Path | None = ..., min_score: float | None = ...
    ) -> FaceDetector: ...


def open_frame_detector(
    name: str = DEFAULT_DETECTOR,
    *,
    tiles: tuple[int, int] | None = None,
    model_path: Path | None = None,
    min_score: float | None = None,
    open_face_detector: OpenDetector | None = None,
) -> FrameDetector:
    """Return the frame detector called `name`, on `tiles` (columns, rows; None: by the frame's shape).

    `full` finds faces from afar, and `short` takes a second look at each. `open_face_detector` opens what it works
    with, None: new ones. Raises what `open_detector` raises.
    """
    opened = open_face_detector or open_detector
    if name != "full":
        return ThumbnailDetector(opened(name, model_path=model_path, min_score=min_score), tiles)
    threshold = least_score(name, min_score)
    afar = opened("full", model_path=model_path, min_score=min(DOUBTFUL_SCORE, threshold))
    return SecondLook(ThumbnailDetector(afar, tiles), opened("short", min_score=DOUBTFUL_SCORE), threshold)


def open_detector(
    name: str = DEFAULT_DETECTOR, *, model_path: Path | None = None, min_score: float | None = None
) -> FaceDetector:
    """Return the detector called `name`; only `yunet` takes, and needs, a `model_path`.

    Raises ConfigError where the options don't fit together, and ModelError where the model can't be run.
    """
    threshold = least_score(name, min_score)
    if (name == "yunet") != (model_path is not None):
        needs = "needs the path of its ONNX model" if name == "yunet" else f"takes no model, got {model_path}"
        raise ConfigError(f"the face detector {name!r} {needs}; `yunet` alone runs on a model that you give")
    if model_path is not None:
        return YuNetDetector(model_path, threshold)
    if name == "haar":
        return HaarDetector(threshold)
    return MediaPipeDetector(SHORT_RANGE if name == "short" else FULL_RANGE, threshold)


def least_score(name: str, min_score: float | None = None) -> float:
    """Return the score from which a face counts for the detector called `name`; raises ConfigError."""
    if name not in MIN_SCORE:
        raise ConfigError(f"there is no face detector {name!r}; choose one of {', '.join(MIN_SCORE)}")
    threshold = MIN_SCORE[name] if min_score is None else min_score
    if not 0 <= threshold <= 1:
        raise ConfigError(f"a face's lowest score lies in [0, 1], got {threshold}")
    return threshold
