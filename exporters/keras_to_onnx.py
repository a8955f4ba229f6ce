"""Turns a Keras classifier of the project into an ONNX model that takes bytes and gives probabilities."""

import logging
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import onnx
import tensorflow as tf  # type: ignore[import-untyped]  # ships no types
import tf2onnx  # type: ignore[import-untyped]  # ships no types

from exporters.graph_passes import rename_ends, restore_batch_normalization
from pipeline.errors import ModelError

OPSET = 17
"""Old enough for every ONNX Runtime since 1.12, new enough for per-channel quantisation."""

INPUT_NAME = "pixels"
OUTPUT_NAME = "probabilities"


def convert(model: Any, size_px: int) -> onnx.ModelProto:
    """Return `model` as ONNX: (N, S, S, 3) uint8 RGB `pixels` in, (N, C) float32 `probabilities` out.

    `model` gives logits; the softmax joins the graph. Raises ModelError where Keras runs on another backend.
    """
    if keras.backend.backend() != "tensorflow":
        raise ModelError(f"tf2onnx exports from the tensorflow backend of Keras, got {keras.backend.backend()}")
    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    pixels = tf.TensorSpec((None, size_px, size_px, 3), tf.uint8, name=INPUT_NAME)
    classify = tf.function(lambda crops: tf.nn.softmax(model(crops, training=False)), input_signature=[pixels])
    converted, _ = tf2onnx.convert.from_function(classify, input_signature=[pixels], opset=OPSET)
    result = restore_batch_normalization(rename_ends(converted, INPUT_NAME, OUTPUT_NAME))
    onnx.checker.check_model(result, full_check=True)
    return result
