"""The file under a muxer: it stops at the first refusal of the disk, so that what stands in it stays playable."""

import errno
import os
from pathlib import Path

from pipeline.sinks.whole_file import explained, make_folder, partial_path, publish


class FragmentFile:
    """An unbuffered binary file, `NAME.partial` until it is published.

    A muxer that meets a full disk still tries to finish: it goes back and overwrites the header. This file
    refuses everything after its first error, and so keeps the fragments that are whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._error: OSError | None = None
        with explained(path):
            make_folder(path.parent)
            self._file = partial_path(path).open("wb", buffering=0)

    @property
    def path(self) -> Path:
        return self._path

    def write(self, data: bytes) -> int:
        """Write all of `data` and return its length, or raise OSError now and ever after."""
        if self._error is not None:
            raise self._error
        view = memoryview(data)
        try:
            while view:
                view = view[self._write_some(view) :]
        except OSError as error:
            self._error = error
            raise
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        """Leave the partial as it is; closing twice is allowed."""
        self._file.close()

    def publish(self) -> None:
        """Close the file and give it its name; raise SinkError where the disk refuses."""
        with explained(self._path):
            self._file.close()
            publish(self._path)

    def discard(self) -> None:
        """Close the file and remove the partial."""
        with explained(self._path):
            self._file.close()
            partial_path(self._path).unlink(missing_ok=True)

    def _write_some(self, view: memoryview) -> int:
        """Return how many bytes the disk took; a disk that takes none is full."""
        return self._file.write(view) or self._refuse()

    def _refuse(self) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
