"""What only one process at a time may write to."""

import errno
import fcntl
import os
from pathlib import Path


class Claim:
    """A lock on a file, which is made where it is missing and stays.

    It ends with `release` or with the process that holds it, however that ends. It binds only those who ask.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is ours."""
        return self._descriptor is not None

    def take(self) -> None:
        """Make it ours; raise BlockingIOError where another one has it, OSError where the file can't be locked."""
        if self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                raise BlockingIOError(errno.EAGAIN, "another process has claimed it") from None
            raise
        self._descriptor = descriptor

    def release(self) -> None:
        """Leave it to others; releasing twice is allowed."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
