"""Writes a small file that its owner alone may read, whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from pipeline.errors import SinkError

OWNER_ONLY = 0o600


def write_private(path: Path, text: str) -> None:
    """Put `text` in the place of what `path` holds, whose folder is made where it is missing.

    Raises SinkError; what was there is then there still, as it is after a crash at any moment.
    """
    target = path.resolve()  # a link stays one
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write_through(partial, text)
        partial.replace(target)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        reason = (error.strerror or str(error)).lower()
        raise SinkError(f"{path} can't be written: {reason}; make room, or let its folder be written to") from None
    with suppress(OSError):  # some file systems refuse it, and all that a power cut can then undo is the last change
        _sync(target.parent)


def _write_through(path: Path, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, OWNER_ONLY), "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), OWNER_ONLY)  # it may have been left by a crash, or made by somebody else
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
