"""`annotated.mp4`: what the camera saw, with what was concluded drawn in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av

from pipeline.errors import SinkError
from pipeline.ports import Renderer
from pipeline.sinks.fragment_file import FragmentFile
from pipeline.sinks.h264 import TIME_BASE, Encoding, H264Writer
from pipeline.sinks.picture import fit, is_alike, picture_of
from pipeline.sinks.whole_file import explained
from pipeline.types import Frame, FrameResult, SourceInfo

DEFAULT_FRAMES_PER_S = 25.0


class FrameClock:
    """Turns a stream's times into strictly rising ticks of `TIME_BASE`, the first frame at 0."""

    def __init__(self, info: SourceInfo) -> None:
        self._start_s: float | None = None
        self._last_pts = -1
        self._end_s = info.duration_s
        self._usual_s = 1 / (info.frames_per_s if info.frames_per_s > 0 else DEFAULT_FRAMES_PER_S)

    def stamp(self, frame: Frame) -> tuple[int, int]:
        """Return the frame's pts and duration in ticks; a frame that has no duration stands a usual one."""
        if self._start_s is None:
            self._start_s = frame.media_s
        pts = max(_ticks(frame.media_s - self._start_s), self._last_pts + 1)
        self._last_pts = pts
        return pts, max(1, _ticks(self._stand_s(frame)))

    def _stand_s(self, frame: Frame) -> float:
        """Return how long the frame stands: not beyond the end that the source tells (an edit list may cut there)."""
        stand_s = frame.duration_s or self._usual_s
        left_s = stand_s if self._end_s is None else self._end_s - frame.media_s
        return min(stand_s, left_s) if left_s > 0 else stand_s


def _ticks(duration_s: float) -> int:
    return round(duration_s / TIME_BASE)


class VideoSink:
    """Draws each result and encodes it to H.264 (yuv420p), at the frames' own times.

    The video is `PATH.partial` until `close`, in fragments that play wherever the run is cut off. An odd width
    or height is padded by one repeated column or row, since 4:2:0 H.264 knows even sizes alone. The first frame
    sets size and colours; later ones of another size are scaled to fit, with black around. Its time 0 is the first
    frame. Without any frame there is no file.
    """

    def __init__(self, path: Path, info: SourceInfo, renderer: Renderer, encoding: Encoding | None = None) -> None:
        self._file = FragmentFile(path)
        self._frames_per_s = info.frames_per_s
        self._renderer = renderer
        self._encoding = encoding or Encoding()
        self._clock = FrameClock(info)
        self._writer: H264Writer | None = None
        self._first: av.VideoFrame | None = None
        self._closed = False

    def write(self, result: FrameResult) -> None:
        """Draw and encode one frame; raise SinkError where it can't be kept: the partial then stays as it is."""
        frame = result.frame
        picture = picture_of(self._renderer.draw(result), frame.matrix, frame.color_range)
        with self._abandoned_on_error():
            writer = self._writer or self._open(picture)
            writer.write(self._fitted(picture), *self._clock.stamp(frame))

    def close(self) -> None:
        """Finish the video and give it its name; closing twice, or after an error, is allowed."""
        if self._closed:
            return
        if self._writer is None:
            self._closed = True
            self._file.discard()
            return
        with self._abandoned_on_error():
            self._writer.finish()
        self._closed = True
        self._file.publish()

    def _open(self, first: av.VideoFrame) -> H264Writer:
        self._first = first
        self._writer = H264Writer(self._file, first, self._frames_per_s, self._encoding)
        return self._writer

    def _fitted(self, picture: av.VideoFrame) -> av.VideoFrame:
        first = self._first
        return picture if first is None or is_alike(picture, first) else fit(picture, first)

    @contextmanager
    def _abandoned_on_error(self) -> Iterator[None]:
        try:
            with explained(self._file.path):
                try:
                    yield
                except av.FFmpegError as error:
                    raise OSError(error.errno, error.strerror) from error
        except SinkError:
            self._closed = True
            if self._writer is not None:
                self._writer.abandon()
            self._file.close()
            raise
