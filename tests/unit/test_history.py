"""What the parent remembers of a stream, and that it stays small."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.fleet.history import MAX_CHANGES, MAX_PEOPLE, MAX_STATES, MAX_THUMBNAIL_BYTES, MINUTES, History
from pipeline.sources.stream_state import Reason, StateChange, StreamState
from pipeline.stream_history import DepartedPerson, VerdictChange
from pipeline.types import MaskState

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ONE = DepartedPerson("gate", 1, NOON, NOON, MaskState.MASKED, 0.9, 5)
CHANGED = VerdictChange(0, 1, MaskState.UNKNOWN, MaskState.MASKED, 0.9, NOON)
LIVE = StateChange(StreamState.LIVE, Reason.PICTURES, "sends pictures")
SILENT = StateChange(StreamState.BACKING_OFF, Reason.SILENT, "no picture for 5 s")
RETRY = StateChange(StreamState.CONNECTING, Reason.RETRY, "connecting again")


class Clock:
    """Tells the time of day that a test gives it."""

    def __init__(self) -> None:
        self.utc = NOON

    def __call__(self) -> datetime:
        return self.utc


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def history(clock: Clock) -> History:
    return History(clock)


def leave(history: History, *verdicts: MaskState) -> None:
    for verdict in verdicts:
        history.take_person(replace(ONE, verdict=verdict))


def test_who_left_counts_in_the_minute_of_it(history: History, clock: Clock) -> None:
    leave(history, MaskState.MASKED)
    clock.utc += timedelta(minutes=2, seconds=30)
    leave(history, MaskState.UNMASKED, MaskState.UNMASKED, MaskState.UNKNOWN)
    minutes = history.look().minutes
    assert len(minutes) == MINUTES
    assert [minute.start_utc for minute in minutes[-3:]] == [NOON + timedelta(minutes=ago) for ago in (0, 1, 2)]
    assert [(minute.masked, minute.unmasked, minute.unknown) for minute in minutes[-3:]] == [
        (1, 0, 0),
        (0, 0, 0),
        (0, 2, 1),
    ]


def test_a_minute_is_forgotten_after_an_hour(history: History, clock: Clock) -> None:
    leave(history, MaskState.MASKED)
    clock.utc += timedelta(minutes=59, seconds=59)
    assert history.look().minutes[0].masked == 1
    clock.utc += timedelta(seconds=1)
    assert sum(minute.masked for minute in history.look().minutes) == 0


def test_a_clock_that_is_set_back_leaves_nothing_of_the_future(history: History, clock: Clock) -> None:
    clock.utc += timedelta(days=1)
    leave(history, MaskState.MASKED)
    clock.utc = NOON
    leave(history, MaskState.MASKED)
    assert len(history._minutes) == 1


def test_an_outage_is_one_state_however_often_it_was_tried(history: History) -> None:
    for change in (LIVE, SILENT, RETRY, SILENT, RETRY, SILENT, RETRY, LIVE):
        history.take_state(change, NOON)
    assert [state.state for state in history.look().states] == [
        StreamState.LIVE,
        StreamState.BACKING_OFF,
        StreamState.LIVE,
    ]


def test_changes_are_numbered_and_the_newest_comes_first(history: History) -> None:
    history.take_change(CHANGED, b"a face")
    assert history.take_change(replace(CHANGED, person_id=2), None).number == 2
    newest, oldest = history.look().changes
    assert (newest.number, newest.person_id, newest.has_thumbnail) == (2, 2, False)
    assert (oldest.number, oldest.has_thumbnail) == (1, True)
    assert (history.thumbnail(1), history.thumbnail(2), history.thumbnail(3)) == (b"a face", None, None)


def test_pictures_of_faces_can_be_forgotten(history: History) -> None:
    history.take_change(CHANGED, b"a face")
    history.forget_thumbnails()
    assert history.thumbnail(1) is None
    assert not history.look().changes[0].has_thumbnail


def test_nothing_grows_however_much_happens(history: History, clock: Clock) -> None:
    face = bytes(20_000)
    for index in range(5_000):
        clock.utc += timedelta(seconds=7)
        leave(history, MaskState.MASKED)
        history.take_change(CHANGED, face)
        history.take_state((LIVE, SILENT)[index % 2], clock.utc)
    looked = history.look()
    assert (len(looked.changes), len(looked.states), len(history.people)) == (MAX_CHANGES, MAX_STATES, MAX_PEOPLE)
    assert len(history._minutes) <= MINUTES
    with_picture = [change.number for change in looked.changes if change.has_thumbnail]
    assert with_picture == list(range(5_000, 5_000 - MAX_THUMBNAIL_BYTES // len(face), -1))
