"""Turns a Keras classifier into an ONNX model that takes bytes and gives probabilities."""

import logging
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import onnx
import tensorflow as tf  # type: ignore[import-untyped]  # ships no types
import tf2onnx  # type: ignore[import-untyped]  # ships no types

from exporters.convolution_passes import pool_before_convolution
from exporters.graph_passes import rename_ends, restore_batch_normalization
from exporters.input_passes import fold_into_first_convolution, take_bytes
from exporters.keras_source import KerasSource
from exporters.network_output import probabilities_in_graph
from pipeline.errors import ModelError

OPSET = 17
"""Old enough for every ONNX Runtime since 1.12, new enough for per-channel quantisation."""

INPUT_NAME = "pixels"
OUTPUT_NAME = "probabilities"


def convert(source: KerasSource) -> onnx.ModelProto:
    """Return the model as ONNX: (N, S, S, 3) uint8 RGB `pixels` in, (N, C) float32 `probabilities` out.

    Scale, order of channels and softmax are part of the graph. Raises ModelError where tf2onnx can't write the model.
    """
    if keras.backend.backend() != "tensorflow":
        raise ModelError(f"tf2onnx exports from the tensorflow backend of Keras, got {keras.backend.backend()}")
    renamed = rename_ends(converted(source), INPUT_NAME, OUTPUT_NAME)
    with_bytes = renamed if source.takes_bytes else take_bytes(renamed, source.pixels)
    result = pool_before_convolution(fold_into_first_convolution(restore_batch_normalization(with_bytes)))
    onnx.checker.check_model(result, full_check=True)
    return result


def converted(source: KerasSource) -> onnx.ModelProto:
    """Return the model as tf2onnx writes it, for pixels on the scale of the source; raises what `convert` does."""
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    dtype = tf.uint8 if source.takes_bytes else tf.float32
    pixels = tf.TensorSpec((None, source.size_px, source.size_px, 3), dtype, name=INPUT_NAME)

    def classify(crops: Any) -> Any:
        return probabilities_in_graph(source.model(crops, training=False), source.output)

    try:
        function = tf.function(classify, input_signature=[pixels])
        converted: onnx.ModelProto = tf2onnx.convert.from_function(function, input_signature=[pixels], opset=OPSET)[0]
    except Exception as error:  # tf2onnx and TensorFlow raise whatever their parsers and shapes come upon
        reason = (str(error).strip().splitlines() or [type(error).__name__])[-1].strip()
        raise ModelError(f"{source.path} cannot be written as ONNX at {source.size_px} px: {reason}") from error
    return converted
