"""Puts planes and the times of a picture together into a `Frame`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pipeline.types import Frame
from pipeline.vision.i420 import Planes


@dataclass(frozen=True, slots=True)
class Moment:
    """When a picture was taken and how long it stands; see `Frame` for the clocks."""

    media_s: float
    duration_s: float
    captured_monotonic_s: float
    captured_utc: datetime | None


def frame_of(stream: str, index: int, planes: Planes, moment: Moment) -> Frame:
    """Return frame `index` of `stream`; its planes become read-only."""
    for plane in (planes.y, planes.u, planes.v):
        plane.flags.writeable = False
    return Frame(
        stream=stream,
        index=index,
        media_s=moment.media_s,
        y=planes.y,
        u=planes.u,
        v=planes.v,
        matrix=planes.matrix,
        color_range=planes.color_range,
        duration_s=moment.duration_s,
        captured_monotonic_s=moment.captured_monotonic_s,
        captured_utc=moment.captured_utc,
    )


def utc_at(media_s: float, started_utc: datetime | None) -> datetime | None:
    """Return the wall clock `media_s` seconds after the start, None where the start is unknown."""
    return None if started_utc is None else started_utc + timedelta(seconds=media_s)
