"""Which pictures are passed over by who reads too slowly, and which are not though they are old."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from pipeline.sources.backlog import DECODE_ALL_S, FRESH_S, KEYS_ONLY_S, LATE_S, WAITS_REMEMBERED, Backlog
from pipeline.sources.connection import ConnectionSettings, Picture, Reading
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.reconnecting import LiveTools, Reconnecting
from pipeline.sources.stream_state import StateChange
from tests.results import black_planes

STEP_S = 0.04
MINUTE_S = 60.0


def late(backlog: Backlog, ages_s: Sequence[float], *, was_waited_for: bool = False) -> list[bool]:
    return [backlog.is_late(age_s, 0.0, was_waited_for=was_waited_for) for age_s in ages_s]


def test_a_backlog_is_passed_over_until_it_is_fresh_again() -> None:
    assert late(Backlog(), [0.0, LATE_S, 1.1, 0.5, 0.3, FRESH_S, 0.5]) == [False, False, True, True, True, False, False]


def test_what_had_to_be_waited_for_is_the_newest_there_is() -> None:
    backlog = Backlog()
    assert late(backlog, [3.0, 2.9]) == [True, True]
    assert late(backlog, [2.8], was_waited_for=True) == [False]


def test_a_camera_that_is_late_by_itself_is_behind_only_when_it_is_later_than_usual() -> None:
    backlog = Backlog()
    late(backlog, [60.0 + 0.1 * index for index in range(WAITS_REMEMBERED)], was_waited_for=True)
    assert late(backlog, [60.9, 61.1, 60.3, 60.1]) == [False, True, True, False]


def test_a_gap_that_is_waited_for_once_makes_no_usual_age() -> None:
    backlog = Backlog()
    late(backlog, [0.0] * WAITS_REMEMBERED, was_waited_for=True)
    late(backlog, [3.0], was_waited_for=True)
    assert late(backlog, [2.9]) == [True]


def test_key_frames_alone_are_asked_for_where_passing_over_does_not_help_but_not_for_ever() -> None:
    backlog = Backlog()
    assert not backlog.wants_keys_only(0.0)
    late(backlog, [2.0])
    moments_s = (0.0, DECODE_ALL_S, DECODE_ALL_S + KEYS_ONLY_S)
    assert [backlog.wants_keys_only(now_s) for now_s in moments_s] == [False, True, False]
    late(backlog, [0.0])
    assert not backlog.wants_keys_only(DECODE_ALL_S)


@dataclass(slots=True)
class BusyMachine:
    """A camera that sends 25 pictures a second, each 50th a key frame, and a decoder that takes `decode_s` for one.

    The clock of the camera gains `drift` seconds a second; the connection is a `Connection` of `duration_s`.
    """

    decode_s: float
    drift: float = 0.0
    duration_s: float = MINUTE_S
    now_s: float = 1000.0
    frames_per_s: float = 25.0
    ages_s: list[float] = field(default_factory=list)
    indices: list[int] = field(default_factory=list)
    _next: int = 0

    def run(self) -> None:
        source = Reconnecting(
            "rtsp://192.0.2.1/1", "cam", self._ignore, tools=LiveTools(self._open, self._wait, self._now)
        )
        for frame in source.frames():
            self.ages_s.append(self.now_s - 1000.0 - frame.index * STEP_S)
            self.indices.append(frame.index)
            if self.now_s > 1000.0 + self.duration_s:
                source.close()

    def read(self, *, keys_only: bool = False) -> Reading:
        index, self._next = self._next, self._next + 1
        waited_s = max(0.0, 1000.0 + index * STEP_S - self.now_s)
        self.now_s += waited_s
        if keys_only and index % 50:
            return Reading(waited_s=waited_s, skipped=1)
        self.now_s += self.decode_s
        return Reading([Picture(black_planes((64, 48)), index * STEP_S / (1 + self.drift))], waited_s)

    def close(self) -> None: ...

    def _open(self, _: str, __: ConnectionSettings, ___: Interrupt) -> "BusyMachine":
        return self

    def _wait(self, _: Interrupt, __: float) -> bool:
        raise AssertionError("the connection is never lost")

    def _now(self) -> float:
        return self.now_s

    def _ignore(self, _: StateChange) -> None: ...


@pytest.mark.parametrize("decode_s", [0.041, 0.06, 0.2])
def test_a_machine_too_slow_to_decode_shows_few_pictures_but_new_ones(decode_s: float) -> None:
    machine = BusyMachine(decode_s)
    machine.run()
    assert max(machine.ages_s) <= LATE_S + decode_s + 2 * STEP_S
    assert max(after - before for before, after in pairwise(machine.indices)) * STEP_S <= DECODE_ALL_S + 4.0
    assert len(machine.indices) > 0.2 * MINUTE_S / decode_s, "most of what can be decoded is not thrown away"


@pytest.mark.parametrize("drift", [0.05, -0.05])
def test_a_camera_whose_clock_is_wrong_loses_nothing(drift: float) -> None:
    machine = BusyMachine(0.01, drift)
    machine.run()
    assert machine.indices == list(range(len(machine.indices)))
