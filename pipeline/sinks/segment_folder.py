"""The folder of a stream's recorded segments: how they are named, which are finished, who may write."""

import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from pipeline.errors import ConfigError
from pipeline.sinks.claim import Claim
from pipeline.sinks.whole_file import PARTIAL_SUFFIX, make_folder, partial_path

STREAM_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""What may stand in a file's name on every system."""

_TIME = r"(\d{8}T\d{6}\.\d{3})Z"
_SUFFIX = ".mp4"


@dataclass(frozen=True, slots=True)
class Segment:
    """A finished segment; `start_utc` is the time of its first picture, as its name says."""

    path: Path
    start_utc: datetime
    size_bytes: int


def utc_now() -> datetime:
    return datetime.now(UTC)


class SegmentFolder:
    """Knows the segments of one stream in a folder that it may share: `STREAM_YYYYMMDDTHHMMSS.mmmZ.mp4`, in UTC.

    A segment under way has `.partial` behind its name; `.STREAM.lock` is the claim on it. Whatever is named otherwise,
    belongs to another stream, or is no regular file is never touched.
    """

    def __init__(self, path: Path, stream: str, now_utc: Callable[[], datetime] = utc_now) -> None:
        if not STREAM_ID.fullmatch(stream):
            raise ConfigError(
                "the id of a recorded stream consists of letters, digits, '.', '_' and '-' and starts with a letter or "
                f"digit, got {stream!r}"
            )
        self.path = path
        self.stream = stream
        self.now_utc = now_utc
        self._claim = Claim(path / f".{stream}.lock")
        self._finished_name = re.compile(f"{re.escape(stream)}_{_TIME}{re.escape(_SUFFIX)}")

    @classmethod
    def below(cls, folder: Path, stream: str) -> Self:
        """Return the stream's own folder in one that has a folder for each."""
        return cls(folder / stream, stream)

    def claim(self) -> bool:
        """Keep other processes from recording this stream here, and from rescuing what is under way.

        Returns whether that is new. Raises OSError where another process has the claim, or the folder can't be made.
        """
        if self._claim.is_held:
            return False
        make_folder(self.path)
        self._claim.take()
        return True

    def release(self) -> None:
        """End the claim; releasing twice is allowed."""
        self._claim.release()

    def new_path(self, start_utc: datetime | None) -> Path:
        """Return the path of a segment that starts then (None: now), a millisecond later for each one in its place."""
        start = start_utc or self.now_utc()
        path = self._path_at(start)
        while path.exists() or partial_path(path).exists():
            start += timedelta(milliseconds=1)
            path = self._path_at(start)
        return path

    def finished(self) -> list[Segment]:
        """Return the finished segments, oldest first; raise OSError where the folder can't be read."""
        return sorted(self._segments(""), key=lambda segment: segment.start_utc)

    def unfinished(self) -> list[Segment]:
        """Return the partials: the segment under way, and what a crash left; their paths are those of the partials."""
        return sorted(self._segments(PARTIAL_SUFFIX), key=lambda segment: segment.start_utc)

    def _path_at(self, start: datetime) -> Path:
        moment = start.astimezone(UTC)
        return self.path / f"{self.stream}_{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}Z{_SUFFIX}"

    def _segments(self, suffix: str) -> Iterator[Segment]:
        for path in self.path.iterdir() if self.path.is_dir() else ():
            match = (
                self._finished_name.fullmatch(path.name.removesuffix(suffix)) if path.name.endswith(suffix) else None
            )
            start_utc = _time_of(match[1]) if match else None
            size_bytes = _size_bytes(path) if start_utc else None
            if start_utc and size_bytes is not None:
                yield Segment(path, start_utc, size_bytes)


def _time_of(text: str) -> datetime | None:
    """Return the time that a name tells, None where there is no such day or hour."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None


def _size_bytes(path: Path) -> int | None:
    """Return the size of a regular file; None for a link, a folder, or what is gone by now."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
