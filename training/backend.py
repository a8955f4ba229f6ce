"""Starts Keras on whatever backend `KERAS_BACKEND` names, without the log lines of TensorFlow's start."""

import os

from pipeline.inference.quiet import quiet_native_logs


def start_keras() -> None:
    """Import Keras and compute something, so that the lines of import and of the first operation come here.

    TensorFlow heeds its variable only once its log is set up: what comes before that is held back by descriptor.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with quiet_native_logs():
        import keras  # type: ignore[import-untyped]  # ships no types

        keras.ops.convert_to_numpy(keras.ops.zeros(1))
