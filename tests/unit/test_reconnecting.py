"""The state machine of a live stream, stepped: each read and each wait moves a clock of ours."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sources.connection import Connection, ConnectionSettings, Picture, Reading
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.reconnecting import (
    CAMERA_WAITS,
    SOON_REFUSALS,
    SOON_S,
    LiveSettings,
    LiveTools,
    Reconnecting,
)
from pipeline.sources.stream_state import ConnectionLostError, Reason, StateChange, StreamState
from pipeline.types import Frame
from tests.results import black_planes

SHORTEST_S, LONGEST_S = CAMERA_WAITS.first_s, CAMERA_WAITS.longest_s
LOCATION = "rtsp://admin:hunter22@camera/1?token=hunter23"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
STEP_S = 0.04
FOLLOWERS = {
    StreamState.CONNECTING: {StreamState.LIVE, StreamState.BACKING_OFF, StreamState.REFUSED},
    StreamState.LIVE: {StreamState.STALLED, StreamState.BACKING_OFF, StreamState.REFUSED},
    StreamState.STALLED: {StreamState.LIVE, StreamState.BACKING_OFF, StreamState.REFUSED},
    StreamState.BACKING_OFF: {StreamState.CONNECTING},
    StreamState.REFUSED: {StreamState.CONNECTING},
}


@dataclass(frozen=True, slots=True)
class Read:
    """What one read gives after `took_s`: pictures with these stamps, or the loss of the connection.

    To decode them takes `decode_s` more.
    """

    took_s: float = STEP_S
    stamps_s: tuple[float | None, ...] = ()
    lost: Reason | None = None
    size: tuple[int, int] = (64, 48)
    decode_s: float = 0.0
    is_key: bool = False


@dataclass(slots=True)
class World:
    """Answers each opening by the next script, a Reason or the reads of a connection, and closes after the last."""

    scripts: Sequence[Reason | Sequence[Read]]
    now_s: float = 1000.0
    waits_s: list[float] = field(default_factory=list)
    changes: list[StateChange] = field(default_factory=list)
    opened: list["Scripted"] = field(default_factory=list)
    source: Reconnecting = field(init=False)
    _openings: int = 0

    def __post_init__(self) -> None:
        tools = LiveTools(self.open, self.wait, lambda: self.now_s, lambda: EPOCH + timedelta(seconds=self.now_s))
        settings = LiveSettings(waits=replace(CAMERA_WAITS, random=lambda: 0.0))
        self.source = Reconnecting(LOCATION, "cam-1", self.changes.append, settings, tools)

    def open(self, location: str, _: ConnectionSettings, __: Interrupt) -> Connection:
        assert location == LOCATION
        if self._openings == len(self.scripts):
            self.source.close()
            raise ConnectionLostError(Reason.NO_ANSWER, "closed")
        script, self._openings = self.scripts[self._openings], self._openings + 1
        if isinstance(script, Reason):
            raise ConnectionLostError(script, "the camera can't be opened")
        self.opened.append(Scripted(self, list(script)))
        return self.opened[-1]

    def wait(self, _: Interrupt, duration_s: float) -> bool:
        self.waits_s.append(duration_s)
        self.now_s += duration_s
        return False

    def frames(self) -> list[Frame]:
        return list(self.source.frames())

    def story(self) -> list[tuple[str, str]]:
        return [(change.state.value, change.reason.value) for change in self.changes]


@dataclass(slots=True)
class Scripted:
    """A connection that gives its reads, then ends."""

    world: World
    reads: list[Read]
    frames_per_s: float = 25.0
    closed: int = 0

    def read(self, *, keys_only: bool = False) -> Reading:
        read = self.reads.pop(0) if self.reads else Read(lost=Reason.ENDED)
        self.world.now_s += read.took_s + (0.0 if keys_only and not read.is_key else read.decode_s)
        if read.lost is not None:
            raise ConnectionLostError(read.lost, "the camera can't be read on")
        if keys_only and not read.is_key:
            return Reading(waited_s=read.took_s, skipped=len(read.stamps_s))
        return Reading([Picture(black_planes(read.size), stamp_s) for stamp_s in read.stamps_s], read.took_s)

    def close(self) -> None:
        self.closed += 1


def steady(seconds: float, size: tuple[int, int] = (64, 48)) -> list[Read]:
    """Reads of a camera that counts from 0; the first picture has no stamp, as FFmpeg gives it."""
    count = round(seconds / STEP_S)
    return [Read(stamps_s=(index * STEP_S if index else None,), size=size) for index in range(count)]


def test_nothing_is_opened_and_nothing_known_before_the_frames_are_asked_for() -> None:
    world = World([])
    info = world.source.info
    assert (info.width, info.height, info.is_live) == (0, 0, True)
    assert world.changes == []
    assert world.opened == []


def test_a_camera_that_hangs_up_is_called_again() -> None:
    world = World([steady(1), steady(1)])
    frames = world.frames()
    assert world.story() == [
        ("connecting", "started"),
        ("live", "pictures"),
        ("backing_off", "ended"),
        ("connecting", "retry"),
        ("live", "pictures"),
        ("backing_off", "ended"),
        ("connecting", "retry"),
    ]
    assert [frame.index for frame in frames] == list(range(50))
    gap_s = frames[25].media_s - frames[24].media_s
    assert gap_s == pytest.approx(SHORTEST_S + 2 * STEP_S), "media time goes on by the time that was lost"


def test_waits_grow_while_nobody_answers_and_are_short_after_steady_pictures() -> None:
    world = World([Reason.UNREACHABLE, Reason.NO_ANSWER, steady(1), steady(6), Reason.UNREACHABLE])
    world.frames()
    assert world.waits_s == pytest.approx([0.5, 0.75, 1.125, 0.5, 0.75])
    assert [change.retry_in_s for change in world.changes if change.retry_in_s] == world.waits_s


def test_wrong_credentials_wait_longest_and_say_so() -> None:
    refusals = [Reason.CREDENTIALS] * (SOON_REFUSALS + 2)
    world = World([*refusals, steady(6), Reason.UNREACHABLE])
    world.frames()
    assert world.story()[:3] == [("connecting", "started"), ("refused", "credentials"), ("connecting", "retry")]
    soon = [SOON_S] * SOON_REFUSALS
    assert world.waits_s == [*soon, LONGEST_S, LONGEST_S, SHORTEST_S, SHORTEST_S * 1.5]


def test_refusals_are_counted_anew_after_pictures() -> None:
    world = World([*[Reason.CREDENTIALS] * SOON_REFUSALS, steady(6), Reason.CREDENTIALS])
    world.frames()
    assert world.waits_s[-2:] == [SHORTEST_S, SOON_S]


def test_silence_is_a_stall_then_a_loss() -> None:
    silence = [Read(took_s=0.5) for _ in range(20)]
    world = World([[*steady(1), *silence]])
    world.frames()
    assert world.story()[1:4] == [("live", "pictures"), ("stalled", "silent"), ("backing_off", "silent")]
    assert len(world.opened[0].reads) == 10, "the connection is given up after 5 s"


def test_a_stall_that_ends_goes_on_within_the_connection() -> None:
    silence = [Read(took_s=0.5) for _ in range(6)]
    burst = [Read(took_s=0.0, stamps_s=(1 + index * STEP_S,)) for index in range(75)]
    world = World([[*steady(1), *silence, *burst]])
    frames = world.frames()
    assert [state for state, _ in world.story()[1:4]] == ["live", "stalled", "live"]
    ages_s = [1004.0 - frame.captured_monotonic_s for frame in frames[25:]]
    assert ages_s == pytest.approx([index * STEP_S for index in range(6)][::-1], abs=0.01), "the newest ones alone"
    assert [frame.index for frame in frames] == [*range(25), *range(94, 100)], "what is passed over is a gap"


def test_packets_without_a_picture_are_silence() -> None:
    world = World([[Read() for _ in range(1000)]])
    world.frames()
    assert world.story()[1] == ("backing_off", "silent")


def test_a_slow_camera_is_no_stalled_one() -> None:
    world = World([[Read(took_s=1.0, stamps_s=(float(index),)) for index in range(10)]])
    world.frames()
    assert ("stalled", "silent") not in world.story()


def test_the_size_may_change_within_a_connection_and_with_the_next() -> None:
    world = World([[*steady(0.2), Read(stamps_s=(0.2,), size=(32, 16))], steady(0.2, (128, 96))])
    sizes = []
    for frame in world.source.frames():
        assert (world.source.info.width, world.source.info.height) == (frame.width, frame.height)
        sizes.append((frame.width, frame.height))
    assert sizes == [(64, 48)] * 5 + [(32, 16)] + [(128, 96)] * 5
    assert [state for state, _ in world.story()].count("live") == 2, "a new size is no new state"


def test_a_jump_of_the_stamps_is_none_of_the_media_time() -> None:
    jumped = [Read(stamps_s=(stamp_s,)) for stamp_s in (3600.0, 3600.04, -50.0, -49.96)]
    frames = World([[*steady(1), *jumped]]).frames()
    assert np.diff([frame.media_s for frame in frames]) == pytest.approx([STEP_S] * 28, abs=1e-3)


def test_the_wall_clock_is_that_of_the_capture() -> None:
    frame = World([steady(1)]).frames()[10]
    assert frame.captured_utc == EPOCH + timedelta(seconds=frame.captured_monotonic_s)


def test_close_between_two_frames_ends_the_iteration_and_the_connection() -> None:
    world = World([steady(10)])
    for frame in world.source.frames():
        if frame.index == 3:
            world.source.close()
            world.source.close()
    assert world.opened[0].closed == 1
    assert world.story()[-1] == ("live", "pictures"), "a wanted end is no loss"


def test_whoever_stops_reading_leaves_no_connection_open() -> None:
    world = World([steady(10)])
    frames = world.source.frames()
    next(frames)
    frames.close()  # type: ignore[attr-defined]  # the port says Iterator, this one is a generator
    assert world.opened[0].closed == 1


def test_no_state_or_name_holds_a_credential() -> None:
    world = World([Reason.CREDENTIALS, steady(1), [*steady(1), *(Read(took_s=1.0) for _ in range(9))]])
    world.frames()
    assert "hunter" not in repr(world.changes) + repr(world.source.info)
    assert all(change.detail for change in world.changes)


STAMPS = st.none() | st.floats(-1e5, 1e5)
READS = st.builds(
    Read,
    took_s=st.floats(0, 3),
    stamps_s=st.lists(STAMPS, max_size=3).map(tuple),
    lost=st.sampled_from([None] * 9 + [Reason.BROKEN]),
    size=st.sampled_from([(64, 48), (32, 16)]),
)
FAILURES = st.sampled_from([Reason.UNREACHABLE, Reason.CREDENTIALS, Reason.NO_ANSWER, Reason.NOT_FOUND])


@given(st.lists(FAILURES | st.lists(READS, max_size=12), max_size=8))
def test_whatever_a_camera_does(scripts: list[Reason | list[Read]]) -> None:
    world = World(scripts)
    frames = world.frames()
    assert all(before.index < after.index for before, after in pairwise(frames))
    assert (np.diff([frame.media_s for frame in frames]) > 0).all()
    assert all(frame.captured_monotonic_s <= world.now_s + 1e-6 for frame in frames)
    assert all(SHORTEST_S <= wait_s <= LONGEST_S for wait_s in world.waits_s)
    assert [connection.closed for connection in world.opened] == [1] * len(world.opened)
    states = [change.state for change in world.changes]
    assert states[0] is StreamState.CONNECTING
    assert all(after in FOLLOWERS[before] for before, after in pairwise(states))
