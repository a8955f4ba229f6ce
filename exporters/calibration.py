"""The ranges that tensors of a network take, channel by channel, over crops."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray
from onnx import TensorProto, helper

from pipeline.types import Float32Array, UInt8Array

Vector = NDArray[np.float64]

CALIBRATION_BATCH = 8


@dataclass(frozen=True, slots=True, eq=False)
class ChannelRange:
    """The lowest and the highest value of each channel, (C,) each."""

    low: Vector
    high: Vector

    @classmethod
    def of(cls, values: Float32Array) -> "ChannelRange":
        """Return the range of an (N, C, H, W) tensor."""
        return cls(values.min(axis=(0, 2, 3)).astype(np.float64), values.max(axis=(0, 2, 3)).astype(np.float64))

    def __or__(self, other: "ChannelRange") -> "ChannelRange":
        """Return the range that holds both."""
        return ChannelRange(np.minimum(self.low, other.low), np.maximum(self.high, other.high))


def channel_ranges(model: onnx.ModelProto, names: Collection[str], crops: UInt8Array) -> Mapping[str, ChannelRange]:
    """Return by name the ranges of these (N, C, H, W) float tensors of `model` over (N, S, S, 3) uint8 crops."""
    watched = onnx.ModelProto()
    watched.CopyFrom(model)
    del watched.graph.output[:]
    watched.graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    found: dict[str, ChannelRange] = {}
    for batch in batches(crops):
        for name, values in zip(names, session.run(None, {model.graph.input[0].name: batch}), strict=True):
            seen = ChannelRange.of(values)
            found[name] = found[name] | seen if name in found else seen
    return found


def batches(crops: UInt8Array) -> Iterator[UInt8Array]:
    """Yield the crops `CALIBRATION_BATCH` at a time."""
    for first in range(0, len(crops), CALIBRATION_BATCH):
        yield crops[first : first + CALIBRATION_BATCH]
