"""Compliance over the persons who left lately, in bounded memory."""

import math

from pipeline.types import MaskState
from pipeline.vision.tally import Tally

PARTS = 60
"""Into so many parts the window is divided: a month of a busy door costs no more than a minute of it."""


class ComplianceWindow:
    """Counts closed tracks by verdict over the last `window_s` seconds, exact to a 60th of it.

    The clock is the caller's: `now_s` is any time in seconds that never runs backwards. An infinite window forgets
    nobody.
    """

    def __init__(self, window_s: float) -> None:
        if not window_s > 0:
            raise ValueError(f"a compliance window lasts more than 0 s, got {window_s}")
        self._part_s = window_s / PARTS
        self._parts: dict[int, dict[MaskState, int]] = {}

    def add(self, state: MaskState, now_s: float) -> None:
        """Count a person who left at `now_s`."""
        counts = self._parts.setdefault(self._part(now_s), dict.fromkeys(MaskState, 0))
        counts[state] += 1
        self._forget(now_s)

    def tally(self, now_s: float) -> Tally:
        """Return the persons who left within the window that ends at `now_s`."""
        self._forget(now_s)
        sums = dict.fromkeys(MaskState, 0)
        for counts in self._parts.values():
            for state, count in counts.items():
                sums[state] += count
        return Tally(**{state.value: count for state, count in sums.items()})

    def _part(self, now_s: float) -> int:
        return math.floor(now_s / self._part_s)

    def _forget(self, now_s: float) -> None:
        oldest = self._part(now_s) - PARTS
        for part in [part for part in self._parts if part < oldest]:
            del self._parts[part]
