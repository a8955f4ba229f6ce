"""When pictures come faster than they can be used: which ones to pass over until the newest is reached."""

from collections import deque

LATE_S = 1.0
"""So much older than usual, a picture is late while a newer one has arrived."""

FRESH_S = 0.2
"""Catching up ends here: just below `LATE_S` it would begin again with the next delay."""

DECODE_ALL_S = 1.0
"""Passing over decoded pictures that long did not help: from then on key frames alone are decoded."""

KEYS_ONLY_S = 10.0
"""A stream that sends no key frame for so long may have none: everything is decoded again."""

WAITS_REMEMBERED = 8


class Backlog:
    """Tells a connection's late pictures from those of a camera that is late itself.

    Where the read of a picture had to wait, there was none newer: however old it is, that is what the way from the
    camera takes, or what its clock says. Ages count from the lowest at the last few such reads. Who does not have to
    wait for pictures `LATE_S` older than that is behind, and passes them over until one is fresh or had to be waited
    for.
    """

    def __init__(self) -> None:
        self._usual_ages_s: deque[float] = deque(maxlen=WAITS_REMEMBERED)
        self._behind_since_s: float | None = None

    def is_late(self, age_s: float, now_s: float, *, was_waited_for: bool) -> bool:
        """Return whether to pass over the next picture, which is `age_s` old."""
        if was_waited_for:
            self._usual_ages_s.append(age_s)
            self._behind_since_s = None
            return False
        excess_s = age_s - min(self._usual_ages_s, default=0.0)
        if excess_s <= (LATE_S if self._behind_since_s is None else FRESH_S):
            self._behind_since_s = None
            return False
        if self._behind_since_s is None:
            self._behind_since_s = now_s
        return True

    def wants_keys_only(self, now_s: float) -> bool:
        """Return whether to decode key frames alone, which takes a fraction of the time."""
        if self._behind_since_s is None:
            return False
        return DECODE_ALL_S <= now_s - self._behind_since_s < DECODE_ALL_S + KEYS_ONLY_S
