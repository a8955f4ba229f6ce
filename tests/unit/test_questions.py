"""What a lane asks about, and when the answers count."""

from concurrent.futures import Future

import pytest

from pipeline.stages.pending import AskedCrop, ScoresFuture
from pipeline.stages.questions import Questions, QuestionSettings
from pipeline.types import Scores, UInt8Array
from pipeline.vision.pick import Picker, PickReason, PickSettings
from pipeline.vision.vote import Ballot
from tests.reported import Reported
from tests.results import flat_frame, track

SURE, UNSURE = Scores(0.98, 0.01, 0.01), Scores(0.5, 0.1, 0.4)
PICKS = PickSettings(min_votes=1, min_interval_s=0.1, doubt_interval_s=0.2, recheck_s=10.0)


class Answers:
    """Keeps the questions; a test answers them when it likes to."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, ScoresFuture]] = []

    def submit(self, _crop: UInt8Array, urgency: float) -> ScoresFuture:
        self.asked.append((urgency, Future()))
        return self.asked[-1][1]

    def answer(self, scores: Scores | None) -> None:
        self.asked[-1][1].set_result(scores)


def questions(answers: Answers, *, is_live: bool = True) -> Questions:
    settings = QuestionSettings(32, feedback_lag_frames=3, waits_for_scores=not is_live)
    return Questions(Picker(PICKS), Ballot, answers.submit, settings, Reported())


def ask(asking: Questions, first: int, last: int) -> list[AskedCrop]:
    """Return what is asked about person 1 on the frames of those indices, 25 a second."""
    return [crop for index in range(first, last + 1) for crop in asking.about(flat_frame(index), (track(1),), ())]


def test_while_an_answer_is_on_its_way_no_doubt_asks_for_another() -> None:
    answers = Answers()
    asking = questions(answers)
    assert [crop.reason for crop in ask(asking, 0, 20)] == [PickReason.NEW_TRACK]
    answers.answer(UNSURE)
    assert [crop.reason for crop in ask(asking, 21, 21)] == [PickReason.DOUBT]


def test_sure_answers_end_the_questions() -> None:
    answers = Answers()
    asking, asked = questions(answers), []
    for index in range(100):
        if ask(asking, index, index):
            asked.append(index)
            answers.answer(SURE)
    assert 1 <= len(asked) <= 6
    assert max(asked) < 40


@pytest.mark.parametrize("waits", [0, 9])
def test_an_answer_that_never_comes_is_asked_for_again(waits: int) -> None:
    """The crop may be skipped at once, or while it waits, as more urgent ones take its place."""
    answers = Answers()
    asking = questions(answers)
    ask(asking, 0, waits)
    answers.answer(None)
    assert [crop.reason for crop in ask(asking, waits + 1, waits + 6)] == [PickReason.NEW_TRACK]


def test_recorded_input_counts_an_answer_so_many_frames_later_however_soon_it_came() -> None:
    answers = Answers()
    asking = questions(answers, is_live=False)
    ask(asking, 0, 0)
    answers.answer(UNSURE)
    asked = [crop.media_s for crop in ask(asking, 1, 6)]
    assert asked == pytest.approx([5 / 25]), "in doubt from the third frame on, and 0.2 s after the first look"


def test_in_a_skimmed_recording_an_answer_counts_by_its_time() -> None:
    answers = Answers()
    asking = questions(answers, is_live=False)
    ask(asking, 0, 0)
    answers.answer(UNSURE)
    half_a_second_later = asking.about(flat_frame(1, media_s=0.5), (track(1),), ())
    assert [crop.reason for crop in half_a_second_later] == [PickReason.DOUBT]


def test_the_urgency_and_the_time_go_with_a_crop() -> None:
    answers = Answers()
    (crop,) = ask(questions(answers), 7, 7)
    assert answers.asked[0][0] == pytest.approx(4.0)
    assert crop.media_s == pytest.approx(7 / 25)


def test_who_has_left_is_forgotten_though_an_answer_comes() -> None:
    answers = Answers()
    asking = questions(answers)
    ask(asking, 0, 0)
    asking.about(flat_frame(1), (), (1,))
    answers.answer(SURE)
    assert [crop.reason for crop in ask(asking, 2, 2)] == [PickReason.NEW_TRACK]
