"""A camera or a network stream as a source of frames: the newest counts, times are this machine's."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from av.container import InputContainer

from pipeline.redact import redact
from pipeline.sources.decoding import VideoReader, open_container
from pipeline.sources.frames import Moment, frame_of
from pipeline.sources.http_files import HttpFiles
from pipeline.sources.http_input import is_http, open_http
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.losses import lost
from pipeline.sources.orientation import Uprighter
from pipeline.sources.patience import Patience
from pipeline.sources.resolving import resolve_in
from pipeline.sources.timeline import Timeline
from pipeline.types import Frame, SourceInfo

TIMEOUT_S = 10.0
"""How long opening, and each wait for data, may take: IP cameras need up to some seconds to start a stream.

It also bounds how long a reading thread stays blocked after `close` when a camera has gone silent.
"""

USUAL_FRAMES_PER_S = 25.0

# UDP loses packets, and with them pictures until the next key frame.
_RTSP_OPTIONS = {"rtsp_transport": "tcp", "timeout": str(int(TIMEOUT_S * 1e6))}


class Live:
    """A camera (`camera:0`, `/dev/video0`) or a stream (`rtsp://`, `http://`, ...), decoded as it comes.

    `media_s` counts from the first frame, by the stream's timestamps where it has them, else by this machine's clock.
    `frames` can be read once. No error, name or label holds the URL's credentials.
    """

    def __init__(self, location: str, stream: str) -> None:
        """Open `location` within `TIMEOUT_S`; raise SourceError where that fails."""
        self._stream = stream
        self._name = redact(location)
        self._interrupt = Interrupt()
        self._files: HttpFiles | None = None
        container = self._opened(location)
        # Frame threads would hold back as many frames as there are threads.
        on_close = self._files.close if self._files is not None else container.close
        self._reader = VideoReader(container, self._name, read_errors_allowed=0, thread_type="SLICE", on_close=on_close)
        video = self._reader.stream
        self._info = SourceInfo(
            name=self._name,
            width=video.codec_context.width,
            height=video.codec_context.height,
            frames_per_s=float(video.average_rate or video.guessed_rate or 0),
            is_live=True,
            started_utc=datetime.now(UTC),
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    def frames(self) -> Iterator[Frame]:
        """Yield the frames until the stream ends or is closed; raise SourceError where it breaks off."""
        uprighter, timeline = Uprighter(), Timeline(step_s=1 / (self._info.frames_per_s or USUAL_FRAMES_PER_S))
        started_s: float | None = None
        for index, picture in enumerate(self._reader.pictures()):
            now_s = time.monotonic()
            started_s = now_s if started_s is None else started_s
            stamp_s = None if picture.pts is None else picture.time
            media_s = timeline.place(stamp_s, expected_s=now_s - started_s)
            moment = Moment(media_s, 0.0, captured_monotonic_s=now_s, captured_utc=datetime.now(UTC))
            yield frame_of(self._stream, index, uprighter.planes(picture), moment)

        if self._files is not None and self._files.error is not None:
            raise lost(self._files.error, f"{self._name} can't be read on")

    def close(self) -> None:
        self._interrupt.set()
        self._reader.close()

    def _opened(self, location: str) -> InputContainer:
        patience = Patience(TIMEOUT_S, self._interrupt)
        if is_http(location):
            container, self._files = open_http(location, self._name, patience, TIMEOUT_S)
            return container
        if location.startswith("camera:"):
            location = f"/dev/video{location.removeprefix('camera:')}"
        if location.startswith("/dev/"):
            return open_container(location, self._name, kind="v4l2", timeout_s=TIMEOUT_S)
        try:
            resolve_in(location, patience)
        except OSError as error:
            raise lost(error, f"{self._name} can't be opened") from None
        options = _RTSP_OPTIONS if location.lower().startswith(("rtsp:", "rtsps:")) else {}
        return open_container(location, self._name, options=options, timeout_s=TIMEOUT_S)
