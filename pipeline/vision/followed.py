"""A face that a tracker follows: what it knows of one, from its first sight on."""

from dataclasses import dataclass
from typing import Self

from pipeline.types import Face, Track
from pipeline.vision.motion import Motion


@dataclass(slots=True, eq=False)
class Followed:
    """A face being followed: a candidate (`track_id` 0), who may claim to be a lost person, or a person."""

    motion: Motion
    face: Face
    began_s: float
    seen_s: float
    evidence: float
    claim: Self | None = None
    track_id: int = 0
    age_frames: int = 0
    missed_frames: int = 0
    missed_detections: int = 0

    def as_believed(self) -> Face:
        """Return the face where it must be by now, as sure as it was when it was last seen."""
        return Face(self.motion.box, self.face.score)

    def as_track(self) -> Track:
        face = self.face if self.missed_frames == 0 else self.as_believed()
        return Track(self.track_id, face, self.age_frames, self.missed_frames)
