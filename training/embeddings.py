"""What a trained network makes of the faces before its head, kept in the run's folder: it costs minutes."""

import hashlib
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.model_card import sha256_of
from pipeline.types import Float32Array, UInt8Array
from pipeline.vision.crop import PREPROCESSING_VERSION
from training.augment import augmented_crop
from training.config import Recipe
from training.crops import serving_crops
from training.faces import LabelledFace
from training.model import embedding_model, predict
from training.run_folder import BEST, EMBEDDINGS

CHUNK_FACES = 512
"""Faces whose crops are in memory at a time."""


@dataclass(frozen=True, slots=True)
class EmbeddedFaces:
    """Faces as embeddings (N, D), with (N,) labels and (N,) groups."""

    embeddings: Float32Array = field(repr=False)
    labels: NDArray[np.int64]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Splits:
    """The faces that heads are fitted on, and those that judge them."""

    train: Sequence[LabelledFace]
    val: Sequence[LabelledFace]


def embedded(run: Path, model: Any, splits: Splits, recipe: Recipe) -> tuple[EmbeddedFaces, EmbeddedFaces]:
    """Return `balance.views` augmented looks at each training face, and the serving crops of the validation faces.

    `model` is the run's best one. What an earlier call kept is taken where model, recipe and faces are the same.
    """
    key = _key(run, splits, recipe)
    train, val = _kept(run / EMBEDDINGS, key) or _computed(model, splits, recipe)
    np.savez(run / EMBEDDINGS, key=key, train=train, val=val)
    views = recipe.balance.views
    return _with_labels(train, list(splits.train) * views), _with_labels(val, splits.val)


def augmented_look(faces: Sequence[LabelledFace], recipe: Recipe, view: int) -> Iterator[UInt8Array]:
    """Yield (n, S, S, 3) uint8 for up to `CHUNK_FACES` faces at a time: one look at each, another for each `view`."""
    rng = np.random.default_rng((recipe.seed, recipe.epochs, view))
    for chunk in _chunks(faces):
        yield np.stack([augmented_crop(face, recipe.final_size_px, recipe.augmentation, rng) for face in chunk])


def _computed(model: Any, splits: Splits, recipe: Recipe) -> tuple[Float32Array, Float32Array]:
    embed = embedding_model(model)

    def of(crops: Iterator[UInt8Array]) -> list[Float32Array]:
        return [predict(embed, chunk, recipe.batch_size) for chunk in crops]

    train = [chunk for view in range(recipe.balance.views) for chunk in of(augmented_look(splits.train, recipe, view))]
    val = of(serving_crops(chunk, recipe.final_size_px) for chunk in _chunks(splits.val))
    return np.concatenate(train), np.concatenate(val)


def _chunks(faces: Sequence[LabelledFace]) -> Iterator[Sequence[LabelledFace]]:
    for first in range(0, len(faces), CHUNK_FACES):
        yield faces[first : first + CHUNK_FACES]


def _with_labels(embeddings: Float32Array, faces: Sequence[LabelledFace]) -> EmbeddedFaces:
    labels = np.array([face.label for face in faces], np.int64)
    return EmbeddedFaces(embeddings, labels, tuple(face.group for face in faces))


def _key(run: Path, splits: Splits, recipe: Recipe) -> str:
    """Return the hash of all that the embeddings follow from, but for the faces' pixels."""
    parts = [sha256_of((run / BEST).read_bytes()), str(PREPROCESSING_VERSION), recipe.model_dump_json()]
    names = (face.name for part in (splits.train, splits.val) for face in part)
    return hashlib.sha256("\n".join([*parts, *names]).encode()).hexdigest()


def _kept(path: Path, key: str) -> tuple[Float32Array, Float32Array] | None:
    try:
        # NumPy leaves a file open that it opened itself and could not read.
        with path.open("rb") as file, np.load(file) as kept:
            return (kept["train"], kept["val"]) if str(kept["key"]) == key else None
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None
