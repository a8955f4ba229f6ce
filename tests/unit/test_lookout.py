"""What is known of faces that are hidden: doubtful, distant and lost ones, and what a failing detector leaves."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import pytest

from pipeline.stages.cadence import EveryNthFrame, Scene
from pipeline.stages.faces import FacesStage, FaceTools
from pipeline.stages.look import EVERYWHERE, IN_PART, Look
from pipeline.stages.lookout import FAULT_S, HELD_S, Lookout, WholeLooks
from pipeline.stages.pending import ScoresFuture
from pipeline.stages.questions import Questions, QuestionSettings
from pipeline.types import Box, Face, Frame, Sight, UInt8Array
from pipeline.vision.pick import Picker, PickSettings
from pipeline.vision.track import Tracker
from pipeline.vision.vote import Ballot
from tests.lanes import CROP_PX
from tests.reported import Reported
from tests.results import FRAMES_PER_S, flat_frame

HERE, THERE = Box(10, 10, 30, 34), Box(40, 10, 60, 34)


class Distant:
    """Finds one distant face, always."""

    def __init__(self) -> None:
        self.is_closed = False

    def detect_part(self, frame: Frame) -> tuple[Face, ...]:
        assert frame.stream == "stream"
        return (Face(THERE, 0.6),)

    def close(self) -> None:
        self.is_closed = True


def looked(lookout: Lookout, index: int, *faces: Face, look: Look = EVERYWHERE) -> tuple[Face, ...]:
    return lookout.looked(look, Scene(flat_frame(index)), faces)


def sight(lookout: Lookout, index: int, *followed: Face) -> Sight:
    found = lookout.sight(flat_frame(index), followed)
    assert found is not None
    return found


def boxes(found: Sight) -> list[Box]:
    return [face.box for face in found.faces]


def test_nothing_is_known_before_the_first_look() -> None:
    assert Lookout(0.5).sight(flat_frame(0), ()) is None


def test_a_look_at_a_part_does_not_tell_of_the_whole() -> None:
    lookout = Lookout(0.5)
    looked(lookout, 0, look=IN_PART)
    assert lookout.sight(flat_frame(0), ()) is None


def test_the_age_of_the_look_grows_with_the_frames() -> None:
    lookout = Lookout(0.5)
    looked(lookout, 0)
    looked(lookout, 3, look=IN_PART)
    assert [sight(lookout, index).age_s for index in (0, 3, 5)] == [0, 3 / FRAMES_PER_S, 5 / FRAMES_PER_S]


def test_a_time_before_the_look_is_another_time() -> None:
    lookout = Lookout(0.5)
    looked(lookout, 5)
    assert lookout.sight(flat_frame(4), ()) is None


def test_a_doubtful_face_is_hidden_and_not_followed() -> None:
    lookout = Lookout(0.5)
    sure, doubtful = Face(HERE, 0.5), Face(THERE, 0.49)
    assert looked(lookout, 0, sure, doubtful) == (sure,)
    assert boxes(sight(lookout, 0)) == [HERE, THERE]


def test_followed_faces_are_hidden_where_they_may_have_gone_since_the_look() -> None:
    lookout = Lookout(0.5)
    looked(lookout, 0)
    (followed,) = sight(lookout, 5, Face(HERE, 0.9)).faces
    assert (followed.box, followed.away_s) == (HERE, 5 / FRAMES_PER_S)


def test_a_face_that_is_lost_stays_hidden_for_a_while_and_reaches_further() -> None:
    lookout = Lookout(0.5)
    looked(lookout, 0, Face(HERE, 0.9), Face(THERE, 0.4))
    looked(lookout, 5)
    sure, doubtful = sight(lookout, 5).faces
    assert (sure.box, sure.away_s) == (HERE, 5 / FRAMES_PER_S)
    assert (doubtful.box, doubtful.away_s) == (THERE, 0), "what may be none does not walk"
    after = round(HELD_S * FRAMES_PER_S) + 1
    looked(lookout, after)
    assert sight(lookout, after).faces == ()


def test_a_face_that_is_found_again_is_hidden_once() -> None:
    lookout = Lookout(0.5)
    moved = Box(14, 10, 34, 34)
    looked(lookout, 0, Face(HERE, 0.9))
    looked(lookout, 1, Face(moved, 0.9))
    assert boxes(sight(lookout, 1)) == [moved]


def test_a_face_is_new_once_where_nobody_was_known_and_only_if_it_is_sure() -> None:
    lookout = Lookout(0.5)
    looked(lookout, 0, Face(HERE, 0.9), Face(THERE, 0.4))
    assert sight(lookout, 0).new_boxes == (HERE,)
    assert sight(lookout, 1).new_boxes == (), "no look, no news"
    looked(lookout, 2, Face(HERE, 0.9), Face(THERE, 0.6))
    assert sight(lookout, 2).new_boxes == (THERE,)


def test_who_is_followed_is_not_new() -> None:
    lookout = Lookout(0.5)
    scene = Scene(flat_frame(9), faces=(Face(HERE, 0.9),))
    lookout.looked(EVERYWHERE, scene, (Face(Box(12, 12, 32, 36), 0.9),))
    assert sight(lookout, 9).new_boxes == ()


def test_distant_faces_are_hidden_and_not_followed() -> None:
    distant = Distant()
    lookout = Lookout(0.5, distant)
    assert looked(lookout, 0) == ()
    assert (boxes(sight(lookout, 0)), sight(lookout, 0).new_boxes) == ([THERE], (THERE,))
    lookout.close()
    assert distant.is_closed


def test_looks_are_had_everywhere_as_often_as_the_cadence_says() -> None:
    class Parts:
        def look_due(self, scene: Scene) -> Look | None:
            return None if scene.frame.index % 2 else IN_PART

        def looked(self, took_s: float) -> None:
            assert took_s == 0.01

    cadence = WholeLooks(Parts())
    cadence.looked(0.01)
    assert [cadence.look_due(Scene(flat_frame(index))) for index in range(3)] == [EVERYWHERE, None, EVERYWHERE]


class Failing:
    """A frame detector that fails on some frames and finds a face on the others."""

    def __init__(self, fails_on: Callable[[int], bool]) -> None:
        self._fails_on = fails_on

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        if self._fails_on(frame.index):
            raise RuntimeError("the graph has ended")
        return (Face(HERE, 0.9),)

    def follow(self, frame: Frame, known: Sequence[Face]) -> tuple[Face, ...]:
        raise AssertionError(f"{frame.index}: {known}")

    def search(self, frame: Frame, known: Sequence[Face], around: Sequence[Box] = ()) -> tuple[Face, ...]:
        raise AssertionError(f"{frame.index}: {known}, {around}")

    def close(self) -> None: ...


def stage(lookout: Lookout | None, fails_on: Callable[[int], bool]) -> FacesStage:
    def skip(_crop: UInt8Array, _urgency: float) -> ScoresFuture:
        future: ScoresFuture = Future()
        future.set_result(None)
        return future

    settings = QuestionSettings(CROP_PX, waits_for_scores=False)
    questions = Questions(Picker(PickSettings()), Ballot, skip, settings, Reported())
    return FacesStage(FaceTools(Failing(fails_on), Tracker(), questions, EveryNthFrame(), lookout), Reported())


def test_a_live_lane_bears_a_failing_detector_and_knows_of_nobody_meanwhile(caplog: pytest.LogCaptureFixture) -> None:
    faces = stage(Lookout(0.5, fault_s=FAULT_S), lambda index: 3 <= index < 6)
    with caplog.at_level(logging.WARNING):
        sights = [faces.step(flat_frame(index)).sight for index in range(9)]
    assert [found is None for found in sights] == [3 <= index < 6 for index in range(9)]
    assert [record.message for record in caplog.records] == [
        "stream: the face detector failed; whole pictures are blurred"
    ]


def test_it_does_not_bear_it_for_long(caplog: pytest.LogCaptureFixture) -> None:
    faces = stage(Lookout(0.5, fault_s=FAULT_S), lambda index: index >= 3)
    last = 3 + round(FAULT_S * FRAMES_PER_S)
    for index in range(last):
        faces.step(flat_frame(index))
    with pytest.raises(RuntimeError, match="the graph has ended"):
        faces.step(flat_frame(last))
    assert len(caplog.records) == 1


@pytest.mark.parametrize("lookout", [None, Lookout(0.5)], ids=["nothing is hidden", "recorded input"])
def test_a_lane_whose_tables_must_be_whole_ends(lookout: Lookout | None) -> None:
    with pytest.raises(RuntimeError, match="the graph has ended"):
        stage(lookout, lambda _: True).step(flat_frame(0))
