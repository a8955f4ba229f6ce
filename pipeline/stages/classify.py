"""The body of the shared `classify` thread: crops of all lanes in, scores out."""

from collections.abc import Sequence

import numpy as np

from pipeline.ports import MaskClassifier
from pipeline.types import Scores, UInt8Array


def score_crops(classifier: MaskClassifier, crops: Sequence[UInt8Array]) -> list[Scores]:
    """Return the scores of each (S, S, 3) uint8 RGB crop, in order."""
    rows = classifier.classify(np.stack(crops))
    return [Scores.from_array(row) for row in rows]
