"""The annotated recording of a live stream: MP4 segments that rotate by time."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.errors import ConfigError, SinkError
from pipeline.sinks.h264 import Encoding
from pipeline.sinks.live_renderer import LiveRenderer
from pipeline.sinks.outage import Outage
from pipeline.sinks.rescue import rescue, rescue_all
from pipeline.sinks.segment_folder import SegmentFolder
from pipeline.sinks.video import VideoSink
from pipeline.types import ColorMatrix, ColorRange, Frame, FrameResult, SourceInfo

logger = logging.getLogger(__name__)

Look = tuple[int, int, ColorMatrix, ColorRange]
"""What one encoder can't change: width and height in pixels, and the colours."""

_CLAIMED = "another process records it there; end that one, or name another folder"
_MAKE_ROOM = "free some space or name another folder"


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """When a segment ends, and when recording is tried again.

    A segment ends at `segment_s` of the stream's own time, where the picture's size or colours change, and where the
    stream's time jumps by more than `max_gap_s`, so that a name's time holds for the whole segment. After the disk
    refused, recording is tried anew every `retry_s`.
    """

    segment_s: float = 600.0
    max_gap_s: float = 10.0
    retry_s: float = 10.0
    encoding: Encoding = field(default_factory=Encoding)

    def __post_init__(self) -> None:
        for name in ("segment_s", "max_gap_s", "retry_s"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} of the recording is more than 0, got {getattr(self, name)}")


@dataclass(slots=True)
class _Segment:
    path: Path
    video: VideoSink
    look: Look
    start_s: float
    last_s: float

    def takes(self, frame: Frame, settings: SegmentSettings) -> bool:
        """Return whether `frame` belongs to this segment."""
        is_steady = abs(frame.media_s - self.last_s) <= settings.max_gap_s
        return is_steady and frame.media_s - self.start_s < settings.segment_s and _look(frame) == self.look


class SegmentSink:
    """Records the annotated pictures of one stream in segments, each a VideoSink of its own.

    Each segment begins with a key frame and is `NAME.partial` until it is whole; the partial plays as it stands, and
    the next SegmentSink of the stream gives it its name. Only one process at a time records a stream in a folder.
    The stream never stops for its recording: what the disk, or the other process, refuses is told to the log once an
    outage, and to `on_loss` with each picture lost, and recording goes on when it can. Ending a segment stalls its
    caller for what the encoder holds back (about 12 pictures) and for the disk.
    """

    def __init__(
        self,
        folder: SegmentFolder,
        describe: Callable[[], SourceInfo],
        renderer: LiveRenderer,
        settings: SegmentSettings | None = None,
        on_loss: Callable[[], None] | None = None,
    ) -> None:
        """Take the source's `describe`, which is asked for each segment: a camera may come back with another rate."""
        self._folder = folder
        self._describe = describe
        self._renderer = renderer
        self._settings = settings or SegmentSettings()
        self._on_loss = on_loss
        self._outage = Outage(self._settings.retry_s)
        self._segment: _Segment | None = None
        self._now_s = 0.0
        self._closed = False
        if folder.path.is_dir():
            self._claim()

    def write(self, result: FrameResult) -> None:
        """Record one frame, or leave it out where the disk refuses; never raises SinkError."""
        frame = result.frame
        self._now_s = frame.captured_monotonic_s
        if self._segment is not None and not self._segment.takes(frame, self._settings):
            self._finish()
        segment = self._segment or self._open(frame)
        if segment is None:
            self._renderer.skip(result)
            self._lose()
        else:
            self._record(segment, result)

    def close(self) -> None:
        """Finish the segment under way; closing twice is allowed."""
        self._finish()
        self._closed = True
        self._folder.release()

    def _claim(self) -> bool:
        """Make the folder ours and name what a crash left there; return whether it is."""
        try:
            if self._folder.claim():
                rescue_all(self._folder)
        except OSError as error:
            self._refused(error)
            return False
        return True

    def _open(self, frame: Frame) -> _Segment | None:
        if self._closed or not self._outage.may_try(self._now_s) or not self._claim():
            return None
        try:
            path = self._folder.new_path(frame.captured_utc)
            info = replace(self._describe(), duration_s=None)
            video = VideoSink(path, info, self._renderer, self._settings.encoding)
        except (SinkError, OSError) as error:
            self._refused(error)
            return None
        self._segment = _Segment(path, video, _look(frame), frame.media_s, frame.media_s)
        return self._segment

    def _record(self, segment: _Segment, result: FrameResult) -> None:
        try:
            segment.video.write(result)
        except SinkError as error:
            self._segment = None
            self._give_up(segment, error)
            return
        segment.last_s = result.frame.media_s
        if self._outage.worked(self._now_s):
            logger.info("the recording of %s goes on", self._folder.stream)

    def _finish(self) -> None:
        segment, self._segment = self._segment, None
        if segment is None:
            return
        try:
            segment.video.close()
        except SinkError as error:
            self._give_up(segment, error)

    def _give_up(self, segment: _Segment, error: SinkError) -> None:
        """Keep what plays of a segment that could not be written on; a rename asks for no room."""
        with suppress(OSError):  # then the partial waits for the next start
            rescue(segment.path)
        self._refused(error)
        self._lose()

    def _lose(self) -> None:
        if self._on_loss and not self._closed:
            self._on_loss()

    def _refused(self, error: Exception) -> None:
        """Tell the first refusal of an outage."""
        if not self._outage.refused(self._now_s):
            return
        cause = error.__cause__ if isinstance(error, SinkError) else error
        is_claimed = isinstance(cause, BlockingIOError)
        logger.warning(
            "cannot record %s in %s: %s; recording is tried again every %g s",
            self._folder.stream,
            self._folder.path,
            _CLAIMED if is_claimed else f"{getattr(cause, 'strerror', None) or error}; {_MAKE_ROOM}",
            self._settings.retry_s,
        )


def _look(frame: Frame) -> Look:
    return frame.width, frame.height, frame.matrix, frame.color_range
