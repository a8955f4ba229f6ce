"""When an output that fails is tried again, and what is worth telling about it."""


class Outage:
    """Spaces out the attempts on an output that refuses, and tells its end from a lucky attempt.

    The clock is the caller's: `now_s` never runs backwards. An outage is over once the output has worked for
    `retry_s` after an attempt.
    """

    def __init__(self, retry_s: float) -> None:
        self._retry_s = retry_s
        self._refused_s: float | None = None

    def may_try(self, now_s: float) -> bool:
        """Return whether the output works as far as is known, or has been left alone for long enough."""
        return self._refused_s is None or now_s - self._refused_s >= self._retry_s

    def refused(self, now_s: float) -> bool:
        """Take a refusal; return whether it is the first of an outage."""
        is_first = self._refused_s is None
        self._refused_s = now_s
        return is_first

    def worked(self, now_s: float) -> bool:
        """Take a success; return whether an outage is over with it."""
        if self._refused_s is None or now_s - self._refused_s < 2 * self._retry_s:
            return False
        self._refused_s = None
        return True
