"""The classifier of the workers, asked by way of the parent."""

import queue
from collections.abc import Callable, Sequence

import numpy as np

from pipeline.examiner.messages import Score, Scored
from pipeline.model_card import ModelCard
from pipeline.types import STATE_COUNT, Float32Array, UInt8Array
from pipeline.upload_errors import UploadBusyError

CROPS_AT_ONCE = 8
"""Half of what the workers classify in one run, whatever cameras ask for meanwhile."""


class RemoteClassifier:
    """The port `MaskClassifier`: one thread asks and waits, another one brings the answers."""

    provider = "the workers'"

    def __init__(self, card: ModelCard, ask: Callable[[Score], None]) -> None:
        self.card = card
        self._ask = ask
        self._answers: queue.SimpleQueue[Scored] = queue.SimpleQueue()

    @property
    def sha256(self) -> str:
        return self.card.sha256

    @property
    def input_size_px(self) -> int:
        return self.card.input_size_px

    def warm_up(self) -> None:
        """The workers' is warm."""

    def classify(self, crops: UInt8Array) -> Float32Array:
        """As the port says; raise UploadBusyError where no worker answers, and LinkLostError without the parent."""
        parts = [self._scores(crops[first : first + CROPS_AT_ONCE]) for first in range(0, len(crops), CROPS_AT_ONCE)]
        return np.concatenate([np.zeros((0, STATE_COUNT), np.float32), *parts])

    def answer(self, scored: Scored) -> None:
        """Take what the parent brings."""
        self._answers.put(scored)

    def close(self) -> None:
        """Nothing is held."""

    def _scores(self, crops: UInt8Array) -> Float32Array:
        self._ask(Score(crops.tobytes()))
        rows: Sequence[tuple[float, float, float]] = self._answers.get().rows
        if len(rows) != len(crops):
            raise UploadBusyError("the process that classifies faces was started anew; send it again")
        return np.asarray(rows, np.float32)
