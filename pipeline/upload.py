"""What visitors send to be judged, and what is said of it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Self

from pipeline.types import Box, MaskState
from pipeline.upload_errors import UploadTooLargeError

MAX_NAME_CHARACTERS = 100
NAMELESS = "upload"


def plain_name(name: str) -> str:
    """Return a visitor's name for a file as it can be shown: without folders and signs that can't be printed."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    shown = "".join(sign for sign in last if sign.isprintable()).strip()[:MAX_NAME_CHARACTERS]
    return NAMELESS if shown in {"", ".", ".."} else shown


class Upload:
    """A file that a visitor sends, in memory alone. Used by one thread at a time; whoever has it last closes it."""

    def __init__(self, name: str, max_bytes: int) -> None:
        """Begin an empty one; `name` is the visitor's, `max_bytes` what the configuration allows."""
        self.name = plain_name(name)
        self.size_bytes = 0
        self._max_bytes = max_bytes
        # Never in a file, and the process that decodes it can be given it as it is.
        self._descriptor = os.memfd_create("upload", os.MFD_CLOEXEC)

    @classmethod
    def of(cls, name: str, data: bytes) -> Self:
        """Return `data` as an upload, whatever its size."""
        upload = cls(name, len(data))
        upload.write(data)
        return upload

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def write(self, data: bytes) -> None:
        """Append a part; raise UploadTooLargeError where it is too much, and nothing more needs to be read."""
        self.size_bytes += len(data)
        self.expect(self.size_bytes)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def expect(self, size_bytes: int) -> None:
        """Raise UploadTooLargeError where `size_bytes`, which are announced, are too many."""
        if size_bytes > self._max_bytes:
            allowed_mb = self._max_bytes / 1_000_000
            raise UploadTooLargeError(
                f"{self.name} is too large: at most {allowed_mb:g} MB are taken; send a smaller one"
            )

    def fileno(self) -> int:
        """Return the descriptor of the memory; ValueError once closed."""
        if self._descriptor < 0:
            raise ValueError("the upload is closed")
        return self._descriptor

    def close(self) -> None:
        """Free the memory, once nobody else has it; closing twice is allowed."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class JudgingModel:
    """The model that gives the verdicts."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CheckedFace:
    """A face of a picture: its box in pixels of the upright picture, and what is said of it.

    `probabilities` are by class, without those that the model does not know. `why` is a sentence for people where the
    state is `unknown`, None elsewhere.
    """

    box: Box
    state: MaskState
    confidence: float
    probabilities: Mapping[MaskState, float]
    size_px: float
    why: str | None = None


@dataclass(frozen=True, slots=True)
class CheckedPicture:
    """A picture that was judged, upright, `width` x `height` pixels; the best detection comes first.

    `preview` is a JPEG of it, reduced, under `uploads.blur`, for those who can't show the file; None where nobody
    asked.
    """

    name: str
    width: int
    height: int
    faces: Sequence[CheckedFace]
    preview: bytes | None = field(default=None, repr=False)


class ClipState(Enum):
    """Where the judging of a clip stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CheckedPerson:
    """A person of a clip: in view from `first_s` to `last_s` of it, with the verdict at the end.

    `best_face_px` is the size of the largest view of the face.
    """

    person_id: int
    first_s: float
    last_s: float
    state: MaskState
    confidence: float
    votes: int
    best_face_px: float


@dataclass(frozen=True, slots=True)
class CheckedClip:
    """A clip, waiting or judged as far as `progress`, from 0 to 1; `id` can't be guessed.

    `detail` is a sentence for people: why it failed, or what of it could not be read. `width` and `height` in pixels
    and `duration_s` are 0 until they are known; `persons` and `compliance`, the share of judged persons who were
    masked, come at the end, in the order in which they came into view.
    """

    id: str
    name: str
    state: ClipState
    progress: float = 0.0
    detail: str = ""
    duration_s: float = 0.0
    width: int = 0
    height: int = 0
    persons: Sequence[CheckedPerson] = ()
    compliance: float | None = None
