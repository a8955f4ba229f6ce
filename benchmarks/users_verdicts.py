"""What the loop that people write says of each person of a clip: the majority of its verdicts on their face."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import mediapipe  # type: ignore[import-untyped]  # ships no types
import numpy as np

from benchmarks.policy_run import Sights
from benchmarks.users_loop import CLASSES, face_detector
from pipeline.demo import SAME_FACE_OVERLAP
from pipeline.types import Box, MaskState, UInt8Array
from pipeline.vision.overlap import iou


@dataclass(frozen=True, slots=True)
class Majority:
    """The state that most of a person's faces were said to be in, its share of them, and how many there were."""

    state: MaskState
    share: float
    faces: int


def majorities(clip: Path, classify: Callable[[Any], Any], size_px: int, sights: Sights) -> dict[int, Majority]:
    """Return the majority on each track of `sights`, of the faces that overlap its box, frame by frame.

    `classify` gives the scores of a (1, S, S, 3) uint8 RGB crop, S being `size_px`: as the loop has it, the face's box
    alone, stretched.
    """
    votes: defaultdict[int, Counter[MaskState]] = defaultdict(Counter)
    with closing(face_detector()) as detector:
        for rgb, (_, seen) in zip(_pictures(clip), sights.frames, strict=False):
            for box in _faces(detector, rgb):
                sight = max(seen, key=lambda one: iou(one.box, box), default=None)
                if sight is not None and iou(sight.box, box) >= SAME_FACE_OVERLAP:
                    crop = rgb[max(0, int(box.y1)) : int(box.y2), max(0, int(box.x1)) : int(box.x2)]
                    scores = classify(cv2.resize(crop, (size_px, size_px))[None])
                    votes[sight.track_id][MaskState(CLASSES[int(np.argmax(scores))])] += 1
    return {track_id: _majority(states) for track_id, states in votes.items()}


def _pictures(clip: Path) -> Iterator[UInt8Array]:
    video = cv2.VideoCapture(str(clip))
    while True:
        is_read, picture = video.read()
        if not is_read:
            return
        yield np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)


def _faces(detector: Any, rgb: UInt8Array) -> Iterator[Box]:
    image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=rgb)
    for detection in detector.detect(image).detections:
        box = detection.bounding_box
        yield Box(box.origin_x, box.origin_y, box.origin_x + box.width, box.origin_y + box.height)


def _majority(states: Counter[MaskState]) -> Majority:
    (state, count) = states.most_common(1)[0]
    return Majority(state, count / states.total(), states.total())
