"""The loop that people write: look for faces in each frame, ask the model about each, draw, write the video."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import mediapipe  # type: ignore[import-untyped]  # ships no types
import numpy as np

from benchmarks.timed_run import Stopwatch, TimedRun

CLASSES = ("masked", "incorrect", "unmasked")


def loop(clip: Path, out: Path, classify: Callable[[Any], Any], size_px: int, frame_limit: int) -> TimedRun:
    """Annotate at most so many frames of `clip`; `classify` gives the scores of a (1, S, S, 3) uint8 RGB crop."""
    detector = face_detector()
    video = cv2.VideoCapture(str(clip))
    size = int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    writer = cv2.VideoWriter(str(out), cv2.VideoWriter.fourcc(*"mp4v"), video.get(cv2.CAP_PROP_FPS), size)
    classify(np.zeros((1, size_px, size_px, 3), np.uint8))
    frames = asked = 0
    watch = Stopwatch()
    while frames < frame_limit:
        is_read, frame = video.read()
        if not is_read:
            break
        rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)
        for detection in detector.detect(image).detections:
            box = detection.bounding_box
            left, top = max(0, box.origin_x), max(0, box.origin_y)
            right, bottom = box.origin_x + box.width, box.origin_y + box.height
            crop = cv2.resize(rgb[top:bottom, left:right], (size_px, size_px))
            label = CLASSES[int(np.argmax(classify(crop[None])))]
            cv2.rectangle(frame, (left, top), (right, bottom), (0, 255, 0), 2)
            cv2.putText(frame, label, (left, top - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0, 255, 0), 2)
            asked += 1
        writer.write(frame)
        frames += 1
    writer.release()
    detector.close()
    return watch.run_of(frames, asked=asked)


def face_detector() -> Any:
    """Return MediaPipe's detector of faces up to 5 m away, as its guide opens it."""
    model = Path(__file__).parents[1] / "pipeline" / "assets" / "face_detection_full_range_sparse.tflite"
    base = mediapipe.tasks.BaseOptions(model_asset_path=str(model))
    options = mediapipe.tasks.vision.FaceDetectorOptions(base_options=base)
    return mediapipe.tasks.vision.FaceDetector.create_from_options(options)
