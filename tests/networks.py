"""Networks small enough to train and export in a test."""

from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CHANNELS = 6


def tiny_backbone(include_top: bool, weights: str | None, input_shape: tuple[int | None, int | None, int]) -> Any:
    """Stand in for a backbone of `keras.applications`: two convolutions with a normalisation before the second."""
    assert not include_top
    pixels = keras.Input(input_shape)
    maps = keras.layers.Conv2D(CHANNELS, 3, strides=2, padding="same")(pixels)
    maps = keras.layers.ReLU()(keras.layers.BatchNormalization()(keras.layers.ReLU()(maps)))
    maps = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(maps)
    model = keras.Model(pixels, maps, name="tiny")
    if weights is not None:
        model.load_weights(weights)
    return model


def convolutional_graph(size_px: int = 16) -> onnx.ModelProto:
    """Return a graph as tf2onnx writes a pre-activation network: `Mul` and `Add` per channel before a convolution."""
    rng = np.random.default_rng(3)

    def constant(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(rng.normal(0, 0.5, shape).astype(np.float32), name)

    nodes = [
        helper.make_node("Cast", ["pixels"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["values", "per_level"], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "first"], ["maps"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Mul", ["scale", "maps"], ["stretched"]),
        helper.make_node("Add", ["stretched", "shift"], ["normal"]),
        helper.make_node("Relu", ["normal"], ["positive"]),
        helper.make_node("Conv", ["positive", "second"], ["more"], kernel_shape=[3, 3]),
        helper.make_node("GlobalAveragePool", ["more"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    constants = [
        numpy_helper.from_array(np.array(1 / 64, np.float32), "per_level"),
        constant("first", CHANNELS, 3, 3, 3),
        constant("scale", 1, CHANNELS, 1, 1),
        constant("shift", 1, CHANNELS, 1, 1),
        constant("second", 3, CHANNELS, 3, 3),
    ]
    graph = helper.make_graph(
        nodes,
        "convolutional",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", size_px, size_px, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 3])],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


class _Constants:
    """The constants of a graph, made as its nodes are; the same each time."""

    def __init__(self) -> None:
        self.made: list[onnx.TensorProto] = []
        self.rng = np.random.default_rng(5)

    def add(self, name: str, values: Any) -> str:
        self.made.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def convolution(self, given: str, made: str, shape: tuple[int, ...], **moves: Any) -> onnx.NodeProto:
        weights = self.add(f"{made}/w", self.rng.normal(0, 1 / np.sqrt(np.prod(shape[1:])), shape))
        inputs = [given, weights, self.add(f"{made}/b", self.rng.normal(0, 0.2, shape[0]))]
        return helper.make_node("Conv", inputs, [made], kernel_shape=shape[2:], **moves)

    def normalization(self, given: str, channels: int) -> list[onnx.NodeProto]:
        # Ranges far apart, as channels of a trained network have them.
        factors, shifts = self.rng.uniform(0.05, 5, channels), self.rng.normal(0, 0.5, channels)
        values = (factors, shifts, np.zeros(channels), np.ones(channels))
        names = [self.add(f"{given}/{part}", value) for part, value in zip("abmv", values, strict=True)]
        normal = helper.make_node("BatchNormalization", [given, *names], [f"{given}/normal"], epsilon=0.0)
        return [normal, helper.make_node("Relu", [f"{given}/normal"], [f"{given}/positive"])]


def dense_graph(size_px: int = 16) -> onnx.ModelProto:
    """Return a dense block as the exporters write it: normalisations `a x + b` with a > 0 ahead of its convolutions.

    A stem with padding and pooling, one layer that appends to its input, a transition that halves, and a head.
    """
    constants = _Constants()
    nodes = _dense_nodes(constants)
    border = numpy_helper.from_array(np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64), "border")
    graph = helper.make_graph(
        nodes,
        "dense",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", size_px, size_px, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 3])],
        [*constants.made, border],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _dense_nodes(constants: _Constants) -> list[onnx.NodeProto]:
    convolution, normalization = constants.convolution, constants.normalization
    return [
        helper.make_node("Cast", ["pixels"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["values", constants.add("per_level", 1 / 64)], ["scaled"]),
        helper.make_node("Transpose", ["scaled"], ["planes"], perm=[0, 3, 1, 2]),
        convolution("planes", "stem", (8, 3, 3, 3), pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["stem"], ["stem/positive"]),
        helper.make_node("Pad", ["stem/positive", "border"], ["padded"]),
        helper.make_node("MaxPool", ["padded"], ["pooled"], kernel_shape=[3, 3], strides=[2, 2]),
        *normalization("pooled", 8),
        convolution("pooled/positive", "narrow", (8, 8, 1, 1)),
        helper.make_node("Relu", ["narrow"], ["narrow/positive"]),
        convolution("narrow/positive", "new", (4, 8, 3, 3), pads=[1, 1, 1, 1]),
        helper.make_node("Concat", ["pooled", "new"], ["block"], axis=1),
        *normalization("block", 12),
        convolution("block/positive", "halved", (6, 12, 1, 1)),
        helper.make_node("AveragePool", ["halved"], ["small"], kernel_shape=[2, 2], strides=[2, 2]),
        *normalization("small", 6),
        helper.make_node("GlobalAveragePool", ["small/positive"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["embedding"]),
        helper.make_node(
            "MatMul", ["embedding", constants.add("head", constants.rng.normal(0, 0.3, (6, 3)))], ["logits"]
        ),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
