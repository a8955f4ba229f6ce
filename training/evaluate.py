"""Judges a model on labelled faces: figures of the argmax over all of them, `unknown` never asked for."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ConfigError, ModelError
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.model_card import sha256_of
from pipeline.types import STATE_COUNT, Float32Array
from training.backend import start_keras
from training.crops import serving_crops, softmax
from training.faces import LABEL_INDEX, LabelledFace
from training.metrics import confusion, expected_calibration_error, macro_f1, occurring, precision_recall
from training.run_folder import RECIPE, read_recipe

KERAS_SUFFIXES = frozenset({".keras", ".h5"})


class ClassFigures(TypedDict):
    """Precision and recall of one class, in [0, 1], and how many faces are of it."""

    precision: float
    recall: float
    faces: int


class Figures(TypedDict):
    """What `evaluate --json` prints; rows of `confusion` are true classes, columns predicted ones."""

    model_sha256: str
    n: int
    accuracy: float
    macro_f1: float
    per_class: dict[str, ClassFigures]
    ece: float
    classes: list[str]
    confusion: list[list[int]]


@dataclass(frozen=True, slots=True)
class JudgedModel:
    """A model's answers to some faces: (N, 3) probabilities in `SCORED_STATES` order."""

    sha256: str
    probabilities: Float32Array


def answer(model: Path, faces: list[LabelledFace], size_px: int | None = None) -> JudgedModel:
    """Return what the `.onnx` or `.keras` model at that path says of `faces`, on the crops that serving makes.

    `size_px` is the input size of a `.keras` model; by default the last one of its recipe. Raises ModelError.
    """
    if not model.is_file():
        raise ModelError(f"no model file {model}")
    if model.suffix in KERAS_SUFFIXES:
        return _answer_of_keras(model, faces, size_px)
    if model.suffix != ".onnx":
        raise ModelError(f"a model is a .onnx or .keras file, got {model}")
    if size_px is not None:
        raise ConfigError("--size is for .keras models: an .onnx takes the size that its card names")
    with closing(open_classifier(model, device="cpu")) as classifier:
        return JudgedModel(classifier.sha256, classifier.classify(serving_crops(faces, classifier.input_size_px)))


def figures(labels: NDArray[np.integer], judged: JudgedModel) -> Figures:
    """Return the figures of (N,) labels, in `SCORED_STATES` order, against a model's answers."""
    predicted = judged.probabilities.argmax(axis=1)
    matrix = confusion(labels, predicted, STATE_COUNT)
    precision, recall = precision_recall(matrix)
    occurs = occurring(matrix)
    per_class: dict[str, ClassFigures] = {
        name: {
            "precision": round(float(precision[index]), 5),
            "recall": round(float(recall[index]), 5),
            "faces": int(matrix[index].sum()),
        }
        for name, index in LABEL_INDEX.items()
        if occurs[index]
    }
    return {
        "model_sha256": judged.sha256,
        "n": len(labels),
        "accuracy": round(float((labels == predicted).mean()), 5),
        "macro_f1": round(macro_f1(labels, predicted, STATE_COUNT), 5),
        "per_class": per_class,
        "ece": round(expected_calibration_error(labels, judged.probabilities), 5),
        "classes": list(LABEL_INDEX),
        "confusion": matrix.tolist(),
    }


def table(found: Figures) -> str:
    """Return the figures for a person to read."""
    lines = [
        f"{found['n']} faces: accuracy {found['accuracy']:.4f}, macro-F1 {found['macro_f1']:.4f}, "
        f"ECE {found['ece']:.4f}",
        "",
        f"{'':12}{'precision':>10}{'recall':>8}  predicted " + " ".join(f"{name:>9}" for name in found["classes"]),
    ]
    for name, row in zip(found["classes"], found["confusion"], strict=True):
        if name in found["per_class"]:
            one = found["per_class"][name]
            counts = " ".join(f"{count:>9}" for count in row)
            lines.append(f"{name:12}{one['precision']:>10.4f}{one['recall']:>8.4f}  {'':9} {counts}")
    return "\n".join(lines)


def _answer_of_keras(model: Path, faces: list[LabelledFace], size_px: int | None) -> JudgedModel:
    # Keras takes seconds to import, and an .onnx does without.
    start_keras()
    from training.model import load_model, predict

    has_recipe = (model.parent / RECIPE).exists()
    if size_px is None and not has_recipe:
        raise ConfigError(f"{model} has no {RECIPE} beside it that names its input size: give --size")
    recipe = read_recipe(model.parent) if has_recipe else None
    classes = recipe.classes if recipe else tuple(LABEL_INDEX)
    size = size_px or (recipe.final_size_px if recipe else 0)
    own = softmax(predict(load_model(model), serving_crops(faces, size)))
    if own.shape[1] != len(classes):
        raise ModelError(f"{model} has {own.shape[1]} outputs where its classes are {', '.join(classes)}")
    probabilities = np.zeros((len(faces), STATE_COUNT), np.float32)
    probabilities[:, [LABEL_INDEX[name] for name in classes]] = own
    return JudgedModel(sha256_of(model.read_bytes()), probabilities)
