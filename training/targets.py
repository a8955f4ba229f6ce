"""What the network is taught of a crop: its label, smoothed, and a teacher's answer to the same crop."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from pipeline.errors import ModelError
from pipeline.types import Float32Array, UInt8Array
from training.config import Distillation
from training.crops import softmax
from training.model import load_model

Answer: TypeAlias = Callable[[UInt8Array], Float32Array]
"""From (B, S, S, 3) uint8 crops to (B, C) probabilities."""


class Teacher:
    """A trained model that sees each crop as its student does.

    Beyer et al., Knowledge Distillation: A Good Teacher is Patient and Consistent, 2022.
    """

    def __init__(self, settings: Distillation, classes: Sequence[str]) -> None:
        """Load the teacher; raise ModelError where it has another number of classes than its student."""
        model = load_model(settings.teacher)
        if model.output_shape[-1] != len(classes):
            raise ModelError(
                f"the teacher {settings.teacher} has {model.output_shape[-1]} outputs where its student has "
                f"{len(classes)} classes: {', '.join(classes)}"
            )
        self._temperature = np.float32(settings.temperature)
        # Traced once a size: Model.predict builds its loop anew on each thread of the loader.
        self._logits = tf.function(lambda crops: model(crops, training=False))

    def probabilities(self, crops: UInt8Array) -> Float32Array:
        """Return (B, C) probabilities, softened by the temperature, of (B, S, S, 3) uint8 crops."""
        logits: Any = self._logits(tf.constant(crops))
        return softmax(np.asarray(logits, np.float32) / self._temperature)


def smoothed(labels: NDArray[np.integer], class_count: int, smoothing: float) -> Float32Array:
    """Return (B, C) targets of (B,) labels with label smoothing (Szegedy et al., Rethinking Inception, 2016)."""
    hard = np.eye(class_count, dtype=np.float32)[labels]
    return np.asarray(hard * (1 - smoothing) + smoothing / class_count, np.float32)
