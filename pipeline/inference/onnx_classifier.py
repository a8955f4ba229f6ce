"""Scores face crops with a model of the project on ONNX Runtime."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types

from pipeline.errors import ModelError
from pipeline.inference.model_files import CPU_PREFERENCE, GPU_PREFERENCE, LoadedModel, default_model, load_model
from pipeline.inference.providers import CPU_PROVIDER, GPU_PROVIDERS, PROVIDER_BY_DEVICE, candidates, open_session
from pipeline.model_card import ModelCard, Precision
from pipeline.types import SCORE_SUM_TOLERANCE, STATE_COUNT, Float32Array, UInt8Array

GPU_BATCH_SIZE = 32
"""Every run on a GPU has this many rows: kernels are chosen by shape, and other kernels round otherwise."""

FLOAT_BATCH_SIZE = 1
"""In floats on a CPU a crop in a batch costs little less than alone, and its scores would depend on its neighbours."""

INTEGER_BATCH_SIZE = 16
"""On bytes they don't depend on them to the bit, and 16 DenseNet201 crops of 96 px cost 2.4 ms each, one 4.4 ms."""


def open_classifier(model: Path | None = None, device: str = "auto", threads: int | None = None) -> "OnnxClassifier":
    """Return a classifier of the model at that path, or of the shipped one that suits the device.

    `device` is one of `providers.DEVICES`; `threads` bounds the threads on a CPU, None is one for each core that this
    process may use. Raises ModelError where the model, its card or the device is not usable.
    """
    if threads is not None and threads < 1:
        raise ModelError(f"an inference needs at least 1 thread, got {threads}")
    for name in candidates(device):
        loaded = load_model(model or default_model(_preference(name)))
        session = open_session(loaded, name, threads)
        if session is not None:
            return OnnxClassifier(loaded, session, threads or len(os.sched_getaffinity(0)))
    raise ModelError(f"device {device} does not answer: check its driver and libraries, or use --device auto")


def _preference(device: str) -> tuple[Precision, ...]:
    return GPU_PREFERENCE if PROVIDER_BY_DEVICE[device] in GPU_PROVIDERS else CPU_PREFERENCE


class OnnxClassifier:
    """The port `MaskClassifier` over one session of ONNX Runtime; on a CPU, crops are shared out among threads.

    DenseNet201 has 400 small operators: threads that share each of them wait more than they work, so that a run has one
    thread, and each thread a part of the crops.
    """

    def __init__(self, model: LoadedModel, session: onnxruntime.InferenceSession, threads: int = 1) -> None:
        _check_signature(model, session)
        _check_stamp(model, session)
        self._model = model
        self._session = session
        self._input_name = session.get_inputs()[0].name
        self._thread_count = threads if self.provider == CPU_PROVIDER else 1
        self._threads = ThreadPoolExecutor(self._thread_count, "classify")

    @property
    def card(self) -> ModelCard:
        return self._model.card

    @property
    def sha256(self) -> str:
        """The hash of the model's bytes, as checked against the card."""
        return self._model.card.sha256

    @property
    def provider(self) -> str:
        """The execution provider that runs the model, by ONNX Runtime's name."""
        return str(self._session.get_providers()[0])

    @property
    def input_size_px(self) -> int:
        return self.card.input_size_px

    def warm_up(self) -> None:
        self.classify(np.zeros((1, self.input_size_px, self.input_size_px, 3), np.uint8))

    def classify(self, crops: UInt8Array) -> Float32Array:
        size = self.input_size_px
        if crops.dtype != np.uint8 or crops.ndim != 4 or crops.shape[1:] != (size, size, 3):
            raise ValueError(f"crops are (N, {size}, {size}, 3) uint8, got {crops.shape} {crops.dtype}")
        scores = np.zeros((len(crops), STATE_COUNT), np.float32)
        rows = self._rows_at_once(len(crops))
        for index, probabilities in enumerate(self._threads.map(self._run, self._batches(crops, rows))):
            part = scores[index * rows : (index + 1) * rows]
            part[:, self.card.columns] = probabilities[: len(part)]
        return scores

    def close(self) -> None:
        """End the threads; nothing is classified after it."""
        self._threads.shutdown()

    def _rows_at_once(self, count: int) -> int:
        """Return how many of `count` crops one run takes: on a CPU, each thread gets as many as the others."""
        if self.provider in GPU_PROVIDERS:
            return GPU_BATCH_SIZE
        share = -(-count // self._thread_count)
        return min(max(1, share), INTEGER_BATCH_SIZE if self.card.precision == "int8" else FLOAT_BATCH_SIZE)

    def _batches(self, crops: UInt8Array, rows: int) -> Iterator[UInt8Array]:
        """Yield `rows` of `crops` at a time; on a GPU the last batch is filled up with black."""
        for first in range(0, len(crops), rows):
            batch = crops[first : first + rows]
            missing = rows - len(batch) if self.provider in GPU_PROVIDERS else 0
            yield np.pad(batch, ((0, missing), (0, 0), (0, 0), (0, 0))) if missing else batch

    def _run(self, batch: UInt8Array) -> Float32Array:
        try:
            probabilities = np.asarray(self._session.run(None, {self._input_name: batch})[0])
        except Exception as error:  # the runtime's errors share no base class of their own
            raise ModelError(f"{self._model.path} failed on {self.provider}: {error}") from error
        expected = (len(batch), len(self.card.classes))
        if probabilities.shape != expected:
            raise ModelError(f"{self._model.path} gave {probabilities.shape} scores where {expected} were due")
        # Written so that a NaN fails too.
        if not (probabilities.min() >= 0 and np.abs(probabilities.sum(axis=1) - 1).max() <= SCORE_SUM_TOLERANCE):
            raise ModelError(
                f"{self._model.path} does not give probabilities: its scores must lie in [0, 1] and sum to 1"
            )
        return probabilities


def _check_signature(model: LoadedModel, session: onnxruntime.InferenceSession) -> None:
    """Refuse a model whose one input or one output is not what its card says."""
    size, classes = model.card.input_size_px, len(model.card.classes)
    wanted = f"(N, {size}, {size}, 3) tensor(uint8) -> (N, {classes}) tensor(float)"
    inputs, outputs = session.get_inputs(), session.get_outputs()
    fits = (
        len(inputs) == len(outputs) == 1
        and (inputs[0].type, outputs[0].type) == ("tensor(uint8)", "tensor(float)")
        and list(inputs[0].shape[1:]) == [size, size, 3]
        and list(outputs[0].shape[1:]) == [classes]
    )
    if not fits:
        found = f"{_signature(inputs)} -> {_signature(outputs)}"
        raise ModelError(f"{model.path} has the wrong shape: its card says {wanted}, it is {found}")


def _signature(ends: Sequence[Any]) -> str:
    """Return the shapes and types of a session's inputs or outputs as a person writes them."""
    return ", ".join(f"({', '.join(map(str, end.shape))}) {end.type}" for end in ends)


def _check_stamp(model: LoadedModel, session: onnxruntime.InferenceSession) -> None:
    """Refuse a card that says something else than the exporter wrote into the model; older models say nothing."""
    written = session.get_modelmeta().custom_metadata_map
    for key, value in model.card.stamp.items():
        found = written.get(key, value)
        if found != value:
            raise ModelError(
                f"{model.path} was exported with {key.removeprefix('maskstream.')} {found}, its card says {value}: "
                "the card was changed, restore it or export the model again"
            )
