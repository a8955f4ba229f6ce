"""The same loop as `users_loop`, on the helpers of the library `supervision`: its video, detections and annotators."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import mediapipe  # type: ignore[import-untyped]  # ships no types
import numpy as np
import supervision  # type: ignore[import-not-found]  # installed by who compares with it

from benchmarks.timed_run import Stopwatch, TimedRun
from benchmarks.users_loop import CLASSES, face_detector


def loop(clip: Path, out: Path, classify: Callable[[Any], Any], size_px: int, frame_limit: int) -> TimedRun:
    """Annotate at most so many frames of `clip`; `classify` gives the scores of a (1, S, S, 3) uint8 RGB crop."""
    detector = face_detector()
    boxes, labels = supervision.BoxAnnotator(), supervision.LabelAnnotator()
    classify(np.zeros((1, size_px, size_px, 3), np.uint8))
    frames = asked = 0
    watch = Stopwatch()
    with supervision.VideoSink(str(out), supervision.VideoInfo.from_video_path(str(clip))) as sink:
        for frame in islice(supervision.get_video_frames_generator(str(clip)), frame_limit):
            rgb = cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
            found = _detections(detector, rgb)
            crops = [cv2.resize(supervision.crop_image(rgb, box), (size_px, size_px)) for box in found.xyxy]
            names = [CLASSES[int(np.argmax(classify(crop[None])))] for crop in crops]
            annotated = labels.annotate(boxes.annotate(frame, found), found, names)
            sink.write_frame(annotated)
            frames, asked = frames + 1, asked + len(crops)
    detector.close()
    return watch.run_of(frames, asked=asked)


def _detections(detector: Any, rgb: Any) -> Any:
    """Return what MediaPipe finds in an (H, W, 3) uint8 RGB picture as the library's own detections."""
    found = detector.detect(mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)).detections
    if not found:
        return supervision.Detections.empty()
    boxes = [each.bounding_box for each in found]
    xyxy = [(box.origin_x, box.origin_y, box.origin_x + box.width, box.origin_y + box.height) for box in boxes]
    scores = np.array([each.categories[0].score for each in found], np.float32)
    return supervision.Detections(np.array(xyxy, np.float32), confidence=scores, class_id=np.zeros(len(found), int))
