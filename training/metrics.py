"""Classification figures: pure functions of labels and predictions."""

import numpy as np
from numpy.typing import NDArray

from pipeline.types import Float32Array

ECE_BINS = 15


def confusion(labels: NDArray[np.integer], predicted: NDArray[np.integer], class_count: int) -> NDArray[np.int64]:
    """Return the (C, C) counts: rows are true classes, columns predicted ones."""
    flat = np.bincount(labels.astype(np.int64) * class_count + predicted, minlength=class_count**2)
    return flat.reshape(class_count, class_count)


def precision_recall(matrix: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the (C,) precision and recall of a confusion matrix; 0 where nothing was predicted or present."""
    hits = np.diag(matrix).astype(np.float64)
    precision = hits / np.maximum(matrix.sum(axis=0), 1)
    recall = hits / np.maximum(matrix.sum(axis=1), 1)
    return precision, recall


def macro_f1(labels: NDArray[np.integer], predicted: NDArray[np.integer], class_count: int) -> float:
    """Return the mean F1 over the classes that occur in `labels` or `predicted`."""
    matrix = confusion(labels, predicted, class_count)
    precision, recall = precision_recall(matrix)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    return float(f1[occurring(matrix)].mean())


def occurring(matrix: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the (C,) mask of the classes that are true or predicted at least once."""
    return np.asarray((matrix.sum(axis=0) + matrix.sum(axis=1)) > 0)


def expected_calibration_error(labels: NDArray[np.integer], probabilities: Float32Array, bins: int = ECE_BINS) -> float:
    """Return the expected gap between confidence and accuracy over bins of equal mass, in [0, 1].

    `probabilities` is (N, C). Equal mass rather than equal width: Nixon et al., Measuring Calibration in Deep
    Learning, 2019.
    """
    confidence = probabilities.max(axis=1)
    gap = (probabilities.argmax(axis=1) == labels) - confidence
    parts = np.array_split(gap[np.argsort(confidence, kind="stable")], min(bins, len(gap)))
    return float(sum(abs(part.sum()) for part in parts) / len(gap))


def negative_log_likelihood(labels: NDArray[np.integer], logits: NDArray[np.floating], temperature: float) -> float:
    """Return the mean cross-entropy of (N, C) `logits` divided by `temperature`."""
    scaled = logits.astype(np.float64) / temperature
    scaled -= scaled.max(axis=1, keepdims=True)
    chosen = scaled[np.arange(len(labels)), labels]
    return float((np.log(np.exp(scaled).sum(axis=1)) - chosen).mean())


def risk_threshold(labels: NDArray[np.integer], probabilities: Float32Array, risk: float) -> tuple[float, float]:
    """Return the smallest confidence above which at most `risk` of the answers are wrong, and the share answered.

    Selective classification by the largest probability (Geifman and El-Yaniv, 2017). (1, 0) where no threshold does.
    """
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    wrong = (probabilities.argmax(axis=1) != labels)[order]
    answered = np.arange(1, len(order) + 1)
    # Faces of one confidence are answered together.
    is_last_of_tie = np.append(np.diff(confidence[order]) != 0, True)
    allowed = np.flatnonzero((np.cumsum(wrong) / answered <= risk) & is_last_of_tie)
    if not len(allowed):
        return 1.0, 0.0
    last = int(allowed[-1])
    return float(confidence[order[last]]), (last + 1) / len(order)
