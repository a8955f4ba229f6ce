"""The body of the shared `classify` thread: crops of all lanes in, scores out."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from pipeline.model_card import ModelCard
from pipeline.ports import MaskClassifier
from pipeline.types import Scores, UInt8Array


class CardedClassifier(MaskClassifier, Protocol):
    """A classifier that knows what its model promises."""

    @property
    def card(self) -> ModelCard: ...

    @property
    def sha256(self) -> str:
        """The hash of the model's bytes."""
        ...

    @property
    def provider(self) -> str:
        """What runs the model."""
        ...


def score_crops(classifier: MaskClassifier, crops: Sequence[UInt8Array]) -> list[Scores]:
    """Return the scores of each (S, S, 3) uint8 RGB crop, in order."""
    rows = classifier.classify(np.stack(crops))
    return [Scores.from_array(row) for row in rows]
