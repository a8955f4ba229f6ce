"""More faces than the classifier can answer for: its answers go where they tell most, in whatever stream that is."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.runtime.batcher import BatchSettings, MicroBatcher
from pipeline.stages.pending import AskedCrop
from pipeline.stages.questions import Questions, QuestionSettings
from pipeline.types import Scores, Track, UInt8Array
from pipeline.vision.pick import Picker, PickReason, PickSettings
from pipeline.vision.vote import Ballot
from tests.reported import Reported
from tests.results import flat_frame, track

SURE = Scores(0.98, 0.01, 0.01)
PICKS = PickSettings(min_votes=1, min_interval_s=0.04, recheck_s=0.4, doubt_threshold=1.0)
STREAMS, PERSONS = 4, 6
ANSWERS_PER_FRAME = 2
"""For 24 persons, each of whom is due after ten frames: a third of what they ask for."""


class Turnstile:
    """Answers two crops whenever it is told to."""

    def __init__(self) -> None:
        self.may_answer = threading.Semaphore(0)
        self.answered = threading.Semaphore(0)

    def answer(self, crops: Sequence[UInt8Array]) -> list[Scores]:
        assert self.may_answer.acquire(timeout=60)
        self.answered.release()
        return [SURE] * len(crops)

    def turn(self) -> None:
        self.may_answer.release()
        assert self.answered.acquire(timeout=60)


@contextmanager
def overloaded() -> Iterator[tuple[list[Questions], Turnstile]]:
    """Yield four live streams' questions over one batcher, in which four crops may wait, and its turnstile."""
    turnstile = Turnstile()
    settings = BatchSettings(ANSWERS_PER_FRAME, capacity=4, offer_share=1.0, offer_wait_s=1e9)
    batcher: MicroBatcher[UInt8Array, Scores] = MicroBatcher(turnstile.answer, settings)
    batcher.start()
    asking = QuestionSettings(32, waits_for_scores=False)
    try:
        yield [Questions(Picker(PICKS), Ballot, batcher.offer, asking, Reported()) for _ in range(STREAMS)], turnstile
    finally:
        for _ in range(8):
            turnstile.may_answer.release()
        batcher.abort()


def watch(frames: int) -> list[list[AskedCrop]]:
    """Return what each stream asked about, frame by frame, once every answer has come."""
    persons: list[Track] = [track(number) for number in range(1, PERSONS + 1)]
    asked: list[list[AskedCrop]] = [[] for _ in range(STREAMS)]
    with overloaded() as (streams, turnstile):
        for index in range(frames):
            for crops, questions in zip(asked, streams, strict=True):
                crops += questions.about(flat_frame(index), persons, ())
            turnstile.turn()
    return asked


def scored(crops: Sequence[AskedCrop]) -> list[AskedCrop]:
    return [crop for crop in crops if crop.scores.result(timeout=60) is not None]


def test_every_person_of_every_stream_is_judged_before_the_first_is_judged_again() -> None:
    for crops in watch(20):
        first = {crop.track_id for crop in scored(crops) if crop.reason is PickReason.NEW_TRACK}
        assert first == set(range(1, PERSONS + 1))


def test_no_stream_gets_more_than_its_neighbours_for_long_and_nobody_is_left_out() -> None:
    asked = watch(80)
    shares = [len(scored(crops)) for crops in asked]
    assert sum(shares) <= ANSWERS_PER_FRAME * 81
    assert max(shares) <= 1.25 * min(shares)
    for crops in asked:
        assert {crop.track_id for crop in scored(crops) if crop.media_s > 2} == set(range(1, PERSONS + 1))


def test_what_is_skipped_of_settled_persons_is_their_recheck() -> None:
    late = [crop for crops in watch(80) for crop in crops if crop.media_s > 2]
    skipped = [crop for crop in late if crop.scores.result(timeout=60) is None]
    assert len(skipped) > len(late) / 3
    assert {crop.reason for crop in skipped} == {PickReason.AGE}
