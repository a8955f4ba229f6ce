"""Ends FFmpeg's waits for the network from another thread.

PyAV 18.1 offers no way to do so: a wait ends when its timeout is over, and a camera that accepts and never answers
held `close` up for the whole of it (measured: 10 s, and twice that where the probing waits as well). But every tenth
of a second of a wait PyAV asks `time.monotonic` whether the timeout is over. This module puts itself in the place of
that one module global of PyAV: who reads on behalf of an interrupted source is told that a day has gone by. The wait
then ends within 0.1 s, as if timed out, for every protocol; everybody else gets the clock as it is.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from av.container import core

_A_DAY_S = 86_400.0

_served = threading.local()


class Interrupt:
    """A flag that ends the waits of the threads that are `serving` it; once set it stays."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._days = itertools.count(1)

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, duration_s: float) -> bool:
        """Wait for so long, or until the flag is set; return whether it is."""
        return self._event.wait(duration_s)

    @contextmanager
    def serving(self, clock_s: Callable[[], float] = time.monotonic) -> Iterator[None]:
        """Let the flag end what FFmpeg, given a timeout, waits for on this thread while the context lasts.

        The timeout itself goes by `clock_s`.
        """
        _served.clock_s = partial(self.monotonic, clock_s)
        try:
            yield
        finally:
            _served.clock_s = None

    def monotonic(self, clock_s: Callable[[], float] = time.monotonic) -> float:
        """Return the time; once set, a day later at each call, so that a wait that only begins ends as well."""
        return clock_s() + (next(self._days) * _A_DAY_S if self.is_set() else 0.0)


class _Clock:
    """What PyAV takes for the module `time`."""

    @staticmethod
    def monotonic() -> float:
        clock_s: Callable[[], float] | None = getattr(_served, "clock_s", None)
        return time.monotonic() if clock_s is None else clock_s()

    def __getattr__(self, name: str) -> object:
        return getattr(time, name)


vars(core)["time"] = _Clock()
