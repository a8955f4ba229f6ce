"""What a network's last layer gives, and the probabilities that it means."""

from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]  # ships no types

from exporters.keras_options import OutputKind
from pipeline.errors import ConfigError, ModelError
from pipeline.types import Float32Array
from training.crops import softmax

BY_ACTIVATION: dict[str, OutputKind] = {"softmax": "softmax", "sigmoid": "sigmoid", "linear": "logits"}


def output_kind(model: Any, asked: OutputKind | None, class_count: int) -> OutputKind:
    """Return what `model` gives: what was `asked`, or what its last layer says.

    Raises ModelError where the outputs are not one for each class, or one for two; ConfigError where nobody says.
    """
    units = int(model.outputs[0].shape[-1] or 0)
    if len(model.outputs) != 1 or len(model.outputs[0].shape) != 2:
        shapes = ", ".join(str(tuple(output.shape)) for output in model.outputs)
        raise ModelError(f"a classifier gives one table (N, classes), {model.name} gives {shapes}")
    if units != class_count and (units, class_count) != (1, 2):
        raise ModelError(f"{model.name} has {units} outputs where --classes names {class_count} classes")
    kind = asked or BY_ACTIVATION.get(_last_activation(model))
    if kind is None or (kind == "softmax") > (units > 1) or (kind == "sigmoid") > (units == 1):
        raise ConfigError(
            f"{model.name} ends in {_last_activation(model)} with {units} units, which are no probabilities of "
            f"{class_count} classes: give --output, one of softmax, logits, or with one unit sigmoid"
        )
    return kind


def probabilities_in_graph(values: Any, kind: OutputKind) -> Any:
    """Return the (N, C) tensor of probabilities of a network's (N, C) or (N, 1) `values`: TensorFlow's operators.

    One unit is the probability, or the logit, of the second of two classes.
    """
    if values.shape[-1] == 1:
        second = tf.sigmoid(values) if kind == "logits" else values
        return tf.concat([1 - second, second], axis=1)
    return tf.nn.softmax(values) if kind == "logits" else values


def probabilities_of_values(values: Float32Array, kind: OutputKind) -> Float32Array:
    """Return what `probabilities_in_graph` does, computed by NumPy: the export is checked against it."""
    if values.shape[1] == 1:
        second = 1 / (1 + np.exp(-values)) if kind == "logits" else values
        return np.concatenate([1 - second, second], axis=1)
    return softmax(values) if kind == "logits" else values


def _last_activation(model: Any) -> str:
    layer = model
    while getattr(layer, "layers", None):
        layer = layer.layers[-1]
    if isinstance(layer, keras.layers.Softmax):
        return "softmax"
    return str(getattr(getattr(layer, "activation", None), "__name__", f"the layer {layer.name}"))
