"""The shipped classifier and the published ones on the same faces, masked against unmasked."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.environment import Environment, environment
from benchmarks.peers import PEERS, Peer, box_crop
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.statistics import wilson_interval
from pipeline.types import Float32Array, UInt8Array
from training.bootstrap import percentile_interval, resampled_sums
from training.breakdown import NAMES, source_of
from training.crops import serving_crops
from training.faces import LabelledFace, load_faces
from training.metrics import MASKED, UNMASKED, two_class_hits

CHUNK_FACES = 64
"""Faces whose crops are in memory at a time."""

Cut: TypeAlias = Callable[[Sequence[LabelledFace], int], UInt8Array]
Interval: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Answers:
    """What one classifier says of N faces, cut in one way: (N, 3) scores in `SCORED_STATES` order."""

    model: str
    crop: str
    scores: Float32Array
    cpu_ms_per_crop: float


@dataclass(frozen=True, slots=True)
class CalledMasked:
    """Unmasked faces that look masked: how many there are, and how many were called masked."""

    faces: int
    called: int


@dataclass(frozen=True, slots=True)
class TwoClassFigures:
    """How well one classifier tells masked from unmasked; shares in [0, 1], each source without its noted faces."""

    model: str
    crop: str
    accuracy: float
    interval_95: Interval
    called_masked: dict[str, CalledMasked]
    accuracy_by_source: dict[str, float]
    cpu_ms_per_crop: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All classifiers on one split: `faces` are those labelled masked or unmasked."""

    split: str
    faces: int
    figures: tuple[TwoClassFigures, ...]
    environment: Environment


def run(data: Path, split: str, model: Path | None, peers: Path) -> Comparison:
    """Compare `model`, or the shipped one, with every peer on the faces of `split`.

    `data` holds `faces.zip`, or is what `training evaluate` takes. Raises SourceError, or ModelError.
    """
    zipped = data / "faces.zip"
    faces = [face for face in load_faces(zipped if zipped.is_file() else data, [split]) if _is_judged(face)]
    answers = [ours(faces, model), *(answer for peer in PEERS for answer in theirs(faces, peer, peers))]
    return Comparison(split, len(faces), tuple(figures(faces, one) for one in answers), environment())


def ours(faces: Sequence[LabelledFace], model: Path | None) -> Answers:
    """Return the answers of a model of the project, on one thread as the peers."""
    with closing(open_classifier(model, device="cpu", threads=1)) as classifier:
        scores, cpu_ms = _ask(faces, classifier.input_size_px, serving_crops, classifier.classify)
        return Answers(classifier.card.name, "square", scores, cpu_ms)


def theirs(faces: Sequence[LabelledFace], peer: Peer, cache: Path) -> list[Answers]:
    """Return the answers of a peer, to the boxes that its package would cut and to the squares that ours are."""
    classifier = peer.open(cache)
    cuts: dict[str, Cut] = {"box": box_crops, "square": serving_crops}
    return [
        Answers(peer.label, name, *_ask(faces, classifier.size_px, cut, classifier.classify))
        for name, cut in cuts.items()
    ]


def box_crops(faces: Sequence[LabelledFace], size_px: int) -> UInt8Array:
    """Return the (N, S, S, 3) boxes of the faces, stretched."""
    return np.stack([box_crop(face.picture, face.box, size_px) for face in faces])


def figures(faces: Sequence[LabelledFace], answers: Answers) -> TwoClassFigures:
    """Return how well the likelier of `masked` and `unmasked` is right."""
    labels = np.array([face.label for face in faces])
    _, is_right = two_class_hits(labels, answers.scores)
    notes = np.array([face.note for face in faces])
    sources = np.array([source_of(face) for face in faces])
    unnoted = np.unique(sources[notes == ""])
    return TwoClassFigures(
        answers.model,
        answers.crop,
        float(is_right.mean()),
        _interval([face.group for face in faces], is_right),
        {NAMES.get(str(note), str(note)): _called_masked(is_right[notes == note]) for note in np.unique(notes) if note},
        {str(name): float(is_right[(sources == name) & (notes == "")].mean()) for name in unnoted},
        answers.cpu_ms_per_crop,
    )


def table(found: Comparison) -> str:
    """Return the comparison as a Markdown table, what it was taken with below it."""
    first = found.figures[0]
    columns = ["model", "crop", "two-class accuracy", "95 % interval"]
    columns += [f"{name} called masked" for name in first.called_masked]
    columns += [*first.accuracy_by_source, "CPU ms a crop"]
    lines = [columns, ["---"] * len(columns), *(_cells(one) for one in found.figures)]
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{rows}\n\nSplit `{found.split}`, {found.faces:,} faces. {found.environment}."


def as_json(found: Comparison) -> str:
    """Return the comparison as one line of JSON."""
    return json.dumps(asdict(found))


def _is_judged(face: LabelledFace) -> bool:
    return face.label in (MASKED, UNMASKED)


def _ask(
    faces: Sequence[LabelledFace], size_px: int, cut: Cut, classify: Callable[[UInt8Array], Float32Array]
) -> tuple[Float32Array, float]:
    """Return (N, 3) scores and the CPU time of a crop in ms, cutting left out."""
    scores, cpu_s = [], 0.0
    for first in range(0, len(faces), CHUNK_FACES):
        crops = cut(faces[first : first + CHUNK_FACES], size_px)
        started_s = time.process_time()
        scores.append(classify(crops))
        cpu_s += time.process_time() - started_s
    return np.concatenate(scores), 1000 * cpu_s / len(faces)


def _interval(groups: Sequence[str], is_right: NDArray[np.bool_]) -> Interval:
    """Return the bootstrap interval of an accuracy, photographs resampled."""
    sums = resampled_sums(np.column_stack([is_right, np.ones(len(groups))]), groups)
    return percentile_interval(sums[:, 0] / sums[:, 1]) or (0.0, 1.0)


def _called_masked(is_right: NDArray[np.bool_]) -> CalledMasked:
    return CalledMasked(len(is_right), int((~is_right).sum()))


def _cells(one: TwoClassFigures) -> list[str]:
    low, high = one.interval_95
    return [
        one.model,
        one.crop,
        f"{one.accuracy:.3f}",
        f"{low:.3f}-{high:.3f}",
        *(_share_of(called) for called in one.called_masked.values()),
        *(f"{share:.3f}" for share in one.accuracy_by_source.values()),
        f"{one.cpu_ms_per_crop:.1f}",
    ]


def _share_of(called: CalledMasked) -> str:
    low, high = wilson_interval(called.called, called.faces)
    return f"{called.called} of {called.faces} ({low:.3f}-{high:.3f})"
