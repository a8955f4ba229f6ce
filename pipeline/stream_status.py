"""What a live stream is and does now, for people and programs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from pipeline.sources.stream_state import Reason, StreamState


class Owner(Enum):
    """Who may change a stream: the configuration file alone, or REST."""

    FILE = "file"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """A look at a stream; nothing in it holds credentials.

    `url` is the form to show; `detail` is a sentence for people. `retry_utc` is when a lost stream is tried again.
    `width` and `height` are those of the newest picture in pixels, 0 where none came yet; `frames_per_s` is the rate at
    which results were published lately, `frame_age_s` how old the newest of them was, `persons` how many persons are in
    view, by verdict. `judged` persons left within the compliance window, and `compliance` is the share of them who were
    masked. `hints` are sentences for people: what makes verdicts on this camera's pictures worse, and what helps.
    """

    id: str
    owner: Owner
    url: str
    labels: Mapping[str, str]
    state: StreamState
    reason: Reason
    detail: str
    since_utc: datetime
    retry_utc: datetime | None = None
    width: int = 0
    height: int = 0
    frames_per_s: float = 0.0
    frame_age_s: float | None = None
    last_frame_utc: datetime | None = None
    persons: Mapping[str, int] = field(default_factory=dict)
    compliance: float | None = None
    judged: int = 0
    is_recorded: bool = False
    has_preview: bool = True
    hints: tuple[str, ...] = ()
