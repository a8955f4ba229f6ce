"""How the memory of this process goes while it works: a line through what it held second by second."""

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

EVERY_S = 1.0
WARM_UP = 0.1
"""Of the samples: heaps meet the worst that they are asked for."""

FEWEST = 120
"""Of fewer samples no slope is told."""


class MemoryLog:
    """Samples this process's memory on a thread of its own, as a context; read it after the end."""

    def __init__(self, every_s: float = EVERY_S) -> None:
        self._every_s = every_s
        self._held: list[tuple[float, float]] = []
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="memory-log")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._has_ended.set()
        self._thread.join()

    @property
    def mb_per_hour(self) -> tuple[float, float] | None:
        """The slope by least squares and its standard error; None where it worked too briefly to tell."""
        return slope(self._held)

    def _sample(self) -> None:
        while not self._has_ended.wait(self._every_s):
            self._held.append((time.monotonic() / 3600, held_bytes("VmRSS") / 1e6))


def slope(held: list[tuple[float, float]]) -> tuple[float, float] | None:
    """Return the slope of (hours, MB) after the warm-up, and its standard error; None where they are too few."""
    steady = held[int(WARM_UP * len(held)) :]
    if len(steady) < FEWEST:
        return None
    hours, memory_mb = np.array(steady).T
    (per_hour, _), covariance = np.polyfit(hours - hours[0], memory_mb, 1, cov=True)
    return float(per_hour), float(np.sqrt(covariance[0, 0]))


def held_bytes(entry: str) -> int:
    """Return an entry of this process's status in bytes: `VmRSS` is what it holds, `VmHWM` the most that it has held.

    `ru_maxrss` would count what the parent held when it started this process.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(f"{entry}:"))
