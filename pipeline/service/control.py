"""What the HTTP service asks of the running streams."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Protocol

from prometheus_client import CollectorRegistry

from pipeline.config.streams import StreamConfig
from pipeline.jpeg import Jpeg
from pipeline.stream_events import StreamEvent
from pipeline.stream_history import DepartedPerson, StreamHistory
from pipeline.stream_status import StreamStatus
from pipeline.upload import CheckedClip, CheckedPicture, JudgingModel, Upload


@dataclass(frozen=True, slots=True)
class Health:
    """`alive`: the program works; `ready`: the model is warm and at least one stream was tried.

    `problems` says, in sentences for people, what either lacks.
    """

    alive: bool
    ready: bool
    problems: tuple[str, ...] = ()


class Examination(Protocol):
    """Judges what visitors send, in a process of its own. Used by any thread; nothing waits.

    Every method raises UploadsOffError where the configuration takes no uploads. An upload that is handed over is
    closed by who took it, also where that fails.
    """

    @property
    def model(self) -> JudgingModel:
        """What gives the verdicts; raise UploadBusyError until it is loaded."""
        ...

    def picture(self, upload: Upload, *, preview: bool = False) -> "Future[CheckedPicture]":
        """Return the future answer; cancelled while it waits, it costs nothing more.

        Raise UploadBusyError, now or by the future, where nobody can judge it; by the future any other UploadError.
        """
        ...

    def begin_clip(self, upload: Upload) -> CheckedClip:
        """Take a clip, to be asked about by its id; raise UploadBusyError."""
        ...

    def clip(self, clip_id: str) -> CheckedClip:
        """Return how far a clip is; raise UnknownClipError, also some while after its end."""
        ...

    def remove_clip(self, clip_id: str) -> None:
        """Forget a clip, giving it up where it is not done; raise UnknownClipError."""
        ...


class Control(Protocol):
    """The running streams. Used by any thread; every change returns once it is made."""

    @property
    def registry(self) -> CollectorRegistry:
        """What `/metrics` shows."""
        ...

    @property
    def examination(self) -> Examination:
        """What judges uploads."""
        ...

    def health(self) -> Health: ...

    def streams(self) -> Sequence[StreamStatus]:
        """Return all streams, those of the file first, in the order in which they came."""
        ...

    def stream(self, stream: str) -> StreamStatus:
        """Raise UnknownStreamError where there is none."""
        ...

    def add(self, config: StreamConfig) -> StreamStatus:
        """Begin with a stream that REST owns, and remember it; raise StreamExistsError."""
        ...

    def replace(self, config: StreamConfig) -> StreamStatus:
        """Give the stream of that id another configuration; raise UnknownStreamError or FileOwnedError."""
        ...

    def remove(self, stream: str) -> None:
        """End a stream and forget it; raise UnknownStreamError or FileOwnedError."""
        ...

    def pause(self, stream: str, *, paused: bool) -> StreamStatus:
        """Leave a stream alone, or go on with it; raise UnknownStreamError or FileOwnedError."""
        ...

    def watch(self, stream: str, on_picture: Callable[[Jpeg | None], None]) -> Callable[[], None]:
        """Have pictures rendered and given to `on_picture`, on a thread of the streams', until the returned call.

        None is given once, last, where the stream is removed. Raise UnknownStreamError or NoPreviewError.
        """
        ...

    def history(self, stream: str) -> StreamHistory:
        """Return what the stream did lately; raise UnknownStreamError."""
        ...

    def thumbnail(self, stream: str, number: int) -> bytes:
        """Return the JPEG of a verdict's change by its number; raise UnknownStreamError or NoThumbnailError."""
        ...

    def people(self, stream: str | None = None, limit: int = 100) -> Sequence[DepartedPerson]:
        """Return at most `limit` persons who left `stream`, or any, the newest first; raise UnknownStreamError."""
        ...

    def subscribe(self, on_event: Callable[[StreamEvent], None]) -> Callable[[], None]:
        """Have what happens to streams from now on given to `on_event`, until the returned function is called.

        It is called by several threads, one event at a time, in the order in which things happened: it should return at
        once, and ask nothing of this port. Who asks for all streams after subscribing misses nothing.
        """
        ...
