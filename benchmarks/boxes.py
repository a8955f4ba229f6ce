"""How each detector's box lies to the annotators' box: the numbers of every `BoxConvention`."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline.inference.box_convention import IDENTITY
from pipeline.inference.haar_detector import HaarDetector
from pipeline.inference.mediapipe_detector import FULL_RANGE, SHORT_RANGE, MediaPipeDetector
from pipeline.ports import FaceDetector
from pipeline.types import Box, UInt8Array
from training.faces import LabelledFace, load_faces

SOURCES_WITH_CONTEXT = ("youyinnn", "andrewmvd")
SAMPLE = 700
SEED = 0
CONFIDENT = 0.4
GREY = (110, 110, 110)

DETECTORS: dict[str, Callable[[], FaceDetector]] = {
    "short": lambda: MediaPipeDetector(SHORT_RANGE, CONFIDENT, IDENTITY),
    "full": lambda: MediaPipeDetector(FULL_RANGE, CONFIDENT, IDENTITY),
    "haar": lambda: HaarDetector(CONFIDENT, IDENTITY),
}


def run(data: Path) -> dict[str, dict[str, float]]:
    """Return for each detector the medians over a sample of `faces.zip`'s split train; the names are the fields."""
    faces = load_faces(data / "faces.zip", ["train"])
    framed = [face for face in faces if not face.is_tight and face.source.startswith(SOURCES_WITH_CONTEXT)]
    chosen = np.random.default_rng(SEED).permutation(len(framed))[:SAMPLE]
    return {name: measure(create(), [framed[i] for i in chosen]) for name, create in DETECTORS.items()}


def measure(detector: FaceDetector, faces: Sequence[LabelledFace]) -> dict[str, float]:
    """Return the median centre shifts and scales from the detector's box to the annotators', and the count found."""
    rows = [row for face in faces for row in _relation(detector, face)]
    detector.close()
    names = ("shift_x", "shift_y", "scale_width", "scale_height")
    medians = (float(median) for median in np.median(np.array(rows), axis=0))
    return {**{name: round(median, 3) for name, median in zip(names, medians, strict=True)}, "found": len(rows)}


def _relation(detector: FaceDetector, face: LabelledFace) -> list[tuple[float, float, float, float]]:
    picture, wanted = on_grey(face)
    x, y = wanted.center
    found = [seen.box for seen in detector.detect(picture) if seen.box.x1 < x < seen.box.x2]
    found = [box for box in found if box.y1 < y < box.y2]
    if not found:
        return []
    box = found[0]
    shift_x, shift_y = (x - box.center[0]) / box.width, (y - box.center[1]) / box.height
    return [(shift_x, shift_y, wanted.width / box.width, wanted.height / box.height)]


def on_grey(face: LabelledFace) -> tuple[UInt8Array, Box]:
    """Return the picture in the middle of a grey one of twice its sides, so that the face is no larger than in use."""
    height, width = face.picture.shape[:2]
    x, y = width // 2, height // 2
    grey = cv2.copyMakeBorder(face.picture, y, y, x, x, cv2.BORDER_CONSTANT, value=GREY)
    box = face.box
    return np.asarray(grey, np.uint8), Box(box.x1 + x, box.y1 + y, box.x2 + x, box.y2 + y)


def table(medians: dict[str, dict[str, float]]) -> str:
    """Return the medians as a Markdown table."""
    columns = ["detector", *next(iter(medians.values()))]
    lines = [columns, ["---"] * len(columns)]
    lines += [[name, *(f"{value:g}" for value in row.values())] for name, row in medians.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def as_json(medians: dict[str, dict[str, float]]) -> str:
    """Return the medians as one line of JSON."""
    return json.dumps(medians)
