"""Ways to make up for a rare class: what each makes of the samples, and of what a head minimises over them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from imblearn.over_sampling import SMOTE  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from pipeline.errors import ConfigError
from pipeline.types import Float32Array
from training.config import Recipe
from training.heads import Objective, inverse_frequencies

NOTHING = "nothing"
FOCAL_GAMMA = 2.0
"""The value that Lin et al., 2017, found best."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Scaled embeddings (N, D) with (N,) labels."""

    embeddings: Float32Array = field(repr=False)
    labels: NDArray[np.int64] = field(repr=False)


Remedy = Callable[[Sample, Recipe, int], tuple[Sample, Objective]]


def nothing(sample: Sample, recipe: Recipe, _seed: int) -> tuple[Sample, Objective]:
    """Return the sample as it is, for plain cross-entropy."""
    return sample, _plain(recipe)


def class_weights(sample: Sample, recipe: Recipe, _seed: int) -> tuple[Sample, Objective]:
    """Return the sample as it is, every class weighing the same in all."""
    weights = inverse_frequencies(sample.labels, len(recipe.classes))
    return sample, Objective(weights, l2=recipe.balance.l2)


def focal_loss(sample: Sample, recipe: Recipe, _seed: int) -> tuple[Sample, Objective]:
    """Return the sample as it is, for the focal loss."""
    return sample, _plain(recipe, FOCAL_GAMMA)


def smote(sample: Sample, recipe: Recipe, seed: int) -> tuple[Sample, Objective]:
    """Return the sample with every class as large as the largest, the given rows first.

    Chawla et al., SMOTE: Synthetic Minority Over-sampling Technique, 2002. Raises ConfigError where a class has no more
    rows than the neighbours that are drawn between.
    """
    sampler = SMOTE(k_neighbors=recipe.balance.neighbors, random_state=seed)
    try:
        embeddings, labels = sampler.fit_resample(sample.embeddings, sample.labels)
    except ValueError as error:
        raise ConfigError(f"SMOTE cannot balance these faces: {error}") from error
    return Sample(np.asarray(embeddings, np.float32), np.asarray(labels, np.int64)), _plain(recipe)


def _plain(recipe: Recipe, focal_gamma: float = 0.0) -> Objective:
    return Objective(np.ones(len(recipe.classes), np.float32), focal_gamma, recipe.balance.l2)


REMEDIES: dict[str, Remedy] = {
    NOTHING: nothing,
    "class weights": class_weights,
    "focal loss": focal_loss,
    "SMOTE": smote,
}
"""What each makes of a sample, a recipe and the seed of a head."""
