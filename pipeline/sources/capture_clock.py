"""When a picture was taken, by this machine's clock: from the stream's own clock, so that a backlog shows as age."""

from dataclasses import dataclass

MAX_DRIFT = 1e-3
"""Seconds a second by which a camera's clock may lag behind ours.

Crystals differ by 1e-4, NTP slews by 5e-4, and encoders that count frames of 25.02 a second as 25 are 1e-3 off. A
backlog that lasts a minute is told too small by 0.06 s at most.
"""

FUTURE_S = 1.0
"""By how much the way to here may turn out shorter from one picture to the next; beyond it the stamps have jumped."""


@dataclass(slots=True)
class CaptureClock:
    """Maps the timestamps of one connection to this machine's clock.

    The picture that travelled fastest sets the map: the running minimum of arrival minus timestamp. Since a slow camera
    clock raises that difference for ever, the minimum gives way by `MAX_DRIFT`; a fast one lowers it by itself. What
    all pictures have in common, the shortest way from lens to here, can't be told by this and counts as none.
    """

    _offset_s: float | None = None
    _last_stamp_s: float = 0.0

    def place(self, stamp_s: float | None, arrived_s: float) -> tuple[float, bool]:
        """Return when the picture was taken, `arrived_s` at the latest, and whether the stamps began to count anew.

        They did where one does not rise, or lies over `FUTURE_S` ahead of the clock. A picture without a stamp was
        taken when it arrived.
        """
        if stamp_s is None:
            return arrived_s, False
        step_s, self._last_stamp_s = stamp_s - self._last_stamp_s, stamp_s
        newest_s, known_s = arrived_s - stamp_s, self._offset_s
        if known_s is None:
            self._offset_s = newest_s
            return arrived_s, False
        if step_s <= 0 or newest_s < known_s - FUTURE_S:
            self._offset_s = newest_s
            return arrived_s, True
        self._offset_s = min(known_s + MAX_DRIFT * step_s, newest_s)
        return stamp_s + self._offset_s, False
