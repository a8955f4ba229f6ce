"""How long to wait before a camera is tried again."""

import random
from collections.abc import Callable
from dataclasses import dataclass

SHORTEST_S = 0.5
LONGEST_S = 30.0
GROWTH = 1.5
"""From wait to wait: below 5 s for the first 10 s of an outage, the longest after a minute and a half."""


@dataclass(slots=True)
class Backoff:
    """Exponential waits, each shortened at random by up to a half so that cameras of one switch don't return as one.

    `uniform` gives a number in [0, 1).
    """

    shortest_s: float = SHORTEST_S
    longest_s: float = LONGEST_S
    uniform: Callable[[], float] = random.random
    _bound_s: float = 0.0

    def __post_init__(self) -> None:
        self.reset()

    def next_s(self) -> float:
        """Return the next wait in seconds, and let the one after it grow."""
        wait_s = self._shortened(self._bound_s)
        self._bound_s = min(self._bound_s * GROWTH, self.longest_s)
        return wait_s

    def longest(self) -> float:
        """Return a wait of the longest kind: for what only a person can mend."""
        self._bound_s = self.longest_s
        return self.longest_s

    def reset(self) -> None:
        """Begin with the shortest wait again: the camera has proved that it is there."""
        self._bound_s = self.shortest_s

    def _shortened(self, bound_s: float) -> float:
        return max(self.shortest_s, bound_s * (1 - self.uniform() / 2))
