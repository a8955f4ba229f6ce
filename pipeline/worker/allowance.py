"""So many of something a second, for what a crowd would otherwise flood its reader with."""

import time
from collections.abc import Callable


class Allowance:
    """A token bucket that holds one second's worth. Used by one thread; `now_s` is monotonic, in seconds."""

    def __init__(self, per_s: float, now_s: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._now_s = now_s
        self._left = per_s
        self._looked_s = now_s()

    def take(self) -> bool:
        """Take one, and return whether it was there."""
        now_s = self._now_s()
        self._left = min(self._per_s, self._left + (now_s - self._looked_s) * self._per_s)
        self._looked_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
