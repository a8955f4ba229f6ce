"""Classification figures: pure functions of labels and predictions.

`labels` are (N,) class indices, `predicted` too; `probabilities` are (N, C) float32 rows that sum to 1.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.types import SCORED_STATES, Float32Array, MaskState

ECE_BINS = 15

MASKED = SCORED_STATES.index(MaskState.MASKED)
UNMASKED = SCORED_STATES.index(MaskState.UNMASKED)


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Faces of similar confidence: how many, their mean confidence, and the share that is right, both in [0, 1]."""

    faces: int
    confidence: float
    accuracy: float


def confusion(labels: NDArray[np.integer], predicted: NDArray[np.integer], class_count: int) -> NDArray[np.int64]:
    """Return the (C, C) counts: rows are true classes, columns predicted ones."""
    flat = np.bincount(labels.astype(np.int64) * class_count + predicted, minlength=class_count**2)
    return flat.reshape(class_count, class_count)


def precision_recall(matrix: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (..., C) precision and recall of (..., C, C) confusions; 0 where nothing was predicted or present."""
    hits = np.diagonal(matrix, axis1=-2, axis2=-1).astype(np.float64)
    precision = hits / np.maximum(matrix.sum(axis=-2), 1)
    recall = hits / np.maximum(matrix.sum(axis=-1), 1)
    return precision, recall


def macro_f1(labels: NDArray[np.integer], predicted: NDArray[np.integer], class_count: int) -> float:
    """Return the mean F1 over the classes that occur in `labels` or `predicted`."""
    return float(macro_f1_of(confusion(labels, predicted, class_count)))


def macro_f1_of(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the (...) mean F1 of (..., C, C) confusions, over the classes that are true or predicted at least once."""
    precision, recall = precision_recall(matrix)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    occurs = occurring(matrix)
    return np.asarray((f1 * occurs).sum(axis=-1) / occurs.sum(axis=-1))


def accuracy_of(matrix: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the (...) share of right answers in (..., C, C) confusions."""
    return np.asarray(np.trace(matrix, axis1=-2, axis2=-1) / matrix.sum(axis=(-2, -1)))


def occurring(matrix: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the (..., C) mask of the classes that are true or predicted at least once."""
    return np.asarray((matrix.sum(axis=-2) + matrix.sum(axis=-1)) > 0)


def two_class_hits(labels: NDArray[np.integer], probabilities: Float32Array) -> tuple[NDArray[np.bool_], ...]:
    """Return two (N,) masks: the faces labelled masked or unmasked, and those of them that are told apart rightly.

    The answer is the likelier of `masked` and `unmasked`; what a model gives `incorrect` is left aside, and so are
    faces of that label. So a model of three classes is compared with models that know two.
    """
    is_masked = labels == MASKED
    is_judged = is_masked | (labels == UNMASKED)
    says_masked = probabilities[:, MASKED] > probabilities[:, UNMASKED]
    return is_judged, is_judged & (says_masked == is_masked)


def masked_against_rest(labels: NDArray[np.integer], predicted: NDArray[np.integer]) -> float:
    """Return the share of all faces where "masked, rightly worn" was told from everything else by the argmax."""
    return float(((labels == MASKED) == (predicted == MASKED)).mean())


def brier_score(labels: NDArray[np.integer], probabilities: Float32Array) -> float:
    """Return the mean squared distance of the probabilities from the truth, in [0, 2].

    Summed over all classes, as in Brier, Verification of Forecasts Expressed in Terms of Probability, 1950.
    """
    truth = np.eye(probabilities.shape[1])[labels]
    return float(np.square(probabilities - truth).sum(axis=1).mean())


def confidence_bins(labels: NDArray[np.integer], probabilities: Float32Array, bins: int) -> list[ConfidenceBin]:
    """Return at most `bins` bins of equal mass, from the least sure answers to the surest.

    Answers of one confidence share a bin, so that the order of the faces does not matter.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(confidence, kind="stable")
    ranked, right = confidence[order], (probabilities.argmax(axis=1) == labels)[order]
    even = np.arange(1, bins) * len(ranked) // bins
    cuts = np.unique(np.searchsorted(ranked, ranked[even]))
    parts = zip(np.split(ranked, cuts), np.split(right, cuts), strict=True)
    return [ConfidenceBin(len(part), float(part.mean()), float(hits.mean())) for part, hits in parts if len(part)]


def expected_calibration_error(labels: NDArray[np.integer], probabilities: Float32Array, bins: int = ECE_BINS) -> float:
    """Return the expected gap between confidence and accuracy over bins of equal mass, in [0, 1].

    The largest probability against whether it is right, as in Naeini et al., Obtaining Well Calibrated Probabilities
    Using Bayesian Binning, 2015; equal mass rather than equal width: Nixon et al., Measuring Calibration in Deep
    Learning, 2019.
    """
    found = confidence_bins(labels, probabilities, bins)
    return sum(part.faces * abs(part.accuracy - part.confidence) for part in found) / len(labels)


def negative_log_likelihood(labels: NDArray[np.integer], logits: NDArray[np.floating], temperature: float) -> float:
    """Return the mean cross-entropy of (N, C) `logits` divided by `temperature`."""
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    chosen = scaled[np.arange(len(labels)), labels]
    return float((np.log(np.exp(scaled).sum(axis=1)) - chosen).mean())
