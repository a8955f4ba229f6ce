"""MobileNetV2 as an ONNX graph, from the weights of whoever trained it: all three published peers are one.

Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, 2018. Normalisations are folded into the
convolutions and dense layers before them or after them, which changes results by rounding alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from pipeline.errors import ModelError
from pipeline.types import Float32Array

OPSET = 17
IR_VERSION = 8
STRIDES = (1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1)
"""The stride of each inverted residual block."""

CONVOLUTIONS = 2 + 3 * len(STRIDES) - 1
"""The first, the last, and three a block, but for the first block, which does not widen."""

ARRAYS_PER_CONVOLUTION = 5
"""Kernel, and scale, shift, mean and variance of the normalisation."""

BACKBONE_ARRAYS = CONVOLUTIONS * ARRAYS_PER_CONVOLUTION


class Pooling(Enum):
    """What lies between the last convolution's maps and the first dense layer."""

    AVERAGE = "average"
    MAXIMUM_AND_AVERAGE = "maximum and average"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Affine:
    """Weights of a convolution (O, I, H, W) or of a dense layer (O, I), and its bias (O,)."""

    weights: Float32Array = field(repr=False)
    bias: Float32Array = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pixels:
    """What the network makes of a byte before its first layer: `(byte - mean) / deviation`, by channel of RGB."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class MobileNet:
    """A trained MobileNetV2 with a head of dense layers, ReLU between them.

    `pads_evenly`: PyTorch pads a convolution of stride 2 by one pixel all around, Keras at the right and bottom only.
    """

    convolutions: tuple[Affine, ...]
    dense: tuple[Affine, ...]
    pooling: Pooling
    pixels: Pixels
    pads_evenly: bool


def folded_convolutions(arrays: Sequence[NDArray[Any]], epsilon: float) -> tuple[Affine, ...]:
    """Return the convolutions of a backbone with their normalisations folded in.

    `arrays` are those of the network from the first layer on, five a convolution: kernel (O, I, H, W), scale, shift,
    mean and variance (O,). Raises ModelError where there are more or fewer than a MobileNetV2 has.
    """
    if len(arrays) != BACKBONE_ARRAYS:
        raise ModelError(
            f"a MobileNetV2 has {CONVOLUTIONS} convolutions of {ARRAYS_PER_CONVOLUTION} arrays each, got {len(arrays)}"
        )
    parts = [arrays[i : i + ARRAYS_PER_CONVOLUTION] for i in range(0, len(arrays), ARRAYS_PER_CONVOLUTION)]
    return tuple(_folded(part[0], *normalisation(part[1:], epsilon)) for part in parts)


def normalisation(arrays: Sequence[NDArray[Any]], epsilon: float) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a batch normalisation as factor and offset, both (C,): of its scale, shift, mean and variance."""
    scale, shift, mean, variance = (array.astype(np.float64) for array in arrays)
    factor = scale / np.sqrt(variance + epsilon)
    return factor, shift - mean * factor


def _folded(kernel: NDArray[Any], factor: NDArray[Any], offset: NDArray[Any]) -> Affine:
    return Affine((kernel * factor[:, None, None, None]).astype(np.float32), offset.astype(np.float32))


def dense_after(factor: NDArray[Any], offset: NDArray[Any], weights: NDArray[Any], bias: NDArray[Any]) -> Affine:
    """Return the dense layer (O, I) and (O,) with the normalisation of its input, factor and offset (I,), folded in."""
    return Affine((weights * factor).astype(np.float32), (bias + weights @ offset).astype(np.float32))


def graph_of(network: MobileNet, size_px: int) -> onnx.ModelProto:
    """Return the network as ONNX: input (N, S, S, 3) uint8 RGB, output (N, C) float32 probabilities."""
    builder = _Builder(network.pads_evenly)
    maps = builder.backbone(builder.pixels(network.pixels), network.convolutions)
    scores = builder.dense(builder.pooled(maps, network.pooling), network.dense)
    builder.add("Softmax", [scores], "probabilities", axis=1)
    graph = helper.make_graph(
        builder.nodes,
        "mobilenet_v2",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", size_px, size_px, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", len(network.dense[-1].bias)])],
        builder.constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


class _Builder:
    """Collects nodes and constants; every method returns the name of its output."""

    def __init__(self, pads_evenly: bool) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._pads_evenly = pads_evenly

    def add(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        name = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def constant(self, values: object) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def pixels(self, pixels: Pixels) -> str:
        values = self.add("Cast", ["pixels"], to=TensorProto.FLOAT)
        centred = self.add("Sub", [values, self.constant(pixels.mean)])
        scaled = self.add("Div", [centred, self.constant(pixels.deviation)])
        return self.add("Transpose", [scaled], perm=[0, 3, 1, 2])

    def backbone(self, maps: str, convolutions: Sequence[Affine]) -> str:
        remaining = iter(convolutions)
        maps = self._relu6(self._convolution(maps, next(remaining), stride=2))
        channels = 0
        for index, stride in enumerate(STRIDES):
            wide = maps if index == 0 else self._relu6(self._convolution(maps, next(remaining)))
            filtered = self._relu6(self._convolution(wide, next(remaining), stride))
            narrow = next(remaining)
            out = self._convolution(filtered, narrow)
            is_residual = stride == 1 and len(narrow.bias) == channels
            maps = self.add("Add", [maps, out]) if is_residual else out
            channels = len(narrow.bias)
        return self._relu6(self._convolution(maps, next(remaining)))

    def pooled(self, maps: str, pooling: Pooling) -> str:
        if pooling is Pooling.AVERAGE:
            maps = self.add("GlobalAveragePool", [maps])
        elif pooling is Pooling.MAXIMUM_AND_AVERAGE:
            both = [self.add("GlobalMaxPool", [maps]), self.add("GlobalAveragePool", [maps])]
            maps = self.add("Concat", both, axis=1)
        return self.add("Flatten", [maps])

    def dense(self, values: str, layers: Sequence[Affine]) -> str:
        for index, layer in enumerate(layers):
            inputs = [self.add("Relu", [values]) if index else values, *map(self.constant, (layer.weights, layer.bias))]
            values = self.add("Gemm", inputs, transB=1)
        return values

    def _convolution(self, maps: str, layer: Affine, stride: int = 1) -> str:
        side = layer.weights.shape[2]
        before = after = side // 2
        if stride == 2 and not self._pads_evenly:
            before = 0
        is_depthwise = side > 1 and layer.weights.shape[1] == 1
        return self.add(
            "Conv",
            [maps, self.constant(layer.weights), self.constant(layer.bias)],
            kernel_shape=[side, side],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=len(layer.bias) if is_depthwise else 1,
        )

    def _relu6(self, maps: str) -> str:
        return self.add("Clip", [maps, self.constant(0), self.constant(6)])
