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
from pipeline.sinks.retention import Retention, RetentionLimits
from pipeline.sinks.segment_folder import SegmentFolder, rescue
from pipeline.sinks.video import VideoSink
from pipeline.sinks.whole_file import explained
from pipeline.types import ColorMatrix, ColorRange, Frame, FrameResult, SourceInfo

logger = logging.getLogger(__name__)

Look = tuple[int, int, ColorMatrix, ColorRange]
"""What one encoder can't change: width and height in pixels, and the colours."""


@dataclass(frozen=True, slots=True)
class SegmentSettings:
    """When a segment ends, and what is kept.

    A segment ends at `segment_s` of the stream's own time, where the picture's size or colours change, and where the
    stream's time jumps by more than `max_gap_s`, so that a name's time holds for the whole segment. After the disk
    refused, recording is tried anew every `retry_s`.
    """

    segment_s: float = 600.0
    max_gap_s: float = 10.0
    retry_s: float = 10.0
    keep: RetentionLimits = field(default_factory=RetentionLimits)
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
    the next SegmentSink of the stream gives it its name. The stream never stops for its recording: what the disk
    refuses is told once an outage, to `on_failure` and the log, and recording goes on when there is room again.
    Ending a segment stalls its caller for what the encoder holds back (about 12 pictures) and for the disk.
    """

    def __init__(
        self,
        folder: SegmentFolder,
        describe: Callable[[], SourceInfo],
        renderer: LiveRenderer,
        settings: SegmentSettings | None = None,
        on_failure: Callable[[SinkError], None] | None = None,
    ) -> None:
        """Take the source's `describe`, which is asked for each segment: a camera may come back with another rate."""
        self._folder = folder
        self._describe = describe
        self._renderer = renderer
        self._settings = settings or SegmentSettings()
        self._on_failure = on_failure
        self._retention = Retention(folder, self._settings.keep)
        self._outage = Outage(self._settings.retry_s)
        self._segment: _Segment | None = None
        self._now_s = 0.0
        self._closed = False
        self._tidy(folder.rescue)
        self._tidy(self._retention.sweep)

    def write(self, result: FrameResult) -> None:
        """Record one frame, or leave it out where the disk refuses; never raises SinkError."""
        frame = result.frame
        self._now_s = frame.captured_monotonic_s
        if self._segment is not None and not self._segment.takes(frame, self._settings):
            self._finish()
        segment = self._segment or self._open(frame)
        if segment is None:
            self._renderer.skip(result)
        else:
            self._record(segment, result)

    def close(self) -> None:
        """Finish the segment under way; closing twice is allowed."""
        self._closed = True
        self._finish()

    def _open(self, frame: Frame) -> _Segment | None:
        if self._closed or not self._outage.may_try(self._now_s):
            return None
        try:
            with explained(self._folder.path):
                path = self._folder.new_path(frame.captured_utc)
            info = replace(self._describe(), duration_s=None)
            video = VideoSink(path, info, self._renderer, self._settings.encoding)
        except SinkError as error:
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
        self._tidy(self._retention.sweep)

    def _give_up(self, segment: _Segment, error: SinkError) -> None:
        """Keep what plays of a segment that could not be written on; a rename asks for no room."""
        with suppress(OSError):  # then the partial waits for the next start
            rescue(segment.path)
        self._refused(error)

    def _tidy(self, step: Callable[[], object]) -> None:
        """Take a step that recording does not depend on; a refusal is told like any other."""
        try:
            with explained(self._folder.path):
                step()
        except SinkError as error:
            self._tell(error)

    def _refused(self, error: SinkError) -> None:
        if self._outage.refused(self._now_s):
            reason = getattr(error.__cause__, "strerror", None) or error
            told = SinkError(
                f"cannot record {self._folder.stream} in {self._folder.path}: {reason}; free some space or name "
                f"another folder; recording is tried again every {self._settings.retry_s:g} s"
            )
            self._tell(told)

    def _tell(self, error: SinkError) -> None:
        logger.warning("%s", error)
        if self._on_failure:
            self._on_failure(error)


def _look(frame: Frame) -> Look:
    return frame.width, frame.height, frame.matrix, frame.color_range
