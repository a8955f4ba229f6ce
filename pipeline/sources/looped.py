"""A video file looped as if it were a camera."""

import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import SourceError
from pipeline.sources.connection import USUAL_FRAMES_PER_S, Picture
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.recording import Recording
from pipeline.sources.stream_state import ConnectionLostError, Reason
from pipeline.types import Frame
from pipeline.vision.i420 import Planes

SCHEME = "loop:"


class LoopedFile:
    """Gives the pictures of a file by the clock, at the file's own times, over and over."""

    def __init__(self, path: Path, interrupt: Interrupt) -> None:
        """Open `path`; raise ConnectionLostError where that fails."""
        self._path = path
        self._interrupt = interrupt
        self._recording = self._opened()
        self._frames = self._recording.frames()
        self._started_s = time.monotonic()
        self._loop_began_s = 0.0
        self._next_s = 0.0

    @property
    def frames_per_s(self) -> float:
        return self._recording.info.frames_per_s or USUAL_FRAMES_PER_S

    def read(self) -> Sequence[Picture]:
        frame = next(self._frames, None) or self._first_of_next_loop()
        stamp_s = self._loop_began_s + frame.media_s
        self._next_s = stamp_s + (frame.duration_s or 1 / self.frames_per_s)
        if self._interrupt.wait(max(0.0, self._started_s + stamp_s - time.monotonic())):
            return ()
        return (Picture(Planes(frame.y, frame.u, frame.v, frame.matrix, frame.color_range), stamp_s),)

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
