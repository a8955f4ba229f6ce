"""The one way from the results of a lane to its sinks where faces must not be seen."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.ports import Sink
from pipeline.sinks.closing import close_all
from pipeline.types import Box, FrameResult, Glimpse
from pipeline.vision.veil import Veil

SPREAD_S = 0.4
"""A new face is hidden for this long before and after it was found.

A detector sees those who come in half a second late at most: the head must be in the picture, and face the camera.
"""

MAX_HELD = 12
"""Results that are held back at most: each has a decoded picture, 3 MB at 1080p."""


class VeiledSinks:
    """A `Sink` that covers each picture before any of `sinks`, which it owns, has it.

    With `looks_ahead` results are held back for `SPREAD_S`, so that who is found then is hidden now; recorded input
    can wait, live input can't. Sinks get the same results, in order, but for the planes of the frames.
    """

    def __init__(self, sinks: Sequence[Sink], veil: Veil, *, looks_ahead: bool) -> None:
        self._sinks = tuple(sinks)
        self._veil = veil
        self._ahead_s = SPREAD_S if looks_ahead else 0.0
        self._held: deque[FrameResult] = deque()
        self._news: deque[tuple[float, tuple[Box, ...]]] = deque()

    def write(self, result: FrameResult) -> None:
        """Take one frame's result; the sinks get it at once, or when enough is known of what follows."""
        if result.sight is not None and result.sight.new_boxes:
            self._news.append((result.frame.media_s, result.sight.new_boxes))
        self._held.append(result)
        while self._held and self._is_ripe(result.frame.media_s):
            self._release(self._held.popleft())

    def close(self) -> None:
        """Hand out what is held back and close every sink, whatever the others do; raise the first error."""
        try:
            while self._held:
                self._release(self._held.popleft())
        finally:
            close_all(self._sinks)

    def _is_ripe(self, newest_s: float) -> bool:
        return len(self._held) > MAX_HELD or newest_s - self._held[0].frame.media_s >= self._ahead_s

    def _release(self, result: FrameResult) -> None:
        covered = self._veil.cover(result.frame, result.sight, self._nearby(result.frame.media_s))
        shown = replace(result, frame=covered)
        try:
            for sink in self._sinks:
                sink.write(shown)
        except BaseException:
            self._held.clear()
            raise

    def _nearby(self, now_s: float) -> Iterator[Glimpse]:
        """Yield the faces that were new shortly before a frame, or will be shortly after it."""
        while self._news and now_s - self._news[0][0] > SPREAD_S:
            self._news.popleft()
        for then_s, boxes in self._news:
            if 0 < abs(now_s - then_s) <= SPREAD_S:
                yield from (Glimpse(box, abs(now_s - then_s)) for box in boxes)
