"""Media times that always rise, whatever the timestamps of a stream do."""

from dataclasses import dataclass

LATE_FRAMES_BEFORE_RESTART = 8
"""So many stamps in a row that do not rise are a new count (joined files, a restarted camera).

Fewer are frames out of order: behind damaged packets a decoder gives out a few whose time has passed.
"""


@dataclass(slots=True)
class Timeline:
    """Places frames in seconds from the first frame, which stands at 0; `step_s` is the usual time between frames."""

    step_s: float
    _last_s: float | None = None
    _origin_s: float | None = None
    _late_frames: int = 0

    def place(self, stamp_s: float | None, expected_s: float | None = None) -> float:
        """Return the media time of the next frame, later than the one before.

        `stamp_s` is the frame's own timestamp, None where it has none; `expected_s` is where a frame without one
        belongs (a step after the last unless given).
        """
        if expected_s is None:
            expected_s = 0.0 if self._last_s is None else self._last_s + self.step_s
        media_s = expected_s if stamp_s is None else self._since_origin(stamp_s, expected_s)
        self._last_s = self._later(media_s, expected_s, stamp_s)
        return self._last_s

    def restart(self) -> None:
        """Take the next stamp for the first of a new count: it stands where it is expected."""
        self._origin_s = None
        self._late_frames = 0

    def _since_origin(self, stamp_s: float, expected_s: float) -> float:
        if self._origin_s is None:
            self._origin_s = stamp_s - expected_s
        return stamp_s - self._origin_s

    def _later(self, media_s: float, expected_s: float, stamp_s: float | None) -> float:
        if self._last_s is None or media_s > self._last_s:
            self._late_frames = 0
            return media_s
        self._late_frames += 1
        if stamp_s is not None and self._late_frames > LATE_FRAMES_BEFORE_RESTART:
            self._late_frames = 0
            media_s = max(expected_s, self._last_s + self.step_s)
            self._origin_s = stamp_s - media_s
            return media_s
        # Half a step keeps the order and leaves the next frame, if that one is in time, where it belongs.
        return self._last_s + self.step_s / 2
