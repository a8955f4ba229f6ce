"""Made-up faces and labels with the probabilities that some model might give them."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.types import Box, Float32Array
from tests.faces import FACE_BOX, face_picture
from training.crops import softmax
from training.faces import STATES, LabelledFace


def random_case(count: int = 200, seed: int = 5) -> tuple[NDArray[np.int64], Float32Array]:
    """Return (N,) labels and (N, 3) probabilities that are right more often than not, no two alike."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    logits = rng.normal(0, 1, (count, 3)).astype(np.float32)
    logits[np.arange(count), labels] += 1
    return labels, softmax(logits)


def labelled_faces(labels: Iterable[int], notes: Sequence[str] = (), group_size: int = 1) -> list[LabelledFace]:
    """Return a made-up face for each label; `notes` go to the first of them, `group_size` share a photograph."""
    return [
        LabelledFace(
            name=f"face-{index}.png",
            picture=face_picture(STATES[label], seed=index),
            box=Box(*FACE_BOX),
            label=int(label),
            source=f"source-{index % 2}",
            group=f"photograph-{index // group_size}",
            note=notes[index] if index < len(notes) else "",
        )
        for index, label in enumerate(labels)
    ]
