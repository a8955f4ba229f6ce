"""Which detector finds whom, at what cost: recall by face size and by label, false faces, CPU time."""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.scenes import STATES, Scene, load_scenes, match
from pipeline.inference.detectors import MIN_SCORE, open_detector, open_frame_detector
from pipeline.inference.frame_detector import ThumbnailDetector
from pipeline.inference.onnx_classifier import OnnxClassifier, open_classifier
from pipeline.ports import FrameDetector
from pipeline.types import Face
from pipeline.vision.crop import crop_frame_face

SIZE_BUCKETS_PX = ((0, 40), (40, 64), (64, 96), (96, 10_000))
"""Face sizes (longer side) in the scenes' own pixels, half-open."""

SWEEP_SCORE = 0.3
FALSE_FACES_PER_PICTURE = 0.2
"""Detectors score on scales of their own: recall at this rate of false faces compares them."""

MISSED = len(STATES)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A way to find faces; `looks` is 2 where a second detector confirms what the first one found."""

    detector: str
    tiles: tuple[int, int] | None
    looks: int = 1

    @property
    def label(self) -> str:
        name = "full, then short" if self.looks == 2 else self.detector
        return f"{name}, {'{}x{}'.format(*self.tiles) if self.tiles else 'automatic tiles'}"

    def open(self, min_score: float) -> FrameDetector:
        if self.looks == 2:
            return open_frame_detector(self.detector, tiles=self.tiles, min_score=min_score)
        return ThumbnailDetector(open_detector(self.detector, min_score=min_score), self.tiles)


CANDIDATES = (
    Candidate("haar", (1, 1)),
    *(Candidate("short", tiles) for tiles in ((1, 1), (2, 2), (3, 2))),
    *(Candidate("full", tiles) for tiles in ((1, 1), None, (2, 2), (3, 2))),
    *(Candidate("full", tiles, looks=2) for tiles in ((1, 1), None, (2, 2), (3, 2))),
)


@dataclass(frozen=True, slots=True)
class DetectionFigures:
    """What one candidate reached at `min_score`; shares in [0, 1], `macro_f1` counts each missed face as wrong."""

    candidate: str
    min_score: float
    recall: float
    recall_by_size_px: dict[str, float]
    recall_by_state: dict[str, float]
    false_faces_per_picture: float
    recall_at_equal_false: float
    cpu_ms_per_picture: float
    macro_f1: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What was found in one scene: faces, and for each the annotated face it shows."""

    scene: Scene
    found: tuple[Face, ...]
    matches: list[int | None]


def run(data: Path, model: Path | None, classify: bool) -> list[DetectionFigures]:
    """Measure every candidate on `scenes.zip` in `data`; `classify` adds the verdicts of `model` or the shipped one."""
    scenes = load_scenes(data / "scenes.zip")
    with ExitStack() as stack:
        classifier = stack.enter_context(closing(open_classifier(model, "cpu"))) if classify else None
        return [measure(candidate, scenes, classifier) for candidate in CANDIDATES]


def measure(candidate: Candidate, scenes: Sequence[Scene], classifier: OnnxClassifier | None) -> DetectionFigures:
    """Return the figures of one candidate on `scenes`."""
    observations, cpu_s = observe(candidate, scenes)
    min_score = MIN_SCORE[candidate.detector]
    scores, sizes, states = _annotated_table(observations)
    false_scores = _false_scores(observations)
    hit = scores >= min_score
    equal = _score_at(false_scores, round(FALSE_FACES_PER_PICTURE * len(scenes)))
    return DetectionFigures(
        candidate.label,
        min_score,
        recall=float(hit.mean()),
        recall_by_size_px={f"{a}-{b}": _share(hit, (a <= sizes) & (sizes < b)) for a, b in SIZE_BUCKETS_PX},
        recall_by_state={name: _share(hit, states == index) for index, name in enumerate(STATES)},
        false_faces_per_picture=float((false_scores >= min_score).sum()) / len(scenes),
        recall_at_equal_false=float((scores > equal).mean()),
        cpu_ms_per_picture=1000 * cpu_s / len(scenes),
        macro_f1=None if classifier is None else macro_f1(observations, min_score, classifier),
    )


def observe(candidate: Candidate, scenes: Sequence[Scene]) -> tuple[list[Observation], float]:
    """Return what `candidate` finds in each scene, doubtful faces included, and its CPU time in seconds."""
    detector = candidate.open(SWEEP_SCORE)
    started_s = time.process_time()
    found = [detector.detect(scene.frame) for scene in scenes]
    cpu_s = time.process_time() - started_s
    detector.close()
    seen = zip(scenes, found, strict=True)
    return [Observation(scene, faces, match(scene.faces, faces)) for scene, faces in seen], cpu_s


def _annotated_table(observations: Sequence[Observation]) -> tuple[NDArray[np.float64], ...]:
    """Return (N,) best score, size in pixels and state of every annotated face; the score of a missed one is -1."""
    rows = []
    for seen in observations:
        scores = {index: face.score for index, face in zip(seen.matches, seen.found, strict=True)}
        rows += [(scores.get(i, -1.0), face.box.size_px, face.state) for i, face in enumerate(seen.scene.faces)]
    scores_, sizes, states = np.array(rows, np.float64).T
    return scores_, sizes, states


def _false_scores(observations: Sequence[Observation]) -> NDArray[np.float64]:
    pairs = [pair for seen in observations for pair in zip(seen.matches, seen.found, strict=True)]
    return np.array([face.score for index, face in pairs if index is None], np.float64)


def _score_at(false_scores: NDArray[np.float64], allowed: int) -> float:
    """Return the score above which at most `allowed` false faces lie."""
    return float(np.sort(false_scores)[::-1][allowed]) if len(false_scores) > allowed else 0.0


def _share(hit: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> float:
    return float(hit[chosen].mean()) if chosen.any() else float("nan")


def macro_f1(observations: Sequence[Observation], min_score: float, classifier: OnnxClassifier) -> float:
    """Return the macro-F1 of the verdicts on what was found at `min_score` and above; a missed face is wrong."""
    counts = np.zeros((len(STATES), len(STATES) + 1), np.int64)
    for seen in observations:
        answers = _answers(seen, min_score, classifier)
        for index, face in enumerate(seen.scene.faces):
            counts[face.state, answers.get(index, MISSED)] += 1
    return macro_f1_with_misses(counts)


def _answers(seen: Observation, min_score: float, classifier: OnnxClassifier) -> dict[int, int]:
    """Return the class of each annotated face that was found."""
    pairs = zip(seen.matches, seen.found, strict=True)
    hits = [(index, face) for index, face in pairs if index is not None and face.score >= min_score]
    if not hits:
        return {}
    crops = [crop_frame_face(seen.scene.frame, face.box, classifier.input_size_px) for _, face in hits]
    classes = classifier.classify(np.stack(crops)).argmax(axis=1)
    return {index: int(answer) for (index, _), answer in zip(hits, classes, strict=True)}


def macro_f1_with_misses(counts: NDArray[np.int64]) -> float:
    """Return the mean F1 of (C, C + 1) counts: rows are true classes, the last column holds the missed ones."""
    hits = np.diag(counts)
    f1 = 2 * hits / np.maximum(counts.sum(axis=1) + counts[:, :-1].sum(axis=0), 1)
    return float(f1.mean())


def table(figures: Sequence[DetectionFigures]) -> str:
    """Return the figures as a Markdown table."""
    sizes, states = figures[0].recall_by_size_px, figures[0].recall_by_state
    columns = ["detector", "min score", "recall", *(f"{name} px" for name in sizes), *states]
    columns += ["false a picture", f"recall at {FALSE_FACES_PER_PICTURE} false", "CPU ms", "macro-F1"]
    lines = [columns, ["---"] * len(columns), *(_cells(one) for one in figures)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cells(one: DetectionFigures) -> list[str]:
    shares = [one.recall, *one.recall_by_size_px.values(), *one.recall_by_state.values()]
    verdicts = "-" if one.macro_f1 is None else f"{one.macro_f1:.3f}"
    rates = [f"{one.false_faces_per_picture:.2f}", f"{one.recall_at_equal_false:.2f}", f"{one.cpu_ms_per_picture:.0f}"]
    return [one.candidate, f"{one.min_score:.2f}", *(f"{share:.2f}" for share in shares), *rates, verdicts]


def as_json(figures: Sequence[DetectionFigures]) -> str:
    """Return the figures as one line of JSON."""
    return json.dumps([asdict(one) for one in figures])
