"""What a stream did since somebody last asked, for the worker's pulse."""

import threading
import time
from collections import Counter
from collections.abc import Callable

from pipeline.types import UNDECIDED, FrameResult
from pipeline.worker.messages import StreamPulse

NOTHING_YET = StreamPulse(0, 0, {}, 0, 0, None, None)


class Activity:
    """A sink that counts. One thread writes, another one takes. `now_s` is the clock of `captured_monotonic_s`."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._lock = threading.Lock()
        self._pulse = NOTHING_YET

    def write(self, result: FrameResult) -> None:
        frame = result.frame
        present = Counter(result.verdicts.get(track.track_id, UNDECIDED).state.value for track in result.tracks)
        age_s = max(0.0, self._now_s() - frame.captured_monotonic_s)
        with self._lock:
            self._pulse = StreamPulse(
                frames=self._pulse.frames + 1,
                faces=self._pulse.faces + len(result.tracks),
                persons=present,
                width=frame.width,
                height=frame.height,
                age_s=age_s,
                captured_utc=frame.captured_utc,
            )

    def close(self) -> None:
        """Nothing is held."""

    def take(self) -> StreamPulse:
        """Return what was counted since the last call, and the newest frame's facts."""
        with self._lock:
            pulse = self._pulse
            self._pulse = NOTHING_YET
        return pulse
