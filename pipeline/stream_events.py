"""What happens to live streams, as those are told who asked to hear of it."""

from dataclasses import dataclass
from typing import TypeAlias

from pipeline.stream_history import DepartedPerson, VerdictChange
from pipeline.stream_status import StreamStatus


@dataclass(frozen=True, slots=True)
class StreamChanged:
    """A stream came, or anything of it has changed; told at most once a second a stream."""

    status: StreamStatus


@dataclass(frozen=True, slots=True)
class StreamRemoved:
    """The stream of that id is gone; no event of it follows, unless one of the same id comes."""

    stream: str


@dataclass(frozen=True, slots=True)
class VerdictChanged:
    """Something else is said of a person of `stream` than before."""

    stream: str
    change: VerdictChange


@dataclass(frozen=True, slots=True)
class PersonGone:
    """A person left the view of a stream, which the person names."""

    person: DepartedPerson


StreamEvent: TypeAlias = StreamChanged | StreamRemoved | VerdictChanged | PersonGone
