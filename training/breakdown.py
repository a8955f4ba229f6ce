"""Results by source, note and size of face, and hard negatives as rows of their own."""

from collections.abc import Callable
from itertools import pairwise
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from pipeline.statistics import wilson_interval
from pipeline.types import STATE_COUNT
from training.answers import JudgedFaces
from training.faces import LabelledFace
from training.metrics import MASKED, UNMASKED, macro_f1, two_class_hits

SIZE_EDGES_PX = (0, 32, 48, 64, 96)
"""Where bins of the face's longer side begin, the last one open: names of two digits, so that they sort by size."""

NO_NOTE = "(none)"

NAMES = {"hand": "pasted hands", "beard": "beards", "scarf": "scarves"}
"""What notes of faces without a mask stand for."""


class Part(TypedDict):
    """Some of the faces: `wilson_95` is the interval of their accuracy; two-class figures as in `Figures`.

    `macro_f1` is None where faces of a class are missing: what little is predicted of it would count as a class missed.
    """

    name: str
    faces: int
    accuracy: float
    wilson_95: tuple[float, float]
    macro_f1: float | None
    two_class_faces: int
    two_class_accuracy: float | None


class HardNegative(TypedDict):
    """Unmasked faces that look masked: how many of them are called so, with the interval of that share (Wilson)."""

    name: str
    note: str
    faces: int
    called_masked: int
    share: float
    wilson_95: tuple[float, float]


def by(key: Callable[[LabelledFace], str], judged: JudgedFaces) -> list[Part]:
    """Return the part of each value of `key`, sorted by that value."""
    values = np.array([key(face) for face in judged.faces])
    class_count = len(np.unique(judged.labels))
    return [_part(str(name), judged.where(values == name), class_count) for name in np.unique(values)]


def source_of(face: LabelledFace) -> str:
    return face.source or "(unnamed)"


def note_of(face: LabelledFace) -> str:
    return face.note or NO_NOTE


def size_of(face: LabelledFace) -> str:
    """Return the bin of the face's longer side, such as `48-63 px`."""
    for low, high in pairwise(SIZE_EDGES_PX):
        if face.box.size_px < high:
            return f"{low}-{high - 1} px"
    return f"{SIZE_EDGES_PX[-1]} px and more"


def hard_negatives(judged: JudgedFaces) -> list[HardNegative]:
    """Return a row for each note that unmasked faces bear: how often they are taken for masked ones."""
    is_unmasked = judged.labels == UNMASKED
    notes = np.array([face.note for face in judged.faces])
    says_masked = judged.predicted == MASKED
    return [
        _hard_negative(str(note), says_masked[is_unmasked & (notes == note)])
        for note in np.unique(notes[is_unmasked])
        if note
    ]


def _part(name: str, judged: JudgedFaces, class_count: int) -> Part:
    right = int(judged.is_right.sum())
    is_compared, is_told = two_class_hits(judged.labels, judged.probabilities)
    compared = int(is_compared.sum())
    has_all = len(np.unique(judged.labels)) == class_count
    return {
        "name": name,
        "faces": len(judged.labels),
        "accuracy": round(right / len(judged.labels), 5),
        "wilson_95": rounded(wilson_interval(right, len(judged.labels))),
        "macro_f1": round(macro_f1(judged.labels, judged.predicted, STATE_COUNT), 5) if has_all else None,
        "two_class_faces": compared,
        "two_class_accuracy": round(int(is_told.sum()) / compared, 5) if compared else None,
    }


def _hard_negative(note: str, says_masked: NDArray[np.bool_]) -> HardNegative:
    faces, called = len(says_masked), int(says_masked.sum())
    return {
        "name": NAMES.get(note, note),
        "note": note,
        "faces": faces,
        "called_masked": called,
        "share": round(called / faces, 5),
        "wilson_95": rounded(wilson_interval(called, faces)),
    }


def rounded(interval: tuple[float, float]) -> tuple[float, float]:
    """Return an interval as it is printed and stored."""
    return round(interval[0], 5), round(interval[1], 5)
