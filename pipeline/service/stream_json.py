"""A stream as the REST interface shows it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Self, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, computed_field

from pipeline.sources.stream_state import Reason, StreamState
from pipeline.stream_status import Owner, StreamStatus

PATH = "/api/v1/streams"

UtcTime: TypeAlias = Annotated[datetime, AfterValidator(lambda time: time.astimezone(UTC))]


class StreamJson(BaseModel):
    """All of a `StreamStatus`, with the addresses of its pictures; without credentials, as that is."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    id: str
    owner: Owner
    url: str
    labels: Mapping[str, str]
    state: StreamState
    reason: Reason
    detail: str
    since_utc: UtcTime
    retry_utc: UtcTime | None
    width: int
    height: int
    frames_per_s: float
    frame_age_s: float | None
    last_frame_utc: UtcTime | None
    persons: Mapping[str, int]
    compliance: float | None
    judged: int
    is_recorded: bool
    has_preview: bool
    hints: tuple[str, ...]

    @classmethod
    def of(cls, status: StreamStatus) -> Self:
        """Return `status` as it is sent."""
        return cls.model_validate(status)

    @computed_field
    def preview(self) -> str | None:
        """Where its moving picture is; null where the stream has none."""
        return f"{PATH}/{self.id}/preview" if self.has_preview else None

    @computed_field
    def snapshot(self) -> str | None:
        """Where its newest picture is; null where the stream has none."""
        return f"{PATH}/{self.id}/snapshot" if self.has_preview else None


class StreamsJson(BaseModel):
    """All streams, those of the configuration file first."""

    streams: list[StreamJson]

    @classmethod
    def of(cls, statuses: Sequence[StreamStatus]) -> Self:
        """Return `statuses` as they are sent."""
        return cls(streams=[StreamJson.of(status) for status in statuses])
