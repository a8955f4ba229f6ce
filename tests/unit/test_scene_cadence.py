"""Recordings are looked at by what happens in them: the same frames whatever the machine."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.stages.cadence import Scene
from pipeline.stages.look import AT_UNSETTLED, EVERYWHERE, IN_PART, Extent, Look
from pipeline.stages.scene_cadence import SceneCadence, SceneCadenceSettings
from pipeline.types import Box, Face, Frame
from tests.results import flat_frame

SIZE = (640, 360)
KNOWN = Face(Box.around((320.0, 100.0), 40.0, 40.0), 0.9)
NEAR = Face(Box.around((320.0, 150.0), 60.0, 100.0), 0.9)
HERE, ELSEWHERE = 320, 40


def still(index: int) -> Frame:
    return flat_frame(index, SIZE)


def moving(index: int, x: int) -> Frame:
    """Return a frame in which a bright square of 60 pixels around `x` jumps from frame to frame."""
    frame = still(index)
    y = np.array(frame.y)
    top = 120 + 20 * (index % 5)
    y[top : top + 60, max(0, x - 30) : x + 30] = 200
    return replace(frame, y=y)


def looks(scenes: list[Scene]) -> list[float]:
    return [media_s for media_s, _ in looks_at(scenes)]


def looks_at(scenes: list[Scene]) -> list[tuple[float, Look]]:
    cadence = SceneCadence()
    looks = [(scene.frame.media_s, cadence.look_due(scene)) for scene in scenes]
    return [(media_s, look) for media_s, look in looks if look is not None]


def test_an_empty_still_scene_is_looked_at_in_part_twice_a_second() -> None:
    times_s, found = zip(*looks_at([Scene(still(index)) for index in range(40)]), strict=True)
    assert times_s == pytest.approx([0.0, 0.52, 1.04, 1.56])
    assert found == (EVERYWHERE, IN_PART, IN_PART, IN_PART)


def test_who_is_in_view_is_looked_at_more_often() -> None:
    assert looks([Scene(still(index), faces=(KNOWN,)) for index in range(31)]) == pytest.approx([0.0, 0.4, 0.8, 1.2])


def test_motion_that_nobody_known_makes_is_looked_at_soon() -> None:
    scenes = [Scene(moving(index, ELSEWHERE)) for index in range(20)]
    assert looks(scenes) == pytest.approx([0.0, 0.12, 0.28, 0.44, 0.6, 0.76]), (
        "and a little later where it shows nobody"
    )


def test_motion_that_begins_anew_is_looked_at_as_often_as_at_first() -> None:
    cadence = SceneCadence(SceneCadenceSettings(stirred_most_s=0.4))
    scenes = [Scene(still(index) if 15 < index < 30 else moving(index, 40 + 5 * index)) for index in range(40)]
    times_s = [scene.frame.media_s for scene in scenes if cadence.look_due(scene)]
    assert times_s == pytest.approx([0.0, 0.12, 0.32, 0.6, 1.0, 1.2, 1.4])


def test_the_motion_of_a_known_bust_is_nothing_new() -> None:
    scenes = [Scene(moving(index, HERE), faces=(NEAR,)) for index in range(31)]
    assert looks(scenes) == pytest.approx([0.0, 0.4, 0.8, 1.2])


def test_the_place_that_a_person_leaves_is_nothing_new_either() -> None:
    boxes = [Box.around((100.0 + 10 * index, 150.0), 60.0, 100.0) for index in range(31)]
    scenes = [Scene(moving(index, 100 + 10 * index), faces=(Face(box, 0.9),)) for index, box in enumerate(boxes)]
    assert looks(scenes) == pytest.approx([0.0, 0.4, 0.8, 1.2])


def test_somebody_else_beside_a_known_person_is() -> None:
    scenes = [Scene(moving(index, ELSEWHERE), faces=(KNOWN,)) for index in range(11)]
    assert looks(scenes) == pytest.approx([0.0, 0.12, 0.28])


def test_what_moves_beside_everybody_comes_before_what_may_be_a_body() -> None:
    def scene(index: int) -> Scene:
        y = np.array(still(index).y)
        y[200:330, HERE - 60 : HERE + 60] = 200 if index else 120
        y[200:260, ELSEWHERE : ELSEWHERE + 40] = 200 if index else 120
        return Scene(replace(still(index), y=y), faces=(KNOWN,))

    (_, _), (_, look) = looks_at([scene(0), scene(4)])
    first, *others = look.around
    assert first.x2 < HERE - 60
    assert others, "the body is larger, and comes second"


def test_known_bodies_that_fill_the_picture_are_no_other_scene() -> None:
    faces = tuple(Face(Box.around((x, 100.0), 60.0, 80.0), 0.9) for x in (110.0, 320.0, 530.0))

    def scene(index: int) -> Scene:
        y = np.array(still(index).y)
        y[100:] = np.random.default_rng(index).choice([60, 200], (26, 64)).repeat(10, 0).repeat(10, 1)
        return Scene(replace(still(index), y=y), faces=faces)

    assert looks([scene(index) for index in range(40)]) == pytest.approx([0.0, 0.2, 0.52, 0.92, 1.32])


def test_motion_that_starts_is_looked_at_at_once_and_where_it_is() -> None:
    scenes = [Scene(still(index) if index < 10 else moving(index, ELSEWHERE)) for index in range(13)]
    (_, first), (media_s, second) = looks_at(scenes)
    assert first == EVERYWHERE
    assert media_s == pytest.approx(10 / 25)
    assert second.extent is Extent.PART
    (place,) = second.around
    assert place.x1 <= ELSEWHERE <= place.x2 <= SIZE[0] / 2


def test_of_several_news_the_largest_comes_first() -> None:
    def stirred(index: int) -> Frame:
        frame = moving(index, ELSEWHERE)
        y = np.array(frame.y)
        y[300 + 10 * (index % 2) : 330, 560:600] = 200
        return replace(frame, y=y)

    (_, look), *_ = looks_at([Scene(still(0)), *(Scene(stirred(index)) for index in range(5, 7))])[1:]
    first, *_, last = look.around
    assert first.x2 < SIZE[0] / 2 < last.x1


def test_a_person_from_head_to_foot_is_looked_at_in_pieces() -> None:
    y = np.full((SIZE[1], SIZE[0]), 120, np.uint8)
    y[40:340, 100:160] = 200
    (_, look) = looks_at([Scene(still(0)), Scene(replace(still(5), y=y))])[1]
    assert len(look.around) > 1
    assert all(place.height <= 1.25 * max(place.width, SIZE[1] / 4) for place in look.around)


def test_a_look_at_the_unsettled_is_no_search() -> None:
    unsettled = [Scene(moving(index, ELSEWHERE), faces=(KNOWN,), unsettled=(KNOWN,)) for index in (0, 2, 4)]
    (_, first), (_, second), (_, third) = looks_at(unsettled)
    assert (first, second) == (EVERYWHERE, AT_UNSETTLED)
    place, *_ = third.around
    assert place.x2 < SIZE[0] / 2, "what moves has waited 0.16 s by then"


def test_a_known_body_that_moves_is_looked_at_ever_more_seldom() -> None:
    def scene(index: int) -> Scene:
        y = np.array(still(index).y)
        y[200 + 20 * (index % 4) : 330, HERE - 30 : HERE + 30] = 200
        return Scene(replace(still(index), y=y), faces=(KNOWN,))

    assert looks([scene(index) for index in range(40)]) == pytest.approx([0.0, 0.2, 0.56, 0.96, 1.36])


def test_somebody_new_makes_it_frequent_again() -> None:
    def scene(index: int) -> Scene:
        y = np.array(still(index).y)
        y[200 + 20 * (index % 4) : 330, HERE - 30 : HERE + 30] = 200
        other = Face(Box.around((60.0, 60.0), 40.0, 40.0), 0.9)
        return Scene(replace(still(index), y=y), faces=(KNOWN,) if index < 27 else (KNOWN, other))

    assert looks([scene(index) for index in range(40)])[2:] == pytest.approx([0.56, 0.96, 1.16, 1.52])


def test_another_scene_is_looked_at_as_a_whole() -> None:
    cut = np.random.default_rng(1).integers(0, 255, (SIZE[1], SIZE[0]), np.uint8)
    cut[: SIZE[1] // 2] = 0
    scenes = [Scene(replace(still(index), y=cut) if index >= 7 else still(index)) for index in range(9)]
    times_s, found = zip(*looks_at(scenes), strict=True)
    assert times_s == pytest.approx([0.0, 7 / 25])
    assert found == (EVERYWHERE, EVERYWHERE)


def test_a_camera_that_moves_is_another_scene_five_times_a_second() -> None:
    pictures = np.random.default_rng(1).integers(0, 255, (16, SIZE[1] // 40, SIZE[0] // 40), np.uint8)
    frames = [replace(still(index), y=np.kron(y, np.ones((40, 40), np.uint8))) for index, y in enumerate(pictures)]
    times_s, found = zip(*looks_at([Scene(frame) for frame in frames]), strict=True)
    assert times_s == pytest.approx([0.0, 0.2, 0.4, 0.6])
    assert set(found) == {EVERYWHERE}


def test_while_a_face_may_be_a_person_it_is_looked_at_in_every_frame() -> None:
    found = looks_at([Scene(still(index), faces=(KNOWN,), unsettled=(KNOWN,)) for index in range(12)])
    assert [media_s for media_s, _ in found] == pytest.approx([index / 25 for index in range(12)])
    assert {look for _, look in found[1:10]} == {AT_UNSETTLED}
    assert found[10][1] == IN_PART, "the others are not forgotten over it"


def test_light_that_changes_everywhere_is_no_motion() -> None:
    dusk = [Scene(flat_frame(index, SIZE, luma=200 - 8 * index)) for index in range(13)]
    assert looks(dusk) == [0.0]


@pytest.mark.parametrize("size", [(16, 16), (33, 1000), (1920, 1080)])
def test_pictures_of_any_size_have_cells(size: tuple[int, int]) -> None:
    frames = [flat_frame(index, size) for index in range(3)]
    assert looks([Scene(frame, faces=(Face(Box(-50, -50, 5000, 5000), 0.9),)) for frame in frames]) == [0.0]


def test_how_busy_the_lane_is_changes_nothing() -> None:
    frames = [moving(index, ELSEWHERE if index % 40 > 20 else HERE) for index in range(100)]
    assert looks([Scene(frame, index % 7) for index, frame in enumerate(frames)]) == looks([Scene(f) for f in frames])
