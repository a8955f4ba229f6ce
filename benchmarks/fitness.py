"""What darkness and blur cost: verdicts on scenes, beside what the pictures measure."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.detection import Observation, macro_f1
from benchmarks.scenes import Scene, load_scenes, match
from pipeline.inference.detectors import DEFAULT_DETECTOR, MIN_SCORE, open_frame_detector
from pipeline.inference.onnx_classifier import OnnxClassifier, open_classifier
from pipeline.ports import FrameDetector
from pipeline.types import Frame, UInt8Array
from pipeline.vision.fitness import bright_share, focus_ratio, luma_thumbnail
from pipeline.vision.i420 import CHROMA_ZERO

GAINS = (1.0, 0.5, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03)
NOISE_LEVELS = 2.0
BLUR_SHARES = (0.0, 0.001, 0.002, 0.003, 0.004, 0.006, 0.008, 0.012)
"""Standard deviations of the blur, in longer sides of the picture."""


@dataclass(frozen=True, slots=True)
class FitnessFigures:
    """What is left on pictures of one kind: medians of the measures, shares in [0, 1] of the verdicts."""

    picture: str
    bright: float
    focus: float
    recall: float
    macro_f1: float


def run(data: Path) -> list[FitnessFigures]:
    """Judge the scenes of `scenes.zip` in `data`, darkened and blurred step by step."""
    scenes = load_scenes(data / "scenes.zip")
    rng = np.random.default_rng(1)
    changes: list[tuple[str, Callable[[Frame], Frame]]] = [
        *((f"light x {gain:g}", lambda frame, gain=gain: darkened(frame, gain, rng)) for gain in GAINS),
        *((f"blur {100 * share:.1f} %", lambda frame, share=share: blurred(frame, share)) for share in BLUR_SHARES),
    ]
    with (
        closing(open_frame_detector(DEFAULT_DETECTOR)) as detector,
        closing(open_classifier(None, "cpu")) as classifier,
    ):
        return [
            measure(name, [replace(scene, frame=change(scene.frame)) for scene in scenes], detector, classifier)
            for name, change in changes
        ]


def measure(
    picture: str, scenes: Sequence[Scene], detector: FrameDetector, classifier: OnnxClassifier
) -> FitnessFigures:
    """Return the figures of scenes whose pictures were changed alike."""
    found = [detector.detect(scene.frame) for scene in scenes]
    observations = [
        Observation(scene, faces, match(scene.faces, faces)) for scene, faces in zip(scenes, found, strict=True)
    ]
    hits = sum(index is not None for seen in observations for index in seen.matches)
    thumbnails = [(luma_thumbnail(scene.frame), scene.frame.color_range) for scene in scenes]
    return FitnessFigures(
        picture,
        bright=float(np.median([bright_share(luma, color_range) for luma, color_range in thumbnails])),
        focus=float(np.median([focus_ratio(luma) for luma, _ in thumbnails])),
        recall=hits / sum(len(scene.faces) for scene in scenes),
        macro_f1=macro_f1(observations, MIN_SCORE[DEFAULT_DETECTOR], classifier),
    )


def darkened(frame: Frame, gain: float, rng: np.random.Generator) -> Frame:
    """Return a frame of full range with `gain` times the light, and a sensor's noise on its luma."""
    noise = rng.normal(0, NOISE_LEVELS, frame.y.shape)
    luma = np.clip(frame.y * gain + noise, 0, 255).astype(np.uint8)
    u, v = (((plane - float(CHROMA_ZERO)) * gain + CHROMA_ZERO).astype(np.uint8) for plane in (frame.u, frame.v))
    return replace(frame, y=luma, u=u, v=v)


def blurred(frame: Frame, share: float) -> Frame:
    """Return the frame under a Gaussian blur with a deviation of `share` of its longer side; 0 changes nothing."""
    sigma_px = share * max(frame.width, frame.height)
    if sigma_px == 0:
        return frame
    u, v = (_blurred(plane, sigma_px / 2) for plane in (frame.u, frame.v))
    return replace(frame, y=_blurred(frame.y, sigma_px), u=u, v=v)


def _blurred(plane: UInt8Array, sigma_px: float) -> UInt8Array:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma_px), np.uint8)


def table(figures: Sequence[FitnessFigures]) -> str:
    """Return the figures as a Markdown table."""
    rows = [
        f"| {one.picture} | {one.bright:.2f} | {one.focus:.4f} | {one.recall:.2f} | {one.macro_f1:.2f} |"
        for one in figures
    ]
    return "\n".join(("| picture | bright | focus | recall | macro-F1 |", "| --- | --- | --- | --- | --- |", *rows))


def as_json(figures: Sequence[FitnessFigures]) -> str:
    """Return the figures as one line of JSON."""
    return json.dumps([asdict(one) for one in figures])
