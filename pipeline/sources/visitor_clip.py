"""A video that a stranger sent, as a source that ends where it is more than is allowed."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.config.uploads import UploadConfig
from pipeline.errors import SourceError
from pipeline.sources.file_kind import HEAD_BYTES, Kind, kind_of
from pipeline.sources.recording import FileRules, Recording
from pipeline.types import Frame, SourceInfo
from pipeline.upload_errors import UploadError, UploadTooLongError, UploadTypeError, UploadUnreadableError

TAKEN = "MP4, MOV, WebM, MKV, AVI and MPEG videos are taken"

FORMATS = frozenset({"mov", "mp4", "matroska", "webm", "avi", "mpegts", "mpeg"})
"""FFmpeg's names of the containers: none that names other files or addresses, as playlists do."""

CODECS = frozenset(
    {"h264", "hevc", "vp8", "vp9", "av1", "libdav1d", "mpeg4", "mjpeg", "mpeg2video", "mpeg1video", "h263", "prores"}
)
"""What cameras, phones and browsers write; of the 200 others, long unmaintained ones are not for files of strangers."""


class VisitorClip:
    """A `Recording` under the limits of uploads. Used as any source; one thread iterates, any may close."""

    def __init__(self, path: Path, name: str, limits: UploadConfig) -> None:
        """Look at the file and open it; `name` is what errors call it.

        Raise UploadTypeError, UploadTooLargeError, UploadTooLongError or UploadUnreadableError.
        """
        self._name = name
        self._limits = limits
        _check_kind(path, name)
        rules = FileRules(name, FORMATS, CODECS, limits.max_pixels)
        try:
            self._recording = Recording(path, "clip", rules=rules)
        except UploadError:
            raise
        except SourceError as error:
            raise UploadUnreadableError(str(error)) from None
        declared_s = self._recording.info.duration_s
        if declared_s is not None and declared_s > limits.max_clip_s:
            self.close()
            raise self._too_long(f"lasts {declared_s:.0f} s")

    @property
    def info(self) -> SourceInfo:
        return self._recording.info

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the file, in sentences for people; whole once the frames are read."""
        return self._recording.warnings

    def frames(self) -> Iterator[Frame]:
        """Yield the frames; raise UploadTooLongError where there are more than the file declared, and too many."""
        for frame in self._recording.frames():
            if frame.media_s > self._limits.max_clip_s:
                self.close()
                raise self._too_long(f"lasts more than {self._limits.max_clip_s:g} s")
            if frame.index >= self._limits.max_clip_frames:
                self.close()
                raise self._too_long(f"has more than {self._limits.max_clip_frames} frames")
            yield frame

    def close(self) -> None:
        self._recording.close()

    def _too_long(self, what: str) -> UploadTooLongError:
        allowed = f"{self._limits.max_clip_s:g} s and {self._limits.max_clip_frames} frames"
        return UploadTooLongError(f"{self._name} {what}; at most {allowed} are taken, send a part of it")


def _check_kind(path: Path, name: str) -> None:
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD_BYTES))
    if kind.kind is Kind.PICTURE:
        raise UploadTypeError(f"{name} is {kind.name}, not a video; check it as a picture")
    if kind.kind is Kind.OTHER:
        raise UploadTypeError(f"{name} is {kind.name}; {TAKEN}")
