"""How often lanes look for faces: within a budget they share, in turns, and never too seldom."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from pipeline.stages.cadence import (
    LONGEST_BEHIND_S,
    LONGEST_S,
    AdaptiveCadence,
    DetectionBudget,
    EveryNthFrame,
    Scene,
)
from tests.results import flat_frame

FRAME = flat_frame(0)
FRAME_S = 0.04
COST_S = 0.02
MINUTE_S = 60.0


@dataclass
class Lanes:
    """Lanes of cameras at 25 frames a second, a few milliseconds apart, stepped by a clock of ours."""

    count: int
    cores: float = 0.8
    cost_s: float = COST_S
    now_s: float = 1000.0
    looks_s: list[list[float]] = field(init=False)

    def __post_init__(self) -> None:
        budget = DetectionBudget(self.cores, lambda: self.now_s)
        self._cadences = [AdaptiveCadence(budget) for _ in range(self.count)]
        self.looks_s = [[] for _ in range(self.count)]

    def run(self, duration_s: float, waiting_frames: int = 0, silent: frozenset[int] = frozenset()) -> None:
        began_s = self.now_s
        for frame in range(round(duration_s / FRAME_S)):
            for lane in range(self.count):
                self.now_s = began_s + frame * FRAME_S + lane * FRAME_S / self.count
                if lane not in silent and self._cadences[lane].look_due(Scene(FRAME, waiting_frames)):
                    self.looks_s[lane].append(self.now_s)
                    self._cadences[lane].looked(self.cost_s)
        self.now_s = began_s + duration_s

    def rates(self) -> list[float]:
        return [len(looks_s) / MINUTE_S for looks_s in self.looks_s]

    def intervals_s(self) -> list[float]:
        return [after - before for looks_s in self.looks_s for before, after in pairwise(looks_s)]


def test_every_nth_frame_is_what_it_says() -> None:
    cadence = EveryNthFrame(3)
    looks = []
    for index in range(7):
        if cadence.look_due(Scene(FRAME, waiting_frames=index)):
            looks.append(index)
            cadence.looked(100.0)
    assert looks == [0, 3, 6]


def test_a_camera_alone_is_looked_at_frame_by_frame() -> None:
    lanes = Lanes(1)
    lanes.run(MINUTE_S)
    assert lanes.rates() == [25.0]


@pytest.mark.parametrize("count", [2, 4, 8, 16])
def test_lanes_share_the_budget_evenly(count: int) -> None:
    lanes = Lanes(count)
    lanes.run(MINUTE_S)
    fair = min(25.0, 0.8 / COST_S / count)
    assert lanes.rates() == pytest.approx([fair] * count, rel=0.05)


def test_lanes_do_not_look_all_at_once() -> None:
    lanes = Lanes(8)
    lanes.run(MINUTE_S)
    times_s = sorted(moment for looks_s in lanes.looks_s for moment in looks_s)
    crowds = [sum(moment <= other < moment + COST_S for other in times_s) for moment in times_s[100:]]
    assert sum(crowds) / len(crowds) < 2


def test_no_interval_is_much_longer_than_the_others() -> None:
    lanes = Lanes(8)
    lanes.run(MINUTE_S)
    assert max(lanes.intervals_s()) < 2 * 8 * COST_S / 0.8


def test_however_many_lanes_there_are_each_is_looked_at_now_and_then() -> None:
    lanes = Lanes(100)
    lanes.run(MINUTE_S)
    assert max(lanes.intervals_s()) <= LONGEST_S + FRAME_S + 1e-6


def test_a_silent_camera_leaves_its_turns_to_the_others() -> None:
    lanes = Lanes(8)
    lanes.run(MINUTE_S, silent=frozenset(range(4)))
    assert lanes.rates() == pytest.approx([0.0] * 4 + [10.0] * 4, rel=0.05)


def test_who_comes_back_is_looked_at_at_once_and_gets_no_more_than_their_share() -> None:
    lanes = Lanes(2, cores=0.4)
    lanes.run(MINUTE_S, silent=frozenset({1}))
    returned_s = lanes.now_s
    lanes.run(MINUTE_S)
    assert lanes.looks_s[1][0] == pytest.approx(returned_s, abs=FRAME_S)
    assert lanes.rates()[1] == pytest.approx(10.0, rel=0.05)


def test_a_lane_that_is_behind_puts_its_looks_off_but_not_for_ever() -> None:
    lanes = Lanes(1)
    lanes.run(MINUTE_S, waiting_frames=1)
    assert min(lanes.intervals_s()) >= LONGEST_BEHIND_S
    assert max(lanes.intervals_s()) <= LONGEST_BEHIND_S + FRAME_S + 1e-6


def test_what_a_look_takes_on_a_busy_machine_is_not_what_it_costs() -> None:
    lanes = Lanes(1, cores=0.2)
    for lanes.cost_s in (COST_S, 10 * COST_S, 10 * COST_S, COST_S) * 100:
        lanes.run(FRAME_S * 5)
    assert len(lanes.looks_s[0]) == pytest.approx(len(range(400)) * 2, rel=0.05)


def test_a_dearer_look_is_had_less_often() -> None:
    cheap, dear = Lanes(4), Lanes(4, cost_s=2 * COST_S)
    cheap.run(MINUTE_S)
    dear.run(MINUTE_S)
    assert math.fsum(dear.rates()) == pytest.approx(math.fsum(cheap.rates()) / 2, rel=0.05)


def test_a_budget_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="a share of a core, got 0"):
        DetectionBudget(0)
