"""How crops are put through a session of ONNX Runtime: shared out among threads, or in batches of one fixed shape."""

from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types

from pipeline.model_card import Precision
from pipeline.types import Float32Array, UInt8Array

GPU_BATCH_SIZE = 32
"""Rows of every run on a GPU."""

FLOAT_BATCH_SIZE = 1
"""In floats on a CPU a crop in a batch costs little less than alone, and its scores would depend on its neighbours."""

INTEGER_BATCH_SIZE = 16
"""On bytes they don't depend on them to the bit, and 16 DenseNet201 crops of 96 px cost 2.4 ms each, one 4.4 ms."""


class SessionRuns(Protocol):
    """Runs one session. Used by one thread."""

    def scores(self, crops: UInt8Array) -> Float32Array:
        """Return the (N, C) float32 output for (N, S, S, 3) uint8 crops, of which there is at least one."""
        ...

    def close(self) -> None:
        """End what it holds; nothing is run after it."""
        ...


class ThreadedRuns:
    """Runs on a CPU: each thread takes a part of the crops.

    DenseNet201 has 400 small operators: threads that share each of them wait more than they work, so that a run has one
    thread.
    """

    def __init__(self, session: onnxruntime.InferenceSession, precision: Precision, threads: int) -> None:
        self._session = session
        self._input_name = session.get_inputs()[0].name
        self._precision = precision
        self._thread_count = threads
        self._threads = ThreadPoolExecutor(threads, "classify")

    def scores(self, crops: UInt8Array) -> Float32Array:
        rows = rows_of_a_run(len(crops), self._precision, self._thread_count)
        if len(crops) <= rows:
            return self._run(crops)
        batches = [crops[first : first + rows] for first in range(0, len(crops), rows)]
        return np.concatenate(list(self._threads.map(self._run, batches)))

    def close(self) -> None:
        self._threads.shutdown()

    def _run(self, batch: UInt8Array) -> Float32Array:
        return np.asarray(self._session.run(None, {self._input_name: batch})[0])


def rows_of_a_run(crops: int, precision: Precision, threads: int) -> int:
    """Return how many of so many crops one run on a CPU takes: each thread gets as many as the others."""
    share = -(-crops // threads)
    return min(max(1, share), INTEGER_BATCH_SIZE if precision == "int8" else FLOAT_BATCH_SIZE)


class FixedShapeRuns:
    """Runs on a GPU: batches of one shape, the last filled up with black, over buffers that are made once.

    For each new shape cuDNN and TensorRT choose kernels anew, and other kernels round otherwise: with more shapes than
    one a crop's scores would hang on how many came with it. A batch takes about as long as a crop alone, since the 400
    operators are small.
    """

    def __init__(self, session: onnxruntime.InferenceSession, rows: int, memory: str) -> None:
        """Make the buffers in `memory`, by ONNX Runtime's name of the device: "cuda", or "cpu"."""
        pixels, scores = session.get_inputs()[0], session.get_outputs()[0]
        self._staged = np.zeros((rows, *pixels.shape[1:]), np.uint8)
        value = onnxruntime.OrtValue
        self._input = value.ortvalue_from_shape_and_type(self._staged.shape, np.uint8, memory, 0)
        self._output = value.ortvalue_from_shape_and_type((rows, *scores.shape[1:]), np.float32, memory, 0)
        self._session = session
        self._binding = session.io_binding()
        self._binding.bind_ortvalue_input(pixels.name, self._input)
        self._binding.bind_ortvalue_output(scores.name, self._output)

    def scores(self, crops: UInt8Array) -> Float32Array:
        rows = len(self._staged)
        return np.concatenate([self._run(crops[first : first + rows]) for first in range(0, len(crops), rows)])

    def close(self) -> None:
        """The buffers go with the object."""

    def _run(self, batch: UInt8Array) -> Float32Array:
        self._staged[: len(batch)] = batch
        self._staged[len(batch) :] = 0
        self._input.update_inplace(self._staged)
        self._session.run_with_iobinding(self._binding)
        return np.array(self._output.numpy()[: len(batch)])
