"""Files that appear whole or not at all: written as `NAME.partial`, then renamed."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import SinkError

PARTIAL_SUFFIX = ".partial"


def partial_path(path: Path) -> Path:
    """Return the path under which `path` is written until it is whole."""
    return path.with_name(path.name + PARTIAL_SUFFIX)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an operating system's refusal into a SinkError that names `path` and the way out."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise SinkError(
            f"cannot write {path}: {reason}; free some space or choose a folder that may be written with --out"
        ) from error


def make_folder(folder: Path) -> None:
    """Create `folder` where it is missing; raise OSError where it can't be one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, f"{folder} is not a folder") from error


def publish(path: Path) -> None:
    """Rename the finished partial of `path` to its name, once its bytes are on the disk."""
    partial = partial_path(path)
    descriptor = os.open(partial, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    partial.replace(path)


class WholeFile:
    """A UTF-8 text file that gets its name on `close`; until then, and after a crash, it is `NAME.partial`.

    The partial is created at once, so that a folder that can't be written is known before any work is done.
    Names that are not valid UTF-8 are written with backslash escapes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._is_whole = True
        with explained(path):
            make_folder(path.parent)
            self._file = partial_path(path).open("w", encoding="utf-8", errors="backslashreplace", newline="")

    @property
    def path(self) -> Path:
        return self._path

    def write(self, text: str) -> int:
        """Append `text` and return its length; raise SinkError where the disk refuses."""
        with self._watched():
            return self._file.write(text)

    def close(self) -> None:
        """Put the bytes on the disk and give the file its name, unless a write failed; closing twice is allowed."""
        if self._file.closed:
            return
        with self._watched():
            self._file.close()
        if self._is_whole:
            with explained(self._path):
                publish(self._path)

    @contextmanager
    def _watched(self) -> Iterator[None]:
        self._is_whole, was_whole = False, self._is_whole
        with explained(self._path):
            yield
        self._is_whole = was_whole
