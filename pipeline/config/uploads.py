"""What visitors may hand over to be judged."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from pipeline.config.strict import Strict

UploadBlur: TypeAlias = Literal["off", "faces", "all"]


class UploadConfig(Strict):
    """Pictures and clips that visitors of the service send: judged, never stored."""

    enabled: bool = True
    """Whether they are taken at all."""
    max_picture_bytes: Annotated[int, Field(ge=1_000, le=200_000_000)] = 25_000_000
    """A larger picture is refused before all of it is read."""
    max_pixels: Annotated[int, Field(ge=10_000, le=200_000_000)] = 50_000_000
    """A picture that claims to be larger is refused before it is decoded."""
    max_clip_bytes: Annotated[int, Field(ge=1_000, le=2_000_000_000)] = 200_000_000
    """A larger clip is refused before all of it is read; it is held in memory meanwhile."""
    max_clip_s: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """A longer clip is refused."""
    max_clip_frames: Annotated[int, Field(ge=1, le=216_000)] = 3600
    """So is one with more frames."""
    max_waiting: Annotated[int, Field(ge=1, le=256)] = 16
    """So many pictures wait at a time; more are sent away for the moment."""
    max_clips: Annotated[int, Field(ge=1, le=64)] = 4
    """So many clips wait or are read at a time: each is held in memory."""
    max_picture_wait_s: Annotated[float, Field(gt=0, le=600)] = 20.0
    """What takes longer to read and judge is given up."""
    max_clip_wait_s: Annotated[float, Field(gt=0, le=7200)] = 600.0
    """The same for a clip."""
    max_memory_bytes: Annotated[int, Field(ge=1_500_000_000, le=64_000_000_000)] = 2_500_000_000
    """So much address space has the process that reads them, 1.2 GB of it for code: what needs more is given up."""
    idle_s: Annotated[float, Field(gt=0, le=86_400)] = 120.0
    """After so long without an upload that process ends, and its memory is free."""
    blur: UploadBlur = "off"
    """What is made unrecognisable in the preview that is sent back: nothing, faces, or all of it."""
