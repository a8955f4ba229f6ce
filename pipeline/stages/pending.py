"""What the `faces` thread hands to the `publish` thread: a frame whose scores may still be on their way."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.types import Frame, Scores, Sight, Track
from pipeline.vision.pick import PickReason

ScoresFuture: TypeAlias = "Future[Scores | None]"


@dataclass(frozen=True, slots=True, eq=False)
class AskedCrop:
    """A crop that was sent to the classifier, with what its vote will weigh, and why it was sent."""

    track_id: int
    quality: float
    face_px: float
    scores: ScoresFuture
    media_s: float
    reason: PickReason


@dataclass(frozen=True, slots=True, eq=False)
class PendingResult:
    """One frame with its tracks and the crops asked about on it."""

    frame: Frame
    tracks: tuple[Track, ...]
    asked: tuple[AskedCrop, ...]
    closed_ids: tuple[int, ...]
    sight: Sight | None = None
