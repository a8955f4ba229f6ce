"""Pictures that come many at once are given one by one, when their time has come."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from pipeline.sources.connection import Picture, Reading
from pipeline.sources.paced import MOST_AHEAD_S, Paced
from tests.results import black_planes
from tests.stepped import SteppedClock

STEP_S = 0.04


@dataclass(slots=True)
class Lumps:
    """A connection that gives (seconds to wait for it, timestamp) one by one."""

    clock: SteppedClock
    script: list[tuple[float, float | None]]
    frames_per_s: float = 25.0
    is_closed: bool = False

    def read(self, *, keys_only: bool = False) -> Reading:
        assert not keys_only
        waited_s, stamp_s = self.script.pop(0)
        self.clock.now_s += waited_s
        return Reading([Picture(black_planes((64, 48)), stamp_s)], waited_s)

    def close(self) -> None:
        self.is_closed = True


def given_at(script: Sequence[tuple[float, float | None]]) -> list[float]:
    """Return when each picture of the script is given, counted from the first one."""
    clock = SteppedClock()
    paced = Paced(Lumps(clock, list(script)), clock, clock.read)
    moments_s = []
    for _ in script:
        paced.read()
        moments_s.append(clock.now_s)
    return [moment_s - moments_s[0] for moment_s in moments_s]


def segment(number: int, waited_s: float = 0.0) -> list[tuple[float, float | None]]:
    """Return the pictures of a segment of one second, the first of which has to be waited for."""
    return [(waited_s if index == 0 else 0.0, number + index * STEP_S) for index in range(25)]


def test_a_segment_is_given_by_the_clock() -> None:
    assert given_at(segment(0) + segment(1)) == pytest.approx([index * STEP_S for index in range(50)])


def test_a_wait_for_a_segment_that_comes_in_time_does_not_show() -> None:
    assert given_at([(0.0, 0.0), (0.0, 1.0), (0.3, 1.5)]) == pytest.approx([0.0, 1.0, 1.5])


def test_where_the_store_runs_dry_the_count_begins_anew() -> None:
    moments_s = given_at(segment(0) + segment(1, waited_s=3.0))
    assert moments_s[24] == pytest.approx(0.96)
    assert moments_s[25:] == pytest.approx([3.96 + index * STEP_S for index in range(25)])


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_stamps_that_jump_are_not_waited_for(jump_s: float) -> None:
    script = [*segment(0), *((0.0, 1 + jump_s + index * STEP_S) for index in range(25))]
    moments_s = given_at(script)
    assert moments_s[-1] <= 2 + MOST_AHEAD_S


def test_pictures_without_a_stamp_are_given_as_they_come() -> None:
    assert given_at([(0.0, None), (0.5, None), (0.0, None)]) == [0.0, 0.5, 0.5]


def test_a_wait_ends_with_the_interrupt() -> None:
    clock = SteppedClock()
    lumps = Lumps(clock, [(0.0, 0.0), (0.0, 1.0)])
    paced = Paced(lumps, clock, clock.read)
    assert len(paced.read().pictures) == 1
    clock.set()
    assert paced.read().pictures == ()
    paced.close()
    assert lumps.is_closed
