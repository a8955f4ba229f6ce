"""What the parent and an examiner say to each other: one job at a time, each with the answers it needs.

The file of a job is no part of a message: its descriptor comes over a second socket, one for each job.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Self, TypeAlias

from pydantic import Base64Bytes

from pipeline.config.log import LogConfig
from pipeline.config.uploads import UploadConfig
from pipeline.model_card import ModelCard
from pipeline.upload import CheckedFace, CheckedPerson
from pipeline.upload_errors import (
    UploadBusyError,
    UploadError,
    UploadTooLargeError,
    UploadTooLongError,
    UploadTypeError,
    UploadUnreadableError,
)


@dataclass(frozen=True, slots=True)
class Begin:
    """The first message to an examiner, to be answered with Prepared: what it is for, and what is allowed.

    `card` is that of the model that the workers run.
    """

    card: ModelCard
    limits: UploadConfig
    log: LogConfig
    reads_clips: bool


@dataclass(frozen=True, slots=True)
class CheckPicture:
    """Judge a picture, and answer with PictureRead or Refused."""

    name: str
    preview: bool


@dataclass(frozen=True, slots=True)
class CheckClip:
    """Judge a clip, and answer with ClipMoved, over and over, then ClipRead, or with Refused."""

    name: str


@dataclass(frozen=True, slots=True)
class Scored:
    """The answer to Score: a row of probabilities for each crop; none where no worker could answer."""

    rows: Sequence[tuple[float, float, float]] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything is loaded: jobs can come, and their time begins to count."""


@dataclass(frozen=True, slots=True)
class Score:
    """Ask for the scores of crops, (N, S, S, 3) uint8 RGB one after the other; S is what the card says."""

    crops: Base64Bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PictureRead:
    """What is said of a picture of `width` x `height` pixels; `preview` is empty where nobody asked for one."""

    width: int
    height: int
    faces: tuple[CheckedFace, ...]
    preview: Base64Bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class ClipMoved:
    """How far a clip is, from 0 to 1."""

    progress: float
    duration_s: float
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ClipRead:
    """What is said of a clip; `detail` tells what of it could not be read."""

    duration_s: float
    persons: tuple[CheckedPerson, ...]
    compliance: float | None
    detail: str = ""


class Refusal(Enum):
    """Why a job was refused, as the errors of uploads say it."""

    TYPE = "type"
    TOO_LARGE = "too_large"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    BUSY = "busy"


ERRORS: Mapping[Refusal, type[UploadError]] = {
    Refusal.TYPE: UploadTypeError,
    Refusal.TOO_LARGE: UploadTooLargeError,
    Refusal.TOO_LONG: UploadTooLongError,
    Refusal.UNREADABLE: UploadUnreadableError,
    Refusal.BUSY: UploadBusyError,
}


@dataclass(frozen=True, slots=True)
class Refused:
    """The job is over without a result; `message` is for the visitor."""

    reason: Refusal
    message: str

    @classmethod
    def of(cls, error: UploadError) -> Self:
        """Return the refusal that says what `error` does."""
        reason = next((reason for reason, kind in ERRORS.items() if isinstance(error, kind)), Refusal.UNREADABLE)
        return cls(reason, str(error))

    @property
    def error(self) -> UploadError:
        """What it was made of."""
        return ERRORS[self.reason](self.message)


Order: TypeAlias = Begin | CheckPicture | CheckClip | Scored
Finding: TypeAlias = Prepared | Score | PictureRead | ClipMoved | ClipRead | Refused
