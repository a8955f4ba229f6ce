"""A video file looped as if it were a camera."""

import time
from collections.abc import Callable
from pathlib import Path

from pipeline.errors import SourceError
from pipeline.sources.connection import USUAL_FRAMES_PER_S, Picture, Reading
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.recording import Recording
from pipeline.sources.stream_state import ConnectionLostError, Reason
from pipeline.types import Frame
from pipeline.vision.i420 import Planes

SCHEME = "loop:"

MOST_LATE_S = 0.5
"""Less is a busy machine's hiccup."""


class LoopedFile:
    """Gives the pictures of a file by the clock, at the file's own times, over and over.

    A file that takes longer to decode than to play plays more slowly: it can't be caught up with.
    """

    def __init__(self, path: Path, interrupt: Interrupt, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        """Open `path`; raise ConnectionLostError where that fails."""
        self._path = path
        self._interrupt = interrupt
        self._recording = self._opened()
        self._frames = self._recording.frames()
        self._monotonic_s = monotonic_s
        self._started_s = monotonic_s()
        self._loop_began_s = 0.0
        self._next_s = 0.0

    @property
    def frames_per_s(self) -> float:
        return self._recording.info.frames_per_s or USUAL_FRAMES_PER_S

    def read(self, *, keys_only: bool = False) -> Reading:  # noqa: ARG002  # a file waits for its reader
        frame = next(self._frames, None) or self._first_of_next_loop()
        wait_s = self._started_s + self._loop_began_s + frame.media_s - self._monotonic_s()
        if self._interrupt.wait(max(0.0, wait_s)):
            return Reading()
        if wait_s < -MOST_LATE_S:
            self._loop_began_s -= wait_s
        stamp_s = self._loop_began_s + frame.media_s
        self._next_s = stamp_s + (frame.duration_s or 1 / self.frames_per_s)
        picture = Picture(Planes(frame.y, frame.u, frame.v, frame.matrix, frame.color_range), stamp_s)
        return Reading((picture,), max(0.0, wait_s))

    def close(self) -> None:
        self._recording.close()

    def _first_of_next_loop(self) -> Frame:
        self._recording.close()
        self._recording = self._opened()
        self._frames = self._recording.frames()
        self._loop_began_s = self._next_s
        return next(self._frames)

    def _opened(self) -> Recording:
        try:
            return Recording(self._path, stream="loop")
        except SourceError as error:
            reason = Reason.BROKEN if self._path.exists() else Reason.NOT_FOUND
            raise ConnectionLostError(reason, str(error)) from None
