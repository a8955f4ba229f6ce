"""Refits the head on embeddings that SMOTE balanced; the better head on the validation split stays."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from imblearn.over_sampling import SMOTE  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types

from pipeline.errors import ConfigError
from pipeline.types import Float32Array
from training.augment import augmented_crop
from training.config import Recipe
from training.crops import serving_crops
from training.faces import LabelledFace, load_faces
from training.metrics import confusion, macro_f1, precision_recall
from training.model import embedding_model, head_layer, load_model, predict
from training.run_folder import BALANCE, BALANCED, BEST, read_recipe, write_record

MAX_ITERATIONS = 500


class HeadFigures(BaseModel):
    """How one head does on the validation split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    macro_f1: float
    recall: dict[str, float]


class Balance(BaseModel):
    """What `balance` compared, and which head it kept: `trained` or `smote`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kept: str
    trained: HeadFigures
    smote: HeadFigures
    embeddings: dict[str, int]
    balanced: dict[str, int]


def balance(run: Path, data: Path) -> Balance:
    """Refit the head of the run's best model and write `balanced.keras`, with the better of the two heads.

    SMOTE (Chawla et al., 2002) sees the training split alone; the validation split chooses.
    """
    recipe = read_recipe(run)
    if not recipe.smote.enabled:
        raise ConfigError(f"the recipe in {run} has smote.enabled: false; go on with `training calibrate`")
    model = load_model(run / BEST)
    embed = embedding_model(model)
    embeddings, labels = training_embeddings(
        embed, load_faces(data, ["train"], recipe.class_aliases, recipe.classes), recipe
    )
    balanced, balanced_labels = oversample(embeddings, labels, recipe)
    smote_head = fit_head(balanced, balanced_labels, recipe.smote.l2)
    heads = {"trained": head_layer(model).get_weights(), "smote": smote_head}
    figures = judge_heads(heads, embed, load_faces(data, ["val"], recipe.class_aliases, recipe.classes), recipe)
    kept = max(heads, key=lambda name: figures[name].macro_f1)
    head_layer(model).set_weights(heads[kept])
    model.save(run / BALANCED)
    found = Balance(
        kept=kept,
        trained=figures["trained"],
        smote=figures["smote"],
        embeddings=_counts(labels, recipe.classes),
        balanced=_counts(balanced_labels, recipe.classes),
    )
    write_record(found, run / BALANCE)
    return found


def training_embeddings(
    embed: Any, faces: Sequence[LabelledFace], recipe: Recipe
) -> tuple[Float32Array, NDArray[np.int64]]:
    """Return the (V * N, D) embeddings and (V * N,) labels of `smote.views` augmented looks at each of N faces."""
    views = range(recipe.smote.views)
    embeddings = [predict(embed, augmented_look(faces, recipe, view), recipe.batch_size) for view in views]
    return np.concatenate(embeddings), np.tile([face.label for face in faces], len(views))


def augmented_look(faces: Sequence[LabelledFace], recipe: Recipe, view: int) -> NDArray[np.uint8]:
    """Return (N, S, S, 3) uint8: one augmented look at each face, another for each `view`."""
    rng = np.random.default_rng((recipe.seed, recipe.epochs, view))
    return np.stack([augmented_crop(face, recipe.final_size_px, recipe.augmentation, rng) for face in faces])


def oversample(
    embeddings: Float32Array, labels: NDArray[np.int64], recipe: Recipe
) -> tuple[Float32Array, NDArray[np.int64]]:
    """Return (M, D) embeddings and (M,) labels with every class as large as the largest; the first N are the given."""
    smote = SMOTE(k_neighbors=recipe.smote.neighbors, random_state=recipe.seed)
    try:
        balanced, balanced_labels = smote.fit_resample(embeddings, labels)
    except ValueError as error:
        raise ConfigError(f"SMOTE cannot balance these faces: {error}") from error
    return np.asarray(balanced, np.float32), np.asarray(balanced_labels, np.int64)


def fit_head(embeddings: Float32Array, labels: NDArray[np.int64], l2: float) -> list[Float32Array]:
    """Return the kernel (D, C) and bias (C,) of a multinomial logistic regression with penalty `l2` a sample.

    The penalty acts on embeddings scaled to unit variance, as those of a trained network differ a hundredfold.
    """
    mean, scale = embeddings.mean(axis=0), embeddings.std(axis=0) + 1e-6
    inverse_penalty = 1 / max(l2 * len(labels), 1e-12)
    regression = LogisticRegression(C=inverse_penalty, max_iter=MAX_ITERATIONS).fit((embeddings - mean) / scale, labels)
    coefficients, intercept = regression.coef_, regression.intercept_
    if len(coefficients) == 1:  # two classes: the logit of the second against the first
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        intercept = np.concatenate([-intercept / 2, intercept / 2])
    kernel = (coefficients / scale).T
    return [kernel.astype(np.float32), (intercept - mean @ kernel).astype(np.float32)]


def judge_heads(
    heads: Mapping[str, list[Float32Array]], embed: Any, faces: Sequence[LabelledFace], recipe: Recipe
) -> dict[str, HeadFigures]:
    """Return the figures of each head (kernel, bias) on the serving crops of `faces`."""
    embeddings = predict(embed, serving_crops(faces, recipe.final_size_px), recipe.batch_size)
    labels = np.array([face.label for face in faces])
    predictions = {name: (embeddings @ kernel + bias).argmax(axis=1) for name, (kernel, bias) in heads.items()}
    return {name: _head_figures(labels, predicted, recipe.classes) for name, predicted in predictions.items()}


def _head_figures(labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: Sequence[str]) -> HeadFigures:
    _, recall = precision_recall(confusion(labels, predicted, len(classes)))
    return HeadFigures(
        macro_f1=round(macro_f1(labels, predicted, len(classes)), 5),
        recall={name: round(float(value), 5) for name, value in zip(classes, recall, strict=True)},
    )


def _counts(labels: NDArray[np.int64], classes: Sequence[str]) -> dict[str, int]:
    return dict(zip(classes, np.bincount(labels, minlength=len(classes)).tolist(), strict=True))
