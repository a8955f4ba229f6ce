"""The numbers of a model card: how a model does on a split, and how far it is from what it was made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ConfigError, ModelError
from pipeline.model_card import ModelCard, read_card, sha256_of, write_card
from pipeline.types import STATE_COUNT, Float32Array, UInt8Array
from training.crops import serving_crops
from training.faces import LABEL_INDEX, LabelledFace, load_faces
from training.figures import Evaluation
from training.metrics import macro_f1

ALL_SPLITS = "all"
FIGURE_NAMES = {"n": "faces"}
INTERVAL_ENDS = ("low_95", "high_95")


@dataclass(frozen=True, slots=True, eq=False)
class CheckedFaces:
    """The N faces of a split that exports are judged on, with their (N, S, S, 3) uint8 crops."""

    split: str
    faces: list[LabelledFace]
    crops: UInt8Array

    @property
    def labels(self) -> NDArray[np.int64]:
        """The (N,) labels, in `SCORED_STATES` order."""
        return np.array([face.label for face in self.faces], np.int64)


def checked_faces(data: Path, split: str, size_px: int, aliases: Mapping[str, str] | None = None) -> CheckedFaces:
    """Return the faces of `split` in `data`, or `all` of them, at `size_px`; raise SourceError where there are none."""
    faces = load_faces(data, None if split == ALL_SPLITS else [split], aliases)
    return CheckedFaces(split, faces, serving_crops(faces, size_px))


def split_figures(split: str, found: Evaluation) -> dict[str, float]:
    """Return the numbers of an evaluation as `<split>_<name>`: tables and lists stay out, they don't fit a card."""
    named: dict[str, Any] = {FIGURE_NAMES.get(key, key): value for key, value in found.items()}
    for name, one in found["per_class"].items():
        named |= {f"{name}_recall": one["recall"], f"{name}_precision": one["precision"]}
    for name, interval in found["intervals_95"].items():
        if isinstance(interval, list | tuple):
            named |= {f"{name}_{end}": bound for end, bound in zip(INTERVAL_ENDS, interval, strict=True)}
    for row in found["hard_negatives"]:
        named[f"{row['note']}_called_masked"] = row["share"]
    named |= {f"answered_{name}": value for name, value in (found["unknown"] or {}).items()}
    named |= {f"{name}_faces_left_out": count for name, count in found["left_out"].items()}
    return {f"{split}_{name}": float(value) for name, value in named.items() if isinstance(value, int | float)}


def difference_figures(
    name: str, faces: CheckedFaces, classes: tuple[str, ...], expected: Float32Array, got: Float32Array
) -> dict[str, float]:
    """Return how far a model's (N, 3) probabilities are from those of the model called `name`.

    `macro_f1_change` is over the faces of `classes`: positive where the new model does better.
    """
    difference = np.abs(expected - got)
    known = np.isin(faces.labels, [LABEL_INDEX[one] for one in classes])
    before, after = (
        macro_f1(faces.labels[known], table[known].argmax(axis=1), STATE_COUNT) if known.any() else 0.0
        for table in (expected, got)
    )
    return {
        f"agreement_with_{name}": round(agreement(expected, got), 5),
        f"mean_abs_difference_from_{name}": round(float(difference.mean()), 8),
        f"max_abs_difference_from_{name}": round(float(difference.max()), 8),
        f"macro_f1_change_from_{name}": round(after - before, 5),
    }


def agreement(expected: Float32Array, got: Float32Array) -> float:
    """Return the share of (N, C) rows with the same likeliest class."""
    return float((expected.argmax(axis=1) == got.argmax(axis=1)).mean())


def add_evaluation(model: Path, evaluation: Path, split: str) -> ModelCard:
    """Put the figures of `training evaluate --json`, saved at `evaluation`, into the card of `model`, and return it.

    Raises ConfigError where the file is no evaluation, ModelError where it is one of another model.
    """
    card = read_card(model)
    try:
        found = json.loads(evaluation.read_text(encoding="utf-8"))
        judged, figures = found["model_sha256"], split_figures(split, found)
    except OSError as error:
        raise ConfigError(f"cannot read {evaluation}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{evaluation} is not what `python -m training evaluate --json` prints: {error}") from error
    if not judged == card.sha256 == sha256_of(model.read_bytes()):
        raise ModelError(f"{evaluation} judges the model {judged[:12]}..., {model} is {card.sha256[:12]}...")
    kept = {name: value for name, value in card.figures.items() if not name.startswith(f"{split}_")}
    full = card.model_copy(update={"figures": {**kept, **figures}})
    write_card(full, model)
    return full
