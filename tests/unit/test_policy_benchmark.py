"""What the benchmark of the policy makes of runs; nothing here is judged or timed."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.policy_figures import agreement, delays_s, notices_s, persons, right_share
from benchmarks.policy_report import ClipRow, Measured, part
from benchmarks.policy_run import Judged, Sight, Sights, found
from benchmarks.policy_scenes import CHANGED, Scene, Shown
from pipeline.types import Box, MaskState

MASKED, BARE, UNKNOWN = MaskState.MASKED, MaskState.UNMASKED, MaskState.UNKNOWN
LEFT, RIGHT = Box(0, 0, 40, 50), Box(100, 0, 140, 50)
FRAMES_PER_S = 10.0


def scene(kind: str = "crowd") -> Scene:
    """Return two seconds of Ann, masked, beside Bob, who takes his mask off after one."""
    frames = ((Shown("Ann", MASKED, LEFT), Shown("Bob", MASKED if index < 10 else BARE, RIGHT)) for index in range(20))
    return Scene(kind, Path("clip.mp4"), FRAMES_PER_S, tuple(frames))


def judged(*sights: tuple[int, Box, int, MaskState], until: int = 20, crops: int = 10) -> Judged:
    """Return a run in which each track, from a frame on, has a verdict at its place, and was unknown before."""
    seen = Sights()
    for index in range(until):
        row = tuple(
            Sight(track_id, box, state if index >= first else UNKNOWN) for track_id, box, first, state in sights
        )
        seen.frames.append((index / FRAMES_PER_S, row))
        seen.verdicts |= {one.track_id: one.state for one in row}
    return Judged(seen, crops, crops / 100)


def test_a_persons_verdict_is_the_last_on_the_track_that_showed_them_most() -> None:
    run = judged((1, LEFT, 0, MASKED), (2, RIGHT, 3, BARE))
    people = found(scene(), run.sights)
    assert {name: (one.state, one.first_verdict_s) for name, one in people.items()} == {
        "Ann": (MASKED, 0.0),
        "Bob": (BARE, pytest.approx(0.3)),
    }


def test_a_track_where_nobody_is_belongs_to_nobody() -> None:
    assert found(scene(), judged((1, Box(500, 500, 540, 550), 0, MASKED)).sights) == {}


def test_who_was_not_followed_is_not_judged_rightly() -> None:
    people = persons([scene()], [judged((1, LEFT, 0, MASKED), (2, RIGHT, 0, BARE))], [judged((5, RIGHT, 0, MASKED))])
    assert right_share(people, [one.every_face for one in people]) == 1.0
    assert right_share(people, [one.policy for one in people]) == 0.0


def test_delays_are_of_those_whom_both_judged() -> None:
    slow = judged((1, LEFT, 1, MASKED), (2, RIGHT, 0, BARE))
    quick = judged((1, LEFT, 4, MASKED), (2, RIGHT, 99, BARE))
    assert delays_s(persons([scene()], [slow], [quick])) == pytest.approx([0.3])


def test_a_change_of_mask_is_noticed_when_the_verdict_follows_or_never() -> None:
    assert list(notices_s(scene(), judged((2, RIGHT, 13, BARE)))) == pytest.approx([0.3])
    assert list(notices_s(scene(), judged((2, RIGHT, 0, MASKED)))) == [None]


def test_agreement_is_over_persons_whom_the_policy_judged() -> None:
    usual = judged((1, LEFT, 0, MASKED), (2, RIGHT, 0, BARE))
    assert agreement([scene()], [usual], [judged((7, LEFT, 0, MASKED))]) == (1, 2)
    assert agreement([scene()], [judged((1, LEFT, 99, MASKED))], [usual]) == (0, 0)


def measured() -> Measured:
    slow = judged((1, LEFT, 0, MASKED), (2, RIGHT, 10, BARE), crops=40)
    quick = judged((1, LEFT, 2, MASKED), (2, RIGHT, 14, BARE))
    people = Counter({MASKED: 1, BARE: 1})
    clips = (ClipRow("door.mp4", people, people, people, (True, True)),)
    return Measured((scene(CHANGED),), (slow,), (quick,), (slow,), {"--sample 5": (quick,)}, clips)


def test_the_report_holds_what_was_saved_and_what_it_cost() -> None:
    shown = part(measured()).markdown
    assert "| mask changed | 2 | 2 → 2 | 40 → 10 (-75 %) | 0.4 → 0.1 (-75 %) | 100.0 % → 100.0 %" in shown
    assert "median 0.30, longest 0.40" in shown
    assert "| mask changed | 2 | 2 → 2 | 40 → 40 (+0 %)" in shown
    assert "| door.mp4 | 1 masked, 1 unmasked | 1 masked, 1 unmasked | 1 masked, 1 unmasked | 2 of 2 |" in shown


def test_each_bar_is_held_against_what_was_measured() -> None:
    goals = {goal.name: goal for goal in part(measured()).goals}
    assert [goal.is_met for goal in goals.values()] == [True] * len(goals)
    assert goals["first verdict later by the policy, s, at most"].measured.median == pytest.approx(0.4)
