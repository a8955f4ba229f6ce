"""The newest annotated picture of a live stream, for whoever watches right now."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Condition

import cv2

from pipeline.errors import ConfigError, SinkError
from pipeline.jpeg import Jpeg
from pipeline.sinks.live_renderer import LiveRenderer
from pipeline.types import FrameResult
from pipeline.vision.i420 import rgb_frame
from pipeline.vision.shrink import shrunk

BOUNDARY = "picture"
PARTS_CONTENT_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
"""The media type of what `parts` yields, as browsers show it in an `img` element."""

MIN_WIDTH_PX = 16


@dataclass(frozen=True, slots=True)
class PreviewSettings:
    """What watchers get at most: pictures a second, their width in pixels, and their JPEG quality (1 to 100)."""

    pictures_per_s: float = 5.0
    max_width_px: int = 640
    jpeg_quality: int = 80

    def __post_init__(self) -> None:
        if not self.pictures_per_s > 0:
            raise ConfigError(f"a preview has more than 0 pictures a second, got {self.pictures_per_s}")
        if self.max_width_px < MIN_WIDTH_PX:
            raise ConfigError(f"a preview is {MIN_WIDTH_PX} pixels wide or more, got {self.max_width_px}")
        if not 1 <= self.jpeg_quality <= 100:
            raise ConfigError(f"the JPEG quality of a preview lies between 1 and 100, got {self.jpeg_quality}")


class Preview:
    """Renders pictures of one stream while somebody watches, at a bounded rate and width, once for all watchers.

    One thread writes; any thread may watch, ask or close. While nobody watches a result costs the renderer's `skip`
    alone. A picture from before a watcher came is never shown to it. `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        renderer: LiveRenderer,
        settings: PreviewSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._renderer = renderer
        self._settings = settings or PreviewSettings()
        self._clock = clock
        self._changed = Condition()
        self._newest = Jpeg(b"", 0, None)
        self._watchers = 0
        self._drawn_s = float("-inf")
        self._closed = False

    @property
    def watchers(self) -> int:
        """How many watch or wait for a snapshot now."""
        return self._watchers

    def write(self, result: FrameResult) -> None:
        """Render the result where somebody waits for it and the rate allows."""
        if not self._is_wanted():
            self._renderer.skip(result)
            return
        self._drawn_s = self._clock()
        jpeg = self._render(result)
        with self._changed:
            self._newest = jpeg
            self._changed.notify_all()

    def close(self) -> None:
        """Send every watcher away; closing twice is allowed."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def snapshot(self, timeout_s: float) -> Jpeg:
        """Return the next picture to be rendered; raise SinkError where none is within `timeout_s`."""
        with self._watching() as seen:
            jpeg = self._newer_than(seen, timeout_s)
        if jpeg is None:
            reason = "the stream has ended" if self._closed else f"none came within {timeout_s:g} s"
            raise SinkError(f"there is no new picture to show: {reason}; see the state of the stream")
        return jpeg

    def parts(self, patience_s: float = 10.0) -> Iterator[bytes]:
        """Yield pictures as the parts of a `PARTS_CONTENT_TYPE` body, each the newest there is.

        Ends with the stream, and where no picture came for `patience_s`: a watcher who left is noticed at the latest
        then. Counts as a watcher from the first part asked for until the iterator ends or is closed.
        """
        with self._watching() as seen:
            while (jpeg := self._newer_than(seen, patience_s)) is not None:
                seen = jpeg.number
                yield _part(jpeg)

    def _is_wanted(self) -> bool:
        is_watched = self._watchers > 0 and not self._closed
        return is_watched and self._clock() - self._drawn_s >= 1 / self._settings.pictures_per_s

    def _render(self, result: FrameResult) -> Jpeg:
        small = shrunk(result, self._settings.max_width_px)
        y, u, v = self._renderer.draw(small)
        rgb = rgb_frame(replace(small.frame, y=y, u=u, v=v))
        quality = [cv2.IMWRITE_JPEG_QUALITY, self._settings.jpeg_quality]
        _, encoded = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), quality)
        return Jpeg(encoded.tobytes(), self._newest.number + 1, result.frame.captured_utc)

    @contextmanager
    def _watching(self) -> Iterator[int]:
        """Count a watcher; give the number of the newest picture when it came."""
        with self._changed:
            self._watchers += 1
            seen = self._newest.number
        try:
            yield seen
        finally:
            with self._changed:
                self._watchers -= 1

    def _newer_than(self, seen: int, timeout_s: float) -> Jpeg | None:
        """Wait for a picture after number `seen`; None where the time is over or the stream ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._newest.number > seen, timeout_s)
            return None if self._closed or self._newest.number == seen else self._newest


def _part(jpeg: Jpeg) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg.data)}\r\n\r\n"
    return head.encode("ascii") + jpeg.data + b"\r\n"
