"""A clock by which FFmpeg gives up a read only while nothing comes, and so seldom in the middle of a packet.

Over TCP a packet that is given up half-way costs more than itself: FFmpeg then looks for the next one within what is
left, takes some byte for its beginning, and passes over up to 64 KB. Measured with pictures once a second whose packets
came in two halves, 0.05 s apart: five of six streams were lost within 30 s.
"""

import time
from collections.abc import Callable

SILENT_SLICE_S = 0.08
"""FFmpeg asks for the time every tenth of a second while it waits, and at once when something has come."""

LONGEST_SLICE_S = 0.15
"""Who asks later than that was held up by this machine: what was to be read may have come long ago."""

LONGEST_READ_S = 2.0
"""What comes may make no picture: after so long the read is over whatever comes."""


class SilenceClock:
    """Passes only in silence, and never runs backwards, of which PyAV would make an error. Used by one thread."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._began_s = self._asked_s = monotonic_s()
        self._silent_s = 0.0

    def __call__(self) -> float:
        """Return the time of the beginning, later by how long it has been silent since, all silences together."""
        now_s = self._monotonic_s()
        since_asked_s, self._asked_s = now_s - self._asked_s, now_s
        if now_s - self._began_s >= LONGEST_READ_S:
            return now_s
        if SILENT_SLICE_S <= since_asked_s <= LONGEST_SLICE_S:
            self._silent_s += since_asked_s
        return self._began_s + self._silent_s
