"""Starts Keras on whatever backend `KERAS_BACKEND` names, without the log lines of TensorFlow's start."""

from pipeline.inference.quiet import quiet_native_logs


def start_keras() -> None:
    """Import Keras and compute something, so that the lines of import and of the first operation come here."""
    with quiet_native_logs():
        import keras  # type: ignore[import-untyped]  # ships no types

        keras.ops.convert_to_numpy(keras.ops.zeros(1))
