"""Faces as serving meets them, and probabilities from what a network says: nothing here needs Keras."""

from collections.abc import Sequence

import numpy as np

from pipeline.types import Float32Array, UInt8Array
from pipeline.vision.crop import crop_face
from training.faces import LabelledFace


def serving_crops(faces: Sequence[LabelledFace], size_px: int) -> UInt8Array:
    """Return the (N, S, S, 3) uint8 crops that serving would make of `faces`."""
    return np.stack([crop_face(face.picture, face.box, size_px) for face in faces])


def softmax(logits: Float32Array) -> Float32Array:
    """Return the (N, C) probabilities of (N, C) logits."""
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), np.float32)
