"""Made-up labels with the probabilities that some model might give them."""

import numpy as np
from numpy.typing import NDArray

from pipeline.types import Float32Array
from training.crops import softmax


def random_case(count: int = 200, seed: int = 5) -> tuple[NDArray[np.int64], Float32Array]:
    """Return (N,) labels and (N, 3) probabilities that are right more often than not, no two alike."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    logits = rng.normal(0, 1, (count, 3)).astype(np.float32)
    logits[np.arange(count), labels] += 1
    return labels, softmax(logits)
