"""Classification figures: pure functions of labels and predictions."""

import numpy as np
from numpy.typing import NDArray


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
    occurs = (matrix.sum(axis=0) + matrix.sum(axis=1)) > 0
    return float(f1[occurs].mean())
