from pipeline.stages.pending import PendingResult
from pipeline.stages.publish import PublishStage
from pipeline.stages.report import FITNESS_EVERY_S, ResultReport
from pipeline.types import FrameResult
from pipeline.vision.vote import Ballot
from tests.lanes import Delays, SlowSink
from tests.reported import Reported
from tests.results import flat_frame, seen, track

CAPTURED_S = 50.0


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s


def published(report: ResultReport, index: int, verdicts: dict[int, str], closed_ids: tuple[int, ...] = ()) -> None:
    report.published(seen(flat_frame(index, captured_monotonic_s=CAPTURED_S), verdicts, closed_ids))


def test_the_age_runs_from_the_capture_and_is_never_below_zero() -> None:
    reported, clock = Reported(), Clock(CAPTURED_S + 0.25)
    report = ResultReport(reported, now_s=clock)
    published(report, 0, {})
    clock.now_s = CAPTURED_S - 0.001
    published(report, 1, {})
    assert reported.ages_s == [0.25, 0.0]


def test_presence_and_flips_are_told_and_at_the_end_nobody_is_left() -> None:
    reported = Reported()
    report = ResultReport(reported)
    published(report, 0, {1: "masked"})
    published(report, 1, {1: "unmasked", 2: "masked"})
    report.ended()
    assert reported.present == [{"masked": 1}, {"masked": 1, "unmasked": 1}, {}]
    assert reported.flips == [1]


def test_a_stream_without_a_frame_tells_nothing() -> None:
    reported = Reported()
    ResultReport(reported).ended()
    assert reported.present == []


def test_the_picture_is_measured_now_and_then() -> None:
    reported, clock = Reported(), Clock(CAPTURED_S)
    report = ResultReport(reported, now_s=clock)
    for index in range(5):
        published(report, index, {})
        clock.now_s += FITNESS_EVERY_S / 2
    assert [sorted(fitness) for fitness in reported.fitness] == [["blurred", "too_dark"]] * 3


def test_faces_of_persons_who_left_are_compared_with_the_smallest_that_the_model_judges() -> None:
    reported, clock = Reported(), Clock(CAPTURED_S)
    report = ResultReport(reported, smallest_face_px=21.0, now_s=clock)
    for index in range(12):
        clock.now_s += FITNESS_EVERY_S
        published(report, index, {index: "masked"}, closed_ids=(index,))
    assert reported.fitness[-1]["faces_too_small"] == 0.0


def test_the_publish_stage_reports_after_its_sinks() -> None:
    class Watched(SlowSink):
        def write(self, result: FrameResult) -> None:
            super().write(result)
            assert len(reported.ages_s) == result.frame.index

    reported = Reported()
    stage = PublishStage([Watched(Delays(None))], Ballot, reported)
    for index in range(3):
        stage.step(PendingResult(flat_frame(index), (track(1),), (), ()))
    assert len(reported.ages_s) == 3
    assert reported.present == [{"unknown": 1}] * 3
