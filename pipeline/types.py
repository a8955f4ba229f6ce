"""The nouns of the pipeline: small frozen values, checked on construction.

Coordinates are pixels of the full, upright frame; times are seconds.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from math import isfinite
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

UInt8Array: TypeAlias = NDArray[np.uint8]
Float32Array: TypeAlias = NDArray[np.float32]

STATE_COUNT = 3
SCORE_SUM_TOLERANCE = 1e-3


class MaskState(Enum):
    """How a mask is worn; `unknown` is a verdict only, never a class of the network."""

    MASKED = "masked"
    INCORRECT = "incorrect"
    UNMASKED = "unmasked"
    UNKNOWN = "unknown"


SCORED_STATES = (MaskState.MASKED, MaskState.INCORRECT, MaskState.UNMASKED)
"""The order of the classes in every `Scores` and in every shipped model."""


class ColorMatrix(Enum):
    """The luma and chroma weights of a YUV picture."""

    BT601 = "bt601"
    BT709 = "bt709"


class ColorRange(Enum):
    """Whether luma spans 16-235 (`LIMITED`) or 0-255 (`FULL`)."""

    LIMITED = "limited"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Box:
    """A half-open rectangle in pixels of the full frame; it may reach beyond the frame's edge."""

    x1: float
    y1: float
    x2: float
    y2: float

    def __post_init__(self) -> None:
        if not (isfinite(self.x1) and isfinite(self.y1) and isfinite(self.x2) and isfinite(self.y2)):
            raise ValueError(f"a box needs finite corners, got {self}")
        if self.x2 <= self.x1 or self.y2 <= self.y1:
            raise ValueError(f"a box needs x1 < x2 and y1 < y2, got {self}")

    @classmethod
    def around(cls, center: tuple[float, float], width: float, height: float) -> Self:
        """Return the box of that size, in pixels, around `center` (x, y)."""
        x, y = center
        return cls(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    @property
    def width(self) -> float:
        return self.x2 - self.x1

    @property
    def height(self) -> float:
        return self.y2 - self.y1

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def center(self) -> tuple[float, float]:
        return (self.x1 + self.x2) / 2, (self.y1 + self.y2) / 2

    @property
    def size_px(self) -> float:
        """The longer side: what is meant by a face's size everywhere."""
        return max(self.width, self.height)


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One upright picture of a stream, as read-only views of planar YUV 4:2:0.

    `y` is (H, W), `u` and `v` are (ceil(H/2), ceil(W/2)), all uint8. `index` counts the stream's
    frames from 0; a gap is a drop. `media_s` is the stream's own time and `duration_s` how long the
    frame stands (0 where the stream does not say), `captured_monotonic_s` this machine's clock (for
    ages alone), `captured_utc` the wall clock, None where a recording has none.
    """

    stream: str
    index: int
    media_s: float
    y: UInt8Array = field(repr=False)
    u: UInt8Array = field(repr=False)
    v: UInt8Array = field(repr=False)
    matrix: ColorMatrix = ColorMatrix.BT709
    color_range: ColorRange = ColorRange.LIMITED
    duration_s: float = 0.0
    captured_monotonic_s: float = 0.0
    captured_utc: datetime | None = None

    def __post_init__(self) -> None:
        height, width = self.y.shape
        chroma = ((height + 1) // 2, (width + 1) // 2)
        if self.u.shape != chroma or self.v.shape != chroma:
            raise ValueError(
                f"chroma planes of a {width}x{height} frame need shape {chroma}, got {self.u.shape} and {self.v.shape}"
            )
        if self.index < 0:
            raise ValueError(f"a frame's index starts at 0, got {self.index}")

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What a source tells before its first frame; `name` is safe to print (credentials are redacted).

    `width` and `height` are those of the upright picture in pixels; None is unknown.
    """

    name: str
    width: int
    height: int
    frames_per_s: float
    duration_s: float | None = None
    frame_count: int | None = None
    is_live: bool = False
    started_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class Face:
    """One detected face: its box from forehead to chin, a score in [0, 1], key points as (x, y) in pixels.

    Key points, where the detector gives them: right eye, left eye, nose tip, mouth centre, right ear, left ear.
    """

    box: Box
    score: float
    key_points: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.score <= 1:
            raise ValueError(f"a face's score lies in [0, 1], got {self.score}")


@dataclass(frozen=True, slots=True)
class Track:
    """One person followed through a stream; `track_id` is never reused.

    `age_frames` counts frames since the first sight, `missed_frames` those since the face was last detected.
    """

    track_id: int
    face: Face
    age_frames: int = 0
    missed_frames: int = 0


@dataclass(frozen=True, slots=True)
class Scores:
    """Class probabilities in `SCORED_STATES` order; they sum to 1. A class that a model lacks is 0."""

    masked: float
    incorrect: float
    unmasked: float

    def __post_init__(self) -> None:
        values = self.as_tuple()
        if min(values) < 0 or abs(sum(values) - 1) > SCORE_SUM_TOLERANCE:
            raise ValueError(f"scores lie in [0, 1] and sum to 1, got {values}")

    @classmethod
    def from_array(cls, row: Float32Array) -> Self:
        """Return the scores of one (3,) row."""
        masked, incorrect, unmasked = (float(value) for value in row)
        return cls(masked, incorrect, unmasked)

    def as_tuple(self) -> tuple[float, float, float]:
        return self.masked, self.incorrect, self.unmasked


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one person: the state, a confidence in [0, 1], and how many crops voted."""

    state: MaskState
    confidence: float
    votes: int

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"a verdict's confidence lies in [0, 1], got {self.confidence}")


UNDECIDED = Verdict(MaskState.UNKNOWN, 0.0, 0)
"""The verdict on a person of whom no crop has been judged yet."""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A face that was at `box`, in pixels, `away_s` seconds before or after the frame that is spoken of."""

    box: Box
    away_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Sight:
    """The faces that are on a frame, or may be: those of nobody in particular among them.

    `age_s` is the media time since faces were last looked for everywhere, 0 on the frame that was looked at. Of
    `new_boxes`, which are among `faces`, nobody knew before this frame.
    """

    faces: tuple[Glimpse, ...]
    age_s: float = 0.0
    new_boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class FrameResult:
    """All that a sink sees of one frame: the tracks on it, their verdicts by track id, the ids that ended with it.

    `sight` is there where faces are to be hidden; None means that nothing is known of where they are.
    """

    frame: Frame
    tracks: tuple[Track, ...]
    verdicts: dict[int, Verdict]
    closed_ids: tuple[int, ...] = ()
    sight: Sight | None = None
