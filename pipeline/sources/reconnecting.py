"""A live input that comes back: what a camera does, a restart of this program is not needed for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from pipeline.retry_waits import RetryWaits
from pipeline.sources.backlog import Backlog
from pipeline.sources.capture_clock import CaptureClock
from pipeline.sources.connection import CAMERA, USUAL_FRAMES_PER_S, Connection, ConnectionSettings, Picture, connect
from pipeline.sources.frames import Moment, frame_of
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.looped import SCHEME as LOOP_SCHEME
from pipeline.sources.looped import LoopedFile
from pipeline.sources.paced import Paced
from pipeline.sources.stream_state import ConnectionLostError, Reason, StateChange, StreamState
from pipeline.sources.timeline import Timeline
from pipeline.types import Frame, SourceInfo

STEADY_AFTER_S = 5.0
"""A stream that was live for so long is waited for but shortly when it is lost: before that it may be flapping."""

WAITED_FRAMES = 0.5
"""A read that took this part of the time between two frames had to wait; less may be a busy machine."""

CAMERA_WAITS = RetryWaits(first_s=0.5, longest_s=30.0, growth=1.5)
"""Below 5 s for the first 10 s of an outage, the longest after a minute and a half."""

SOON_REFUSALS, SOON_S = 3, 4.0
"""A camera that starts may refuse every login for some seconds: so many refusals in a row are tried again this soon.

More attempts could lock the user out, so after them the longest wait follows.
"""

STALLED_AFTER_FRAMES = 3
"""A camera of one picture in two seconds isn't stalled after two."""

Opener: TypeAlias = Callable[[str, ConnectionSettings, Interrupt], Connection]


def open_connection(location: str, settings: ConnectionSettings, interrupt: Interrupt) -> Connection:
    """Open a camera, a stream, or a file to be looped (`loop:PATH`); raise ConnectionLostError where that fails."""
    if location.startswith(LOOP_SCHEME):
        return LoopedFile(Path(location.removeprefix(LOOP_SCHEME)), interrupt)
    stream = connect(location, settings, interrupt)
    return Paced(stream, interrupt) if stream.comes_in_lumps else stream


@dataclass(frozen=True, slots=True)
class LiveTools:
    """What the world is made of, for tests to step: an opener, waits, clocks."""

    open: Opener = open_connection
    wait: Callable[[Interrupt, float], bool] = Interrupt.wait
    monotonic_s: Callable[[], float] = time.monotonic
    utc: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """How a live input is connected to, and how soon again after it was lost."""

    connection: ConnectionSettings = field(default_factory=ConnectionSettings)
    waits: RetryWaits = CAMERA_WAITS


class Reconnecting:
    """A camera, a stream or a looped file as a source that only `close` ends.

    Nothing is opened before `frames` is iterated, so a dead camera holds nobody up; until the first picture, the size
    in `info` is 0 x 0. Indices and `media_s` keep rising over all connections; the size of the frames may change at any
    time. `captured_monotonic_s` goes by the stream's own clock (see `CaptureClock`). Who reads too slowly gets the
    newest frames: the others are passed over, which shows as a gap in the indices (see `Backlog`). `on_state` is called
    on the reading thread with each change of state. Nothing that it tells holds the location.
    """

    def __init__(
        self,
        location: str,
        stream: str,
        on_state: Callable[[StateChange], None],
        settings: LiveSettings | None = None,
        tools: LiveTools | None = None,
    ) -> None:
        self._location = location
        self._stream = stream
        self._on_state = on_state
        self._settings = settings or LiveSettings()
        self._tools = tools or LiveTools()
        self._interrupt = Interrupt()
        self._info = SourceInfo(stream, 0, 0, USUAL_FRAMES_PER_S, is_live=True)
        self._state: StreamState | None = None
        self._failures = 0
        self._refusals = 0
        self._index = 0
        self._timeline = Timeline(step_s=1 / USUAL_FRAMES_PER_S)
        self._first_captured_s: float | None = None

    @property
    def info(self) -> SourceInfo:
        """What is known by now; the size is that of the newest picture."""
        return self._info

    def frames(self) -> Iterator[Frame]:
        """Yield the frames as they come, over as many connections as it takes, until `close`."""
        reason, detail = Reason.STARTED, f"calling {CAMERA}"
        while not self._interrupt.is_set():
            self._tell(StateChange(StreamState.CONNECTING, reason, detail))
            try:
                connection = self._tools.open(self._location, self._settings.connection, self._interrupt)
                with closing(connection):
                    yield from self._frames_of(connection)
            except ConnectionLostError as error:
                if not self._interrupt.is_set():
                    self._wait_after(error)
            reason, detail = Reason.RETRY, f"calling {CAMERA} again"

    def close(self) -> None:
        """End the iteration, whatever it waits for, within a fraction of a second."""
        self._interrupt.set()

    def _frames_of(self, connection: Connection) -> Iterator[Frame]:
        now_s = self._tools.monotonic_s
        watch = _Watch(self._settings.connection, connection.frames_per_s, now_s())
        least_wait_s = WAITED_FRAMES / connection.frames_per_s
        capture, backlog = CaptureClock(), Backlog()
        self._timeline.restart()
        while not self._interrupt.is_set():
            reading = connection.read(keys_only=backlog.wants_keys_only(now_s()))
            self._index += reading.skipped
            for picture in reading.pictures:
                if self._interrupt.is_set():
                    return
                self._note_picture(picture, watch, connection)
                frame = self._frame(picture, capture)
                age_s = now_s() - frame.captured_monotonic_s
                if not backlog.is_late(age_s, now_s(), was_waited_for=reading.waited_s >= least_wait_s):
                    yield frame
            watch.look(now_s(), has_pictures=bool(reading.pictures or reading.skipped))
            self._judge(watch)

    def _note_picture(self, picture: Picture, watch: "_Watch", connection: Connection) -> None:
        height, width = picture.planes.y.shape
        if self._state is StreamState.LIVE and (width, height) == (self._info.width, self._info.height):
            return
        self._info = replace(self._info, width=width, height=height, frames_per_s=connection.frames_per_s)
        if self._state is not StreamState.LIVE:
            watch.live_since_s = self._tools.monotonic_s()
            detail = f"{CAMERA} sends pictures of {width}x{height}"
            self._tell(StateChange(StreamState.LIVE, Reason.PICTURES, detail))

    def _frame(self, picture: Picture, capture: CaptureClock) -> Frame:
        now_s = self._tools.monotonic_s()
        captured_s, is_new_count = capture.place(picture.stamp_s, now_s)
        if is_new_count:
            self._timeline.restart()
        if self._first_captured_s is None:
            self._first_captured_s = captured_s
        media_s = self._timeline.place(picture.stamp_s, expected_s=captured_s - self._first_captured_s)
        captured_utc = self._tools.utc() - timedelta(seconds=now_s - captured_s)
        index, self._index = self._index, self._index + 1
        return frame_of(self._stream, index, picture.planes, Moment(media_s, 0.0, captured_s, captured_utc))

    def _judge(self, watch: "_Watch") -> None:
        """Call a silent stream stalled, then lost; a steady one deserves short waits."""
        if watch.silent_s >= watch.lost_after_s:
            raise ConnectionLostError(Reason.SILENT, f"no picture for {watch.silent_s:.0f} s")
        if watch.silent_s >= watch.stalled_after_s and self._state is StreamState.LIVE:
            self._tell(StateChange(StreamState.STALLED, Reason.SILENT, f"no picture for {watch.silent_s:.0f} s"))
        if self._state is StreamState.LIVE and watch.live_s >= STEADY_AFTER_S:
            self._failures = self._refusals = 0

    def _wait_after(self, error: ConnectionLostError) -> None:
        is_refused = error.reason is Reason.CREDENTIALS
        self._failures += 1
        self._refusals = self._refusals + 1 if is_refused else 0
        waits = self._settings.waits
        wait_s = self._refused_wait_s() if is_refused else waits.wait_s(self._failures)
        state = StreamState.REFUSED if is_refused else StreamState.BACKING_OFF
        self._tell(StateChange(state, error.reason, str(error), retry_in_s=wait_s))
        self._tools.wait(self._interrupt, wait_s)

    def _refused_wait_s(self) -> float:
        longest_s = self._settings.waits.longest_s
        return min(SOON_S, longest_s) if self._refusals <= SOON_REFUSALS else longest_s

    def _tell(self, change: StateChange) -> None:
        self._state = change.state
        self._on_state(change)


class _Watch:
    """How long a connection has been silent, and for how long it has been live."""

    def __init__(self, settings: ConnectionSettings, frames_per_s: float, now_s: float) -> None:
        frames_s = STALLED_AFTER_FRAMES / frames_per_s
        self.stalled_after_s = max(settings.stalled_after_s, frames_s)
        self.lost_after_s = max(settings.lost_after_s, 2 * frames_s)
        self.live_since_s = now_s
        self._now_s = self._last_picture_s = now_s

    @property
    def silent_s(self) -> float:
        return self._now_s - self._last_picture_s

    @property
    def live_s(self) -> float:
        return self._now_s - self.live_since_s

    def look(self, now_s: float, *, has_pictures: bool) -> None:
        """Take the time after a read, and after what came of it was used."""
        self._now_s = now_s
        if has_pictures:
            self._last_picture_s = now_s
