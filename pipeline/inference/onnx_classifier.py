"""Scores face crops with a model of the project on ONNX Runtime."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # ships no types

from pipeline.errors import ModelError
from pipeline.inference.model_files import CPU_PREFERENCE, GPU_PREFERENCE, LoadedModel, default_model, load_model
from pipeline.inference.providers import (
    CPU_PROVIDER,
    GPU_MEMORY,
    GPU_PROVIDERS,
    PROVIDER_BY_DEVICE,
    candidates,
    open_session,
)
from pipeline.inference.session_runs import GPU_BATCH_SIZE, FixedShapeRuns, SessionRuns, ThreadedRuns
from pipeline.model_card import ModelCard, Precision
from pipeline.types import SCORE_SUM_TOLERANCE, STATE_COUNT, Float32Array, UInt8Array


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
    """The port `MaskClassifier` over one session of ONNX Runtime; on a CPU, crops are shared out among threads."""

    def __init__(self, model: LoadedModel, session: onnxruntime.InferenceSession, threads: int = 1) -> None:
        _check_signature(model, session)
        _check_stamp(model, session)
        self._model = model
        self._session = session
        self._runs = _runs(session, model.card.precision, threads)

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
        """Run once: a GPU has but one shape of batches, for which it chooses its kernels here."""
        self.classify(np.zeros((1, self.input_size_px, self.input_size_px, 3), np.uint8))

    def classify(self, crops: UInt8Array) -> Float32Array:
        size = self.input_size_px
        if crops.dtype != np.uint8 or crops.ndim != 4 or crops.shape[1:] != (size, size, 3):
            raise ValueError(f"crops are (N, {size}, {size}, 3) uint8, got {crops.shape} {crops.dtype}")
        scores = np.zeros((len(crops), STATE_COUNT), np.float32)
        if len(crops):
            scores[:, self.card.columns] = self._probabilities(crops)
        return scores

    def close(self) -> None:
        """End the threads; nothing is classified after it."""
        self._runs.close()

    def _probabilities(self, crops: UInt8Array) -> Float32Array:
        try:
            probabilities = self._runs.scores(crops)
        except Exception as error:  # the runtime's errors share no base class of their own
            raise ModelError(f"{self._model.path} failed on {self.provider}: {error}") from error
        expected = (len(crops), len(self.card.classes))
        if probabilities.shape != expected:
            raise ModelError(f"{self._model.path} gave {probabilities.shape} scores where {expected} were due")
        # Written so that a NaN fails too.
        if not (probabilities.min() >= 0 and np.abs(probabilities.sum(axis=1) - 1).max() <= SCORE_SUM_TOLERANCE):
            raise ModelError(
                f"{self._model.path} does not give probabilities: its scores must lie in [0, 1] and sum to 1"
            )
        return probabilities


def _runs(session: onnxruntime.InferenceSession, precision: Precision, threads: int) -> SessionRuns:
    provider = session.get_providers()[0]
    if provider in GPU_PROVIDERS:
        return FixedShapeRuns(session, GPU_BATCH_SIZE, GPU_MEMORY)
    return ThreadedRuns(session, precision, threads if provider == CPU_PROVIDER else 1)


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
