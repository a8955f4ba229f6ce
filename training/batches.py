"""Batches for the network, each a pure function of seed, epoch and index: a resumed run sees the same ones."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np
from numpy.typing import NDArray

from pipeline.types import Float32Array, UInt8Array
from training.augment import augmented_crop
from training.config import Recipe
from training.faces import LabelledFace
from training.mask_paste import MaskPaster
from training.targets import Answer, smoothed

LOADER_THREADS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """What an epoch draws from: N faces, (N,) how often each is drawn, (N,) the teacher's share in its target."""

    faces: Sequence[LabelledFace]
    weights: NDArray[np.float64]
    teacher_shares: Float32Array
    paster: MaskPaster


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
    """One epoch of augmented batches: x (B, S, S, 3) uint8, y (B, C) float32, what the network should answer."""

    def __init__(self, pool: Pool, recipe: Recipe, epoch: int, teacher: Answer | None = None) -> None:
        super().__init__(workers=LOADER_THREADS, use_multiprocessing=False, max_queue_size=4 * LOADER_THREADS)
        self._pool = pool
        self._recipe = recipe
        self._epoch = epoch
        self._teacher = teacher
        self._size_px = recipe.stage_of(epoch).size_px
        rng = np.random.default_rng((recipe.seed, epoch))
        draws = recipe.steps_per_epoch * recipe.batch_size
        # Systematic resampling: each face comes up floor or ceil of its expected number of times.
        positions = (np.arange(draws) + rng.random()) / draws
        picks = np.searchsorted(np.cumsum(pool.weights), positions).clip(0, len(pool.faces) - 1)
        self._order = rng.permutation(picks)

    def __len__(self) -> int:
        return self._recipe.steps_per_epoch

    def __getitem__(self, index: int) -> tuple[UInt8Array, Float32Array]:
        rng = np.random.default_rng((self._recipe.seed, self._epoch, index))
        size = self._recipe.batch_size
        picks = self._order[index * size : (index + 1) * size]
        shown = [self._pool.paster.drawn(self._pool.faces[pick], rng) for pick in picks]
        crops = np.stack([augmented_crop(face, self._size_px, self._recipe.augmentation, rng) for face in shown])
        smoothing = self._recipe.optimizer.label_smoothing
        targets = smoothed(np.array([face.label for face in shown]), len(self._recipe.classes), smoothing)
        if self._teacher is not None:
            share = self._pool.teacher_shares[picks, None]
            targets = (1 - share) * targets + share * self._teacher(crops)
        return crops, targets
