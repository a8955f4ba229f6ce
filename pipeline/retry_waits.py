"""How long to wait before the next attempt."""

import random
from collections.abc import Callable
from dataclasses import dataclass

MAX_EXPONENT = 500
"""A float has room for it with any growth up to 4, and no wait needs more."""


@dataclass(frozen=True, slots=True)
class RetryWaits:
    """Waits that grow from `first_s` to `longest_s`, `growth` times longer from one to the next.

    Each but the first is shortened at random by up to a half, so that those held up by one outage don't all come back
    at once. `random` gives a number in [0, 1).
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    growth: float = 2.0
    random: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if not 0 < self.first_s <= self.longest_s:
            raise ValueError(f"waits grow from more than 0 s, got {self.first_s} to {self.longest_s}")

    def wait_s(self, failures: int) -> float:
        """Return the wait after so many failures in a row (1 or more)."""
        whole_s = min(self.longest_s, self.first_s * self.growth ** min(failures - 1, MAX_EXPONENT))
        return max(self.first_s, whole_s * (1 - self.random() / 2))
