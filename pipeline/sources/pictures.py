"""Still pictures: one at a time, or a folder of them as the frames of a stream."""

import io
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import av
import cv2
import numpy as np

from pipeline.errors import SourceError
from pipeline.redact import redact
from pipeline.sources.frames import Moment, frame_of, utc_at
from pipeline.types import ColorMatrix, ColorRange, Frame, SourceInfo, UInt8Array
from pipeline.vision.i420 import i420_from_rgb

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def load_picture(path: Path) -> UInt8Array:
    """Return the picture at `path` as upright (H, W, 3) uint8 RGB.

    EXIF orientation is honoured, transparency dropped, 16 bits become 8. Raise SourceError for anything else.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{redact(str(path))} can't be read: {(error.strerror or str(error)).lower()}") from None
    return decoded_picture(data, redact(str(path)))


def decoded_picture(data: bytes, name: str) -> UInt8Array:
    """Return the picture of a file's content as `load_picture` does; `name` is what errors call it."""
    # OpenCV's libpng writes its complaints straight to stderr, even on sound pictures; FFmpeg's decoder is silent.
    rgb = _decoded_png(data) if data.startswith(PNG_SIGNATURE) else _decoded(data)
    if rgb is None:
        what = "empty (0 bytes)" if not data else "not a picture that can be read"
        raise SourceError(f"{name} is {what}; give a JPEG, PNG, WebP, BMP or TIFF file")
    return rgb


class PictureSequence:
    """Pictures as the frames of a stream, at an even rate; `media_s` of the first is 0.

    What is not a picture is passed over and told in `warnings`: its time passes, its index is not used.
    """

    def __init__(
        self,
        pictures: Sequence[Path],
        stream: str,
        frames_per_s: float,
        name: str,
        started_utc: datetime | None = None,
    ) -> None:
        """Raise SourceError where `pictures` is empty or none of them can be read."""
        if frames_per_s <= 0:
            raise ValueError(f"a sequence needs more than 0 frames a second, got {frames_per_s}")
        self._stream = stream
        self._pictures = tuple(pictures)
        self._warnings: list[str] = []
        self._is_closed = threading.Event()
        height, width = self._first_shape(name)
        self._info = SourceInfo(
            name=name,
            width=width,
            height=height,
            frames_per_s=frames_per_s,
            duration_s=len(self._pictures) / frames_per_s,
            frame_count=len(self._pictures),
            started_utc=started_utc,
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was passed over, in sentences for people; whole once the frames are read."""
        return tuple(self._warnings)

    def frames(self) -> Iterator[Frame]:
        """Yield a frame for every picture that can be read."""
        index = 0
        for position, path in enumerate(self._pictures):
            if self._is_closed.is_set():
                return
            try:
                rgb = load_picture(path)
            except SourceError as error:
                self._warnings.append(str(error))
                continue
            yield self._frame(index, position / self._info.frames_per_s, rgb)
            index += 1

    def close(self) -> None:
        self._is_closed.set()

    def _first_shape(self, name: str) -> tuple[int, int]:
        for path in self._pictures:
            try:
                height, width, _ = load_picture(path).shape
            except SourceError:
                continue  # told when its turn comes
            return height, width
        raise SourceError(f"{name} holds no picture that can be read; give JPEG, PNG, WebP, BMP or TIFF files")

    def _frame(self, index: int, media_s: float, rgb: UInt8Array) -> Frame:
        planes = i420_from_rgb(rgb, ColorMatrix.BT709, ColorRange.FULL)
        moment = Moment(
            media_s=media_s,
            duration_s=1 / self._info.frames_per_s,
            captured_monotonic_s=time.monotonic(),
            captured_utc=utc_at(media_s, self._info.started_utc),
        )
        return frame_of(self._stream, index, planes, moment)


def _decoded(data: bytes) -> UInt8Array | None:
    if not data:
        return None
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        rgb = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)
    # imdecode returns None on failure, which OpenCV's stubs do not say.
    return None if rgb is None else np.asarray(rgb, np.uint8)


def _decoded_png(data: bytes) -> UInt8Array | None:
    try:
        with av.open(io.BytesIO(data), mode="r", format="png_pipe") as container:
            picture = next(container.decode(video=0))
    except (av.FFmpegError, StopIteration):
        return None
    rgb = np.asarray(picture.to_ndarray(format="rgb24"), np.uint8)
    return np.ascontiguousarray(np.rot90(rgb, round(picture.rotation / 90)))
