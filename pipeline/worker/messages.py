"""What the parent and its workers say to each other, pickled, over a socket that both alone hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from prometheus_client.metrics_core import Metric

from pipeline.config.log import LogConfig
from pipeline.config.streams import StreamConfig
from pipeline.jpeg import Jpeg
from pipeline.model_card import ModelCard
from pipeline.sources.stream_state import StateChange
from pipeline.stream_history import DepartedPerson, VerdictChange


@dataclass(frozen=True, slots=True)
class Begin:
    """The first message to a worker: worker `index` of `count`, which logs as its parent does."""

    index: int
    count: int
    model: Path | None
    device: str
    log: LogConfig


@dataclass(frozen=True, slots=True)
class StartStream:
    """Run a lane for a stream that does not run; `run` tells its messages from those of an earlier lane."""

    config: StreamConfig
    run: int


@dataclass(frozen=True, slots=True)
class StopStream:
    """End the lane of a stream, drained, and answer with StreamEnded, even where there is none."""

    stream: str


@dataclass(frozen=True, slots=True)
class WatchStream:
    """Render pictures of a stream from now on, or no longer; it lasts beyond the lane."""

    stream: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Scrape:
    """Answer with Scraped of that number."""

    number: int


@dataclass(frozen=True, slots=True)
class Classify:
    """Answer with Classified of that number; `crops` are (N, S, S, 3) uint8 RGB, S as the card of the model says."""

    number: int
    crops: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stop:
    """End all lanes, drained, and then the process."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is warm: streams can be started, and crops be sent."""

    name: str
    sha256: str
    precision: str
    provider: str
    card: ModelCard = field(repr=False)


@dataclass(frozen=True, slots=True)
class Unfit:
    """The worker can't begin, for a reason that a person can mend, and ends with that exit code."""

    message: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class StateTold:
    """The lane `run` of a stream is in another state."""

    stream: str
    run: int
    change: StateChange


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """Nothing of the stream is left in the worker."""

    stream: str


@dataclass(frozen=True, slots=True)
class PersonLeft:
    """A person left the view of a stream, or was in view when its lane ended."""

    person: DepartedPerson


@dataclass(frozen=True, slots=True)
class VerdictTold:
    """Something else is said of a person than was told before; the parent numbers the change.

    `thumbnail` is a JPEG of the face, None where the stream shows none, or too many changed at once.
    """

    stream: str
    change: VerdictChange
    thumbnail: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class FitnessTold:
    """How fit the picture of a stream is, from 0 (unfit) to 1 (fit), by what it may suffer from."""

    stream: str
    fitness: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class StreamPulse:
    """What a stream did since the last pulse, and the newest of its published frames.

    `faces` counts those on the frames, each frame anew; `persons` are those in view by verdict.
    """

    frames: int
    faces: int
    persons: Mapping[str, int]
    width: int
    height: int
    age_s: float | None
    captured_utc: datetime | None


@dataclass(frozen=True, slots=True)
class Pulse:
    """A sign of life, once a second; `elapsed_s` is how long ago the last one was."""

    elapsed_s: float
    streams: Mapping[str, StreamPulse]


@dataclass(frozen=True, slots=True)
class PictureTaken:
    """A rendered picture of a watched stream."""

    stream: str
    picture: Jpeg


@dataclass(frozen=True, slots=True)
class Scraped:
    """The answer to Scrape: what the worker's registry holds."""

    number: int
    families: Sequence[Metric] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Classified:
    """The answer to Classify: probabilities in `SCORED_STATES` order by crop; none where that could not be done."""

    number: int
    rows: Sequence[tuple[float, float, float]] = ()


Command: TypeAlias = Begin | StartStream | StopStream | WatchStream | Scrape | Classify | Stop
Report: TypeAlias = (
    Ready
    | Unfit
    | StateTold
    | StreamEnded
    | PersonLeft
    | VerdictTold
    | FitnessTold
    | Pulse
    | PictureTaken
    | Scraped
    | Classified
)
