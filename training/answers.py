"""What a model answers to labelled faces, on the crops that serving makes."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ConfigError, ModelError
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.model_card import sha256_of
from pipeline.types import STATE_COUNT, Float32Array
from training.backend import start_keras
from training.calibration import Calibration
from training.crops import serving_crops, softmax
from training.faces import LABEL_INDEX, STATES, LabelledFace
from training.run_folder import CALIBRATED, CALIBRATION, RECIPE, read_recipe, read_record

KERAS_SUFFIXES = frozenset({".keras", ".h5"})


@dataclass(frozen=True, slots=True)
class JudgedModel:
    """A model's answers to some faces: (N, 3) probabilities in `SCORED_STATES` order, 0 for classes it does not know.

    `unknown_below` is its own threshold, None where it was not calibrated; `input_size_px` is the side of its crops.
    """

    sha256: str
    probabilities: Float32Array
    classes: tuple[str, ...] = STATES
    unknown_below: float | None = None
    input_size_px: int = 0

    def knows(self, labels: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return the (N,) mask of the labels, in `SCORED_STATES` order, that are among its classes."""
        return np.isin(labels, [LABEL_INDEX[name] for name in self.classes])


@dataclass(frozen=True, slots=True)
class JudgedFaces:
    """N faces, their (N,) labels and a model's (N, 3) probabilities of them, both in `SCORED_STATES` order."""

    faces: Sequence[LabelledFace]
    labels: NDArray[np.integer]
    probabilities: Float32Array

    @property
    def predicted(self) -> NDArray[np.integer]:
        """The (N,) likeliest classes."""
        return np.asarray(self.probabilities.argmax(axis=1))

    @property
    def is_right(self) -> NDArray[np.bool_]:
        """The (N,) mask of right answers."""
        return np.asarray(self.predicted == self.labels)

    def where(self, chosen: NDArray[np.bool_]) -> "JudgedFaces":
        """Return those of an (N,) mask."""
        faces = [face for face, is_chosen in zip(self.faces, chosen, strict=True) if is_chosen]
        return JudgedFaces(faces, self.labels[chosen], self.probabilities[chosen])


def answer(model: Path, faces: Sequence[LabelledFace], size_px: int | None = None) -> JudgedModel:
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
        probabilities = classifier.classify(serving_crops(faces, classifier.input_size_px))
        card = classifier.card
        return JudgedModel(card.sha256, probabilities, card.classes, card.unknown_below, card.input_size_px)


def _answer_of_keras(model: Path, faces: Sequence[LabelledFace], size_px: int | None) -> JudgedModel:
    # Keras takes seconds to import, and an .onnx does without.
    start_keras()
    from training.model import load_model, predict

    has_recipe = (model.parent / RECIPE).exists()
    if size_px is None and not has_recipe:
        raise ConfigError(f"{model} has no {RECIPE} beside it that names its input size: give --size")
    recipe = read_recipe(model.parent) if has_recipe else None
    classes = recipe.classes if recipe else STATES
    size = size_px or (recipe.final_size_px if recipe else 0)
    own = softmax(predict(load_model(model), serving_crops(faces, size)))
    if own.shape[1] != len(classes):
        raise ModelError(f"{model} has {own.shape[1]} outputs where its classes are {', '.join(classes)}")
    probabilities = np.zeros((len(faces), STATE_COUNT), np.float32)
    probabilities[:, [LABEL_INDEX[name] for name in classes]] = own
    return JudgedModel(sha256_of(model.read_bytes()), probabilities, classes, _threshold_of(model), size)


def _threshold_of(model: Path) -> float | None:
    record = model.parent / CALIBRATION
    if model.name != CALIBRATED or not record.exists():
        return None
    return read_record(record, Calibration).unknown_below
