"""How long clips are known, with a desk at which nobody sits: the test says what becomes of them."""

from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from pipeline.examiner.messages import Begin, ClipMoved, ClipRead, PictureRead
from pipeline.fleet.clips import KEPT_S, MAX_KEPT, Clips, ClipVisit
from pipeline.fleet.examiner_desk import DeskSettings, ExaminerDesk, Visit
from pipeline.fleet.upload_metrics import UploadMetrics
from pipeline.types import MaskState
from pipeline.upload import CheckedPerson, ClipState, Upload
from pipeline.upload_errors import UnknownClipError, UploadBusyError, UploadTypeError, UploadUnreadableError


def nobody() -> Begin:
    raise AssertionError("no examiner is started")


class EmptyDesk(ExaminerDesk):
    """Keeps who comes."""

    def __init__(self) -> None:
        super().__init__("nobody", DeskSettings(16, 1.0, 1.0), nobody, lambda _: ())
        self.visits: list[ClipVisit] = []

    def submit(self, visit: Visit) -> None:
        assert isinstance(visit, ClipVisit)
        self.visits.append(visit)


class Room:
    """Clips at such a desk, at a time that the test sets."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.desk = EmptyDesk()
        self.clips = Clips(self.desk, UploadMetrics(CollectorRegistry()), 2, lambda: self.now_s)
        self._uploads: list[Upload] = []

    def begin(self) -> ClipVisit:
        self._uploads.append(Upload.of("a.mp4", b"clip"))
        self.clips.begin(self._uploads[-1])
        return self.desk.visits[-1]

    def close(self) -> None:
        for upload in self._uploads:
            upload.close()


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.close()


def person(number: int, first_s: float) -> CheckedPerson:
    return CheckedPerson(number, first_s, first_s + 1, MaskState.MASKED, 0.9, 3, 60.0)


def test_a_clip_goes_through_its_states(room: Room) -> None:
    visit = room.begin()
    clip_id = visit.clip.id
    assert room.clips.look(clip_id).state is ClipState.WAITING
    assert visit.begins()
    visit.moves(ClipMoved(0.5, 12.0, 640, 480))
    running = room.clips.look(clip_id)
    assert (running.state, running.progress, running.width) == (ClipState.RUNNING, 0.5, 640)
    visit.ends(ClipRead(12.5, (person(2, 3.0), person(1, 5.0), person(3, 3.0)), 1.0, "cut short"))
    done = room.clips.look(clip_id)
    assert (done.state, done.progress, done.detail, done.compliance) == (ClipState.DONE, 1.0, "cut short", 1.0)
    assert [each.person_id for each in done.persons] == [2, 3, 1]


def test_a_result_is_known_for_a_while_and_an_unfinished_clip_for_ever(room: Room) -> None:
    failed, waiting = room.begin(), room.begin()
    failed.fails(UploadTypeError("a.mp4 is a text"))
    assert room.clips.look(failed.clip.id).detail == "a.mp4 is a text"
    assert failed.ended_s is not None
    room.now_s = failed.ended_s + KEPT_S - 1
    room.clips.tick()
    assert room.clips.look(failed.clip.id).state is ClipState.FAILED
    room.now_s += 2
    room.clips.tick()
    with pytest.raises(UnknownClipError):
        room.clips.look(failed.clip.id)
    assert room.clips.look(waiting.clip.id).state is ClipState.WAITING


def test_of_too_many_results_the_oldest_go(room: Room) -> None:
    visits = []
    for _ in range(MAX_KEPT + 2):
        visits.append(room.begin())
        visits[-1].fails(UploadTypeError("a text"))
    room.clips.tick()
    for visit in visits[:2]:
        with pytest.raises(UnknownClipError):
            room.clips.look(visit.clip.id)
    assert room.clips.look(visits[2].clip.id)


def test_few_are_under_way_at_a_time_and_one_that_is_removed_does_not_begin(room: Room) -> None:
    first, _ = room.begin(), room.begin()
    with pytest.raises(UploadBusyError, match="2 clips are under way"):
        room.begin()
    room.clips.remove(first.clip.id)
    assert not first.begins()
    with pytest.raises(ValueError, match="closed"):
        first.upload.fileno()
    with pytest.raises(UnknownClipError):
        room.clips.remove(first.clip.id)
    room.begin()


def test_an_answer_to_another_question_is_none(room: Room) -> None:
    with pytest.raises(UploadUnreadableError):
        room.begin().ends(PictureRead(1, 1, ()))
