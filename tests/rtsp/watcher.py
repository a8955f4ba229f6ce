"""Watches a live source on a thread of its own and lets a test wait for what comes of it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from benchmarks.rtsp.camera import HANDSHAKE_TIMEOUT_S
from benchmarks.rtsp.drawn_clock import read_number
from pipeline.sources.reconnecting import LiveSettings, Reconnecting
from pipeline.sources.stream_state import Reason, StateChange, StreamState
from pipeline.types import Frame


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a test wants to know of a frame, without keeping its picture."""

    index: int
    media_s: float
    width: int
    height: int
    number: int
    captured_monotonic_s: float
    seen_monotonic_s: float

    @property
    def age_s(self) -> float:
        """The age that the source says the frame had when it was seen."""
        return self.seen_monotonic_s - self.captured_monotonic_s


class Watcher:
    """A context that reads a source to its end; leaving it closes the source and joins the thread."""

    def __init__(self, location: str, settings: LiveSettings | None = None) -> None:
        self.changes: list[StateChange] = []
        self.sightings: list[Sighting] = []
        self.source = Reconnecting(location, "cam", self._take_change, settings)
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._watch, name="watcher")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.source.close()
        self._thread.join()

    @property
    def story(self) -> list[tuple[StreamState, Reason]]:
        return [(change.state, change.reason) for change in self.changes]

    def wait_for_state(self, state: StreamState, reason: Reason, after: int = 0) -> int:
        """Return the position in `story` behind the first such change from position `after` on."""
        self._wait(lambda: (state, reason) in self.story[after:], f"{state}, {reason}")
        return self.story.index((state, reason), after) + 1

    def wait_for_frames(self, count: int, is_wanted: Callable[[Sighting], bool] = lambda _: True) -> list[Sighting]:
        """Return the next `count` wanted frames."""
        first = len(self.sightings)

        def wanted() -> list[Sighting]:
            return [sighting for sighting in self.sightings[first:] if is_wanted(sighting)]

        self._wait(lambda: len(wanted()) >= count, f"{count} frames")
        return wanted()[:count]

    def wait_until_seen(self, number: int) -> None:
        """Return once a frame with that number drawn in was seen, since the beginning."""
        self._wait(lambda: any(seen.number == number for seen in self.sightings), f"the frame {number}")

    def _watch(self) -> None:
        for frame in self.source.frames():
            with self._changed:
                self.sightings.append(_sighting(frame))
                self._changed.notify_all()

    def _take_change(self, change: StateChange) -> None:
        with self._changed:
            self.changes.append(change)
            self._changed.notify_all()

    def _wait(self, is_reached: Callable[[], bool], what: str) -> None:
        with self._changed:
            reached = self._changed.wait_for(is_reached, HANDSHAKE_TIMEOUT_S)
        assert reached, f"waited in vain for {what}; the story so far: {self.story}"


def _sighting(frame: Frame) -> Sighting:
    return Sighting(
        index=frame.index,
        media_s=frame.media_s,
        width=frame.width,
        height=frame.height,
        number=read_number(frame.y),
        captured_monotonic_s=frame.captured_monotonic_s,
        seen_monotonic_s=time.monotonic(),
    )
