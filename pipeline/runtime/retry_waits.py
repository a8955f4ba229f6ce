"""How long to wait before the next attempt."""

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryWaits:
    """Waits that double from `first_s` to `longest_s`, each between half and all of itself.

    The spread keeps many senders, held up by one outage, from all coming back at once ("equal jitter").
    """

    first_s: float = 1.0
    longest_s: float = 60.0
    random: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if not 0 < self.first_s <= self.longest_s:
            raise ValueError(f"waits grow from more than 0 s, got {self.first_s} to {self.longest_s}")

    def wait_s(self, failures: int) -> float:
        """Return the wait after so many failures in a row (1 or more)."""
        doublings = min(failures - 1, 32)  # a float has room for more, and no wait needs them
        whole_s = min(self.longest_s, self.first_s * 2.0**doublings)
        return whole_s * (0.5 + 0.5 * self.random())
