"""Batches for the network, each a pure function of seed, epoch and index: a resumed run sees the same ones."""

from collections import Counter
from collections.abc import Sequence

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np
from numpy.typing import NDArray

from pipeline.types import UInt8Array
from training.augment import augmented_crop
from training.config import Recipe
from training.faces import LabelledFace

LOADER_THREADS = 2


def drawing_weights(
    faces: Sequence[LabelledFace], face_weights: Sequence[float], class_shares: Sequence[float], source_exponent: float
) -> NDArray[np.float64]:
    """Return the (N,) probability of drawing each face.

    Classes by `class_shares`, sources inside a class by their count to the power of `source_exponent`: 1 draws every
    face of a class equally often, 0 every source.
    """
    counts: Counter[tuple[int, str]] = Counter((face.label, face.source) for face in faces)
    weights = np.array(
        [
            weight * counts[face.label, face.source] ** (source_exponent - 1)
            for face, weight in zip(faces, face_weights, strict=True)
        ]
    )
    labels = np.array([face.label for face in faces])
    for label, share in enumerate(class_shares):
        members = labels == label
        if members.any():
            weights[members] *= share / weights[members].sum()
    return np.asarray(weights / weights.sum())


class AugmentedBatches(keras.utils.PyDataset):  # type: ignore[misc]  # keras ships no types
    """One epoch of augmented batches: x (B, S, S, 3) uint8, y (B,) int64."""

    def __init__(self, faces: Sequence[LabelledFace], weights: NDArray[np.float64], recipe: Recipe, epoch: int) -> None:
        super().__init__(workers=LOADER_THREADS, use_multiprocessing=False, max_queue_size=4 * LOADER_THREADS)
        self._faces = faces
        self._recipe = recipe
        self._epoch = epoch
        self._size_px = recipe.stage_of(epoch).size_px
        rng = np.random.default_rng((recipe.seed, epoch))
        draws = recipe.steps_per_epoch * recipe.batch_size
        # Systematic resampling: each face comes up floor or ceil of its expected number of times.
        positions = (np.arange(draws) + rng.random()) / draws
        picks = np.searchsorted(np.cumsum(weights), positions).clip(0, len(faces) - 1)
        self._order = rng.permutation(picks)

    def __len__(self) -> int:
        return self._recipe.steps_per_epoch

    def __getitem__(self, index: int) -> tuple[UInt8Array, NDArray[np.int64]]:
        rng = np.random.default_rng((self._recipe.seed, self._epoch, index))
        size = self._recipe.batch_size
        chosen = [self._faces[i] for i in self._order[index * size : (index + 1) * size]]
        crops = [augmented_crop(face, self._size_px, self._recipe.augmentation, rng) for face in chosen]
        return np.stack(crops), np.array([face.label for face in chosen], np.int64)
