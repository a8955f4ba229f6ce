"""Recordings are looked at by what happens in them: the same frames whatever the machine."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.stages.cadence import Scene
from pipeline.stages.scene_cadence import SceneCadence
from pipeline.types import Box, Frame
from tests.results import flat_frame

SIZE = (640, 360)
FACE = Box.around((320.0, 100.0), 40.0, 40.0)
HERE, ELSEWHERE = 320, 40


def still(index: int) -> Frame:
    return flat_frame(index, SIZE)


def moving(index: int, x: int) -> Frame:
    """Return a frame in which a bright square of 60 pixels around `x` jumps from frame to frame."""
    frame = still(index)
    y = np.array(frame.y)
    top = 120 + 20 * (index % 4)
    y[top : top + 60, max(0, x - 30) : x + 30] = 200
    return replace(frame, y=y)


def looks(scenes: list[Scene]) -> list[float]:
    cadence = SceneCadence()
    return [scene.frame.media_s for scene in scenes if cadence.is_due(scene)]


def test_an_empty_still_scene_is_looked_at_once_a_second() -> None:
    assert looks([Scene(still(index)) for index in range(76)]) == pytest.approx([0.0, 1.0, 2.0, 3.0])


def test_who_is_in_view_is_looked_at_more_often() -> None:
    assert looks([Scene(still(index), boxes=(FACE,)) for index in range(31)]) == pytest.approx([0.0, 0.4, 0.8, 1.2])


def test_motion_that_nobody_known_makes_is_looked_at_soon() -> None:
    assert looks([Scene(moving(index, ELSEWHERE)) for index in range(16)]) == pytest.approx([0.0, 0.2, 0.4, 0.6])


def test_the_motion_of_a_known_person_is_nothing_new() -> None:
    scenes = [Scene(moving(index, HERE), boxes=(FACE,)) for index in range(31)]
    assert looks(scenes) == pytest.approx([0.0, 0.4, 0.8, 1.2])


def test_the_place_that_a_person_leaves_is_nothing_new_either() -> None:
    boxes = [Box.around((100.0 + 10 * index, 100.0), 40.0, 40.0) for index in range(31)]
    scenes = [Scene(moving(index, 100 + 10 * index), boxes=(box,)) for index, box in enumerate(boxes)]
    assert looks(scenes) == pytest.approx([0.0, 0.4, 0.8, 1.2])


def test_somebody_else_beside_a_known_person_is() -> None:
    scenes = [Scene(moving(index, ELSEWHERE), boxes=(FACE,)) for index in range(11)]
    assert looks(scenes) == pytest.approx([0.0, 0.2, 0.4])


def test_motion_that_starts_is_looked_at_at_once() -> None:
    scenes = [Scene(still(index) if index < 17 else moving(index, ELSEWHERE)) for index in range(20)]
    assert looks(scenes) == pytest.approx([0.0, 17 / 25])


def test_while_a_face_may_be_a_person_every_frame_is_looked_at() -> None:
    scenes = [Scene(still(index), boxes=(FACE,), is_unsettled=True) for index in range(7)]
    assert looks(scenes) == pytest.approx([index / 25 for index in range(7)])


def test_light_that_changes_everywhere_is_no_motion() -> None:
    dusk = [Scene(flat_frame(index, SIZE, luma=200 - 4 * index)) for index in range(25)]
    assert looks(dusk) == [0.0]


@pytest.mark.parametrize("size", [(16, 16), (33, 1000), (1920, 1080)])
def test_pictures_of_any_size_have_cells(size: tuple[int, int]) -> None:
    frames = [flat_frame(index, size) for index in range(3)]
    assert looks([Scene(frame, boxes=(Box(-50, -50, 5000, 5000),)) for frame in frames]) == [0.0]


def test_how_busy_the_lane_is_changes_nothing() -> None:
    frames = [moving(index, ELSEWHERE if index % 40 > 20 else HERE) for index in range(100)]
    assert looks([Scene(frame, index % 7) for index, frame in enumerate(frames)]) == looks([Scene(f) for f in frames])
