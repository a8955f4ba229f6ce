"""The thread that deletes old recordings, whether the camera gives pictures or not."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

from pipeline.errors import SinkError

logger = logging.getLogger(__name__)

SWEEP_EVERY_S = 60.0
"""The total size may be exceeded by what is recorded meanwhile: 60 MB at 8 Mbit/s."""


class Sweepable(Protocol):
    """What deletes the recordings beyond its limits."""

    def sweep(self) -> object:
        """Raise SinkError where something can't be deleted, once everything else is."""
        ...


class Sweeper:
    """Applies the retention of one stream at once and every `every_s`, until it is closed.

    The stream does not stop for what can't be deleted: it is told once an outage to the log, and each time to
    `on_failure`, which is called by the sweeper's thread.
    """

    def __init__(
        self, name: str, retention: Sweepable, on_failure: Callable[[], None], every_s: float = SWEEP_EVERY_S
    ) -> None:
        self._retention = retention
        self._on_failure = on_failure
        self._every_s = every_s
        self._is_failing = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"retention:{name}")

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End the thread, after the sweep under way; closing twice is allowed."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        self._sweep()
        while not self._closing.wait(self._every_s):
            self._sweep()

    def _sweep(self) -> None:
        try:
            self._retention.sweep()
        except SinkError as error:
            self._on_failure()
            if not self._is_failing:
                logger.warning("%s", error)
            self._is_failing = True
        else:
            self._is_failing = False
