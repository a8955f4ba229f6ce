"""Waits for the network that end: by a timeout, or by the interrupt of the source that waits."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pipeline.sources.interrupt import Interrupt

SLICE_S = 0.1
"""No wait lasts longer without a look at the interrupt."""

T = TypeVar("T")


@dataclass(slots=True)
class Patience:
    """How long one wait for the other side may take, and what ends it before. One thread uses it."""

    timeout_s: float
    interrupt: Interrupt

    def outlast(self, attempt: Callable[[], T]) -> T:
        """Return what `attempt` returns, made again whenever it raises TimeoutError, which it does after `SLICE_S`.

        Raise TimeoutError where the patience is at an end.
        """
        given_up_s = time.monotonic() + self.timeout_s
        while not self.interrupt.is_set():
            try:
                return attempt()
            except TimeoutError:
                if time.monotonic() >= given_up_s:
                    raise
        raise TimeoutError("interrupted")
