"""Annotated pictures of a live stream, for whoever watches right now."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.errors import ConfigError
from pipeline.jpeg import Jpeg
from pipeline.sinks.live_renderer import LiveRenderer
from pipeline.types import FrameResult
from pipeline.vision.encoding import encoded_jpeg
from pipeline.vision.i420 import rgb_frame
from pipeline.vision.shrink import shrunk

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
    """Renders pictures of one stream while they are wanted, at a bounded rate and width, and hands each out.

    Any thread may set `wanted`, which is false at first: a result then costs the renderer's `skip` alone. Who comes to
    watch gets a picture that is new: none is kept. `on_picture` is called by the thread that writes, and should return
    at once. `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        renderer: LiveRenderer,
        settings: PreviewSettings,
        on_picture: Callable[[Jpeg], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._renderer = renderer
        self._settings = settings
        self._on_picture = on_picture
        self._clock = clock
        self._drawn = 0
        self._drawn_s = float("-inf")
        self.wanted = False

    def write(self, result: FrameResult) -> None:
        """Render the result where somebody waits for it and the rate allows."""
        if not (self.wanted and self._is_due()):
            self._renderer.skip(result)
            return
        self._drawn_s = self._clock()
        self._drawn += 1
        self._on_picture(self._render(result))

    def close(self) -> None:
        """Nothing is kept, so there is nothing to finish."""

    def _is_due(self) -> bool:
        return self._clock() - self._drawn_s >= 1 / self._settings.pictures_per_s

    def _render(self, result: FrameResult) -> Jpeg:
        small = shrunk(result, self._settings.max_width_px)
        y, u, v = self._renderer.draw(small)
        rgb = rgb_frame(replace(small.frame, y=y, u=u, v=v))
        return Jpeg(encoded_jpeg(rgb, self._settings.jpeg_quality), self._drawn, result.frame.captured_utc)
