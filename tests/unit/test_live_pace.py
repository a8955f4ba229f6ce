"""A live lane keeps pace: it looks when it is time to, waits for no classifier, and counts what it leaves out."""

from collections.abc import Iterator
from concurrent.futures import Future

import numpy as np
import pytest

from pipeline.runtime.channel import Channel
from pipeline.stages.cadence import Cadence, EveryNthFrame, Scene
from pipeline.stages.faces import FacesStage, FaceTools
from pipeline.stages.look import Look
from pipeline.stages.pending import AskedCrop, PendingResult, ScoresFuture
from pipeline.stages.publish import PublishStage
from pipeline.stages.questions import Questions, QuestionSettings
from pipeline.stages.read import ReadStage
from pipeline.types import Frame, Scores, SourceInfo, UInt8Array
from pipeline.vision.pick import Picker, PickReason, PickSettings
from pipeline.vision.track import Tracker
from pipeline.vision.vote import Ballot
from tests.lanes import CROP_PX, Delays, ScriptedDetector, ScriptedSource
from tests.reported import Reported
from tests.results import flat_frame, track

SCORES = Scores(0.9, 0.05, 0.05)
PICKS = PickSettings(min_votes=3, min_interval_s=0.1)


def answered(scores: Scores | None) -> ScoresFuture:
    future: ScoresFuture = Future()
    future.set_result(scores)
    return future


class Classifier:
    """Skips the first crops that it is offered, and scores the others."""

    def __init__(self, skips: int) -> None:
        self._skips = skips
        self.offered = 0

    def offer(self, _crop: UInt8Array, _urgency: float) -> ScoresFuture:
        self.offered += 1
        return answered(None if self.offered <= self._skips else SCORES)


class Counted:
    """A cadence that remembers what it was told."""

    def __init__(self, every_frames: int) -> None:
        self._inner = EveryNthFrame(every_frames)
        self.waiting: list[int] = []
        self.took_s: list[float] = []

    def look_due(self, scene: Scene) -> Look | None:
        self.waiting.append(scene.waiting_frames)
        return self._inner.look_due(scene)

    def looked(self, took_s: float) -> None:
        self.took_s.append(took_s)


def stage(classifier: Classifier, cadence: Cadence | None = None) -> FacesStage:
    detector = ScriptedDetector(Delays(None))
    settings = QuestionSettings(CROP_PX, waits_for_scores=False)
    questions = Questions(Picker(PICKS), Ballot, classifier.offer, settings, Reported())
    return FacesStage(FaceTools(detector, Tracker(), questions, cadence or EveryNthFrame()), Reported())


def frames(count: int) -> list[Frame]:
    return list(ScriptedSource("front", count, Delays(None)).frames())


def asked_at(items: list[PendingResult], track_id: int) -> list[float]:
    """Return the media times at which a person was asked about."""
    return [item.frame.media_s for item in items if track_id in {crop.track_id for crop in item.asked}]


@pytest.mark.parametrize("skips", [0, 4])
def test_a_skipped_crop_is_asked_about_again_soon(skips: int) -> None:
    classifier = Classifier(skips)
    faces = stage(classifier)
    times_s = asked_at([faces.step(frame) for frame in frames(50)], track_id=1)[: 3 + skips // 2]
    assert np.diff(times_s) == pytest.approx([0.12] * (2 + skips // 2)), "the shortest interval, in whole frames"


def test_only_looks_are_timed_and_frames_in_between_are_followed() -> None:
    cadence = Counted(every_frames=3)
    faces = stage(Classifier(0), cadence)
    items = [faces.step(frame) for frame in frames(30)]
    assert len(cadence.took_s) == 10
    assert all(took_s > 0 for took_s in cadence.took_s)
    missed = [tracked.missed_frames for item in items[10:] for tracked in item.tracks if tracked.track_id == 1]
    assert missed == [index % 3 for index in range(10, 30)]


def test_the_cadence_hears_how_many_frames_wait() -> None:
    cadence = Counted(every_frames=1)
    waiting: Channel[Frame] = Channel(8)
    for frame in frames(3):
        waiting.put(frame)
    waiting.close()
    stage(Classifier(0), cadence).run(waiting, Channel(8))
    assert cadence.waiting == [2, 1, 0]


def test_crops_are_counted_as_what_became_of_them() -> None:
    reported = Reported()
    publish = PublishStage([], Ballot, reported, deadline_s=0.0)
    futures = (answered(SCORES), answered(None), answered(SCORES))
    asked = tuple(AskedCrop(1, 1.0, 40.0, future, 0.0, PickReason.AGE) for future in futures)
    publish.step(PendingResult(flat_frame(0), (track(1),), asked, ()))
    assert reported.crops == [("scored", "age"), ("skipped", "age"), ("scored", "age")]


class Gaps:
    """A source that passed frames over."""

    info = SourceInfo("front", 64, 48, 25.0, is_live=True)

    def frames(self) -> Iterator[Frame]:
        for index in (0, 1, 5, 6, 8):
            yield flat_frame(index)

    def close(self) -> None: ...


def test_frames_that_the_source_passed_over_are_counted() -> None:
    reported, read = Reported(), Channel[Frame](8)
    ReadStage(Gaps(), read, reported).run()
    assert reported.outcomes == ["dropped_backlog"] * 4
    assert [frame.index for frame in read] == [0, 1, 5, 6, 8]
