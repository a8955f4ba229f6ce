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
