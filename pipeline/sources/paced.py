"""Gives the pictures of a stream that comes in lumps by the clock."""

import time
from collections.abc import Callable

from pipeline.sources.connection import Connection, Reading
from pipeline.sources.interrupt import Interrupt

MOST_AHEAD_S = 2.0
"""Nobody is waited for longer than that: the timestamps have jumped."""

RAN_DRY_S = 0.1
"""A read that took that long found nothing left."""


class Paced:
    """A `Connection` over another one, each picture of which comes when its timestamp says, counted from the first.

    So a live HLS stream plays steadily, behind by what its server keeps in store: its segments' pictures all at once
    would be too many to use and too late to show. Where the store runs dry, the count begins anew.
    """

    def __init__(
        self, inner: Connection, interrupt: Interrupt, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._inner = inner
        self._interrupt = interrupt
        self._monotonic_s = monotonic_s
        self._offset_s: float | None = None

    @property
    def frames_per_s(self) -> float:
        return self._inner.frames_per_s

    def read(self, *, keys_only: bool = False) -> Reading:
        reading = self._inner.read(keys_only=keys_only)
        stamps_s = [picture.stamp_s for picture in reading.pictures if picture.stamp_s is not None]
        if not stamps_s:
            return reading
        wait_s = self._wait_s(stamps_s[0], reading.waited_s)
        if self._interrupt.wait(wait_s):
            return Reading()
        return Reading(reading.pictures, reading.waited_s + wait_s, reading.skipped)

    def close(self) -> None:
        self._inner.close()

    def _wait_s(self, stamp_s: float, waited_s: float) -> float:
        now_s = self._monotonic_s()
        if self._offset_s is not None:
            ahead_s = stamp_s + self._offset_s - now_s
            ran_dry = ahead_s < 0 and waited_s >= RAN_DRY_S
            if not ran_dry and ahead_s <= MOST_AHEAD_S:
                return max(0.0, ahead_s)
        self._offset_s = now_s - stamp_s
        return 0.0
