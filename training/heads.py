"""Small heads on frozen embeddings: softmax regression by minibatches, with weighted classes or the focal loss."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipeline.types import Float32Array

LEARNING_RATE = 1e-3
ADAM_MOMENTS = (0.9, 0.999)
ADAM_EPSILON = 1e-8
INITIAL_DEVIATION = 0.01


@dataclass(frozen=True, slots=True)
class Head:
    """The last layer of a classifier: `kernel` (D, C), `bias` (C,)."""

    kernel: Float32Array = field(repr=False)
    bias: Float32Array = field(repr=False)

    def predicted(self, embeddings: Float32Array) -> NDArray[np.int64]:
        """Return the (N,) likeliest classes of (N, D) embeddings."""
        return np.asarray((embeddings @ self.kernel + self.bias).argmax(axis=1), np.int64)


@dataclass(frozen=True, slots=True)
class Objective:
    """What a head minimises: the mean of `class_weights[y] * -(1 - p_y) ** focal_gamma * log p_y`, and the penalty.

    The focal factor is that of Lin et al., Focal Loss for Dense Object Detection, 2017, over a softmax; with 0 it is
    cross-entropy. The penalty is `l2 / 2` times the squared kernel. `class_weights` is (C,), with mean 1 over a batch.
    """

    class_weights: Float32Array
    focal_gamma: float = 0.0
    l2: float = 1e-3


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a head is fitted, the same for all: minibatches and their size."""

    steps: int = 2000
    batch_size: int = 256


@dataclass(frozen=True, slots=True)
class Standardisation:
    """Scales (N, D) embeddings to mean 0 and variance 1: those of a trained network differ a hundredfold."""

    mean: Float32Array
    scale: Float32Array

    @classmethod
    def of(cls, embeddings: Float32Array) -> "Standardisation":
        return cls(embeddings.mean(axis=0), embeddings.std(axis=0) + np.float32(1e-6))

    def applied(self, embeddings: Float32Array) -> Float32Array:
        return np.asarray((embeddings - self.mean) / self.scale, np.float32)

    def folded_into(self, head: Head) -> Head:
        """Return the head that says of raw embeddings what `head` says of scaled ones."""
        kernel = head.kernel / self.scale[:, None]
        return Head(kernel, head.bias - self.mean @ kernel)


def inverse_frequencies(labels: NDArray[np.integer], class_count: int) -> Float32Array:
    """Return the (C,) weights that make each class weigh the same in all; their mean over the samples is 1."""
    counts = np.bincount(labels, minlength=class_count)
    occurring = np.count_nonzero(counts)
    return np.asarray(len(labels) / (occurring * np.maximum(counts, 1)), np.float32)


def fit_head(
    embeddings: Float32Array, labels: NDArray[np.integer], objective: Objective, budget: Budget, seed: int
) -> Head:
    """Return a head for (N, D) scaled embeddings and (N,) labels; `seed` draws its first weights and its batches.

    Adam (Kingma and Ba, 2015) with a cosine from `LEARNING_RATE` to 0.
    """
    rng = np.random.default_rng(seed)
    class_count = len(objective.class_weights)
    weights = rng.normal(0, INITIAL_DEVIATION, (embeddings.shape[1] + 1, class_count)).astype(np.float32)
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, budget.steps + 1):
        batch = rng.integers(0, len(labels), budget.batch_size)
        gradient = head_gradient(weights, embeddings[batch], labels[batch], objective)
        mean += (1 - ADAM_MOMENTS[0]) * (gradient - mean)
        square += (1 - ADAM_MOMENTS[1]) * (gradient**2 - square)
        rate = LEARNING_RATE * (1 + math.cos(math.pi * step / budget.steps)) / 2
        first, second = (1 - moment**step for moment in ADAM_MOMENTS)
        weights -= rate * (mean / first) / (np.sqrt(square / second) + ADAM_EPSILON)
    return Head(weights[:-1], weights[-1])


def head_gradient(
    weights: Float32Array, embeddings: Float32Array, labels: NDArray[np.integer], objective: Objective
) -> Float32Array:
    """Return the gradient of the objective at (D + 1, C) weights, the bias in the last row."""
    logits = embeddings @ weights[:-1] + weights[-1]
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = odds / odds.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    by_logit = probabilities.copy()
    by_logit[rows, labels] -= 1
    factor = focal_factor(probabilities[rows, labels], objective.focal_gamma) * objective.class_weights[labels]
    by_logit *= (factor / len(labels))[:, None]
    return np.vstack([embeddings.T @ by_logit + objective.l2 * weights[:-1], by_logit.sum(axis=0)])


def focal_factor(chosen: Float32Array, gamma: float) -> Float32Array:
    """Return by what the focal loss multiplies the gradient of cross-entropy: (N,), of the true class's probability."""
    # Neither end of [0, 1] has a logarithm or a power below 0; the product's limit there is 0.
    chosen = chosen.clip(1e-6, 1 - 1e-6)
    doubt = 1 - chosen
    return np.asarray(doubt**gamma - gamma * chosen * doubt ** (gamma - 1) * np.log(chosen), np.float32)
