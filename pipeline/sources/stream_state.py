"""What a live stream is doing, and why."""

from dataclasses import dataclass
from enum import Enum

from pipeline.errors import SourceError


class StreamState(Enum):
    """Where a live stream stands."""

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    """Connected, and no picture has come for a while."""
    BACKING_OFF = "backing_off"
    """Lost or out of reach; it is tried again after a wait."""
    REFUSED = "refused"
    """The camera does not accept the user name and password; it is tried again after the longest wait."""
    PAUSED = "paused"
    """Left alone until the operator wants it again."""


class Reason(Enum):
    """Why a stream went over to a state: few enough to be the label of a metric."""

    STARTED = "started"
    RETRY = "retry"
    PICTURES = "pictures"
    ENDED = "ended"
    SILENT = "silent"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    CREDENTIALS = "credentials"
    NOT_FOUND = "not_found"
    BROKEN = "broken"
    CRASHED = "crashed"
    """The process that read the stream died; another one takes over."""
    FAULT = "fault"
    """A fault of the program ended the stream's lane; it is begun anew."""
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class StateChange:
    """A stream's new state; `detail` is a sentence for people, without credentials, `retry_in_s` the wait, if any."""

    state: StreamState
    reason: Reason
    detail: str
    retry_in_s: float | None = None


class ConnectionLostError(SourceError):
    """A live input can't be opened or read on; its message holds no credentials."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
