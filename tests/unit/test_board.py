"""What the parent knows of streams, from what workers report."""

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.fleet.board import Board
from pipeline.fleet.fleet_metrics import FleetMetrics
from pipeline.fleet.stream_record import StreamRecord
from pipeline.jpeg import Jpeg
from pipeline.sources.stream_state import Reason, StateChange, StreamState
from pipeline.stream_errors import NoThumbnailError, UnknownStreamError
from pipeline.stream_events import PersonGone, StreamChanged, StreamEvent, StreamRemoved, VerdictChanged
from pipeline.stream_history import DepartedPerson, VerdictChange
from pipeline.stream_status import Owner
from pipeline.types import MaskState
from pipeline.worker.messages import (
    FitnessTold,
    PersonLeft,
    PictureTaken,
    Pulse,
    StateTold,
    StreamEnded,
    StreamPulse,
    VerdictTold,
)
from tests.streams import stream

LIVE = StateChange(StreamState.LIVE, Reason.PICTURES, "the camera sends pictures of 640x360")
SILENT = StateChange(StreamState.BACKING_OFF, Reason.SILENT, "no picture for 5 s", retry_in_s=0.5)
REFUSED = StateChange(
    StreamState.REFUSED,
    Reason.CREDENTIALS,
    "the camera can't be opened: it answers 401 (unauthorized)",
    retry_in_s=30.0,
)
RETRY = StateChange(StreamState.CONNECTING, Reason.RETRY, "calling the camera again")
SEEN = StreamPulse(25, 50, {"masked": 2}, 640, 360, 0.04, datetime(2026, 3, 1, tzinfo=UTC))
PICTURE = Jpeg(b"picture", 1, None)


NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHANGED = VerdictChange(0, 7, MaskState.UNKNOWN, MaskState.MASKED, 0.9, NOON)


def leaving(verdict: MaskState, stream: str = "gate", last_seen_utc: datetime = NOON) -> DepartedPerson:
    return DepartedPerson(stream, 7, NOON, last_seen_utc, verdict, 0.9, 5)


@pytest.fixture
def board() -> Board:
    made = Board(FleetMetrics())
    record = StreamRecord(stream("gate"), Owner.FILE, worker=0, run=1, is_halted=False)
    made.put(record)
    return made


def told(board: Board, *changes: StateChange) -> None:
    for change in changes:
        board.report(StateTold("gate", 1, change))


def reconnects(board: Board) -> dict[str, float]:
    families = board._metrics.registry.collect()
    return {
        sample.labels["reason"]: sample.value
        for family in families
        for sample in family.samples
        if sample.name == "maskstream_reconnects_total"
    }


def test_a_status_tells_what_the_worker_reported(board: Board) -> None:
    told(board, LIVE)
    board.report(Pulse(1.0, {"gate": SEEN}))
    board.report(PersonLeft(leaving(MaskState.MASKED)))
    board.report(PersonLeft(leaving(MaskState.UNMASKED)))
    status = board.status("gate")
    assert (status.state, status.width, status.frames_per_s) == (StreamState.LIVE, 640, 25.0)
    assert (status.persons, status.frame_age_s) == ({"masked": 2}, 0.04)
    assert (status.compliance, status.judged) == (0.5, 2)
    assert "hunter22" not in repr(status)


def test_nobody_is_in_view_of_a_stream_that_is_not_live(board: Board) -> None:
    told(board, LIVE)
    board.report(Pulse(1.0, {"gate": SEEN}))
    told(board, SILENT)
    status = board.status("gate")
    assert (status.persons, status.frames_per_s, status.frame_age_s) == ({}, 0.0, None)
    assert status.last_frame_utc == SEEN.captured_utc
    assert status.retry_utc is not None
    assert (status.retry_utc - status.since_utc).total_seconds() == 0.5


def test_a_connection_made_anew_counts_by_what_ended_the_last(board: Board) -> None:
    told(board, LIVE, SILENT, RETRY, REFUSED, RETRY, LIVE, REFUSED, RETRY, LIVE)
    assert reconnects(board) == {"silent": 1, "credentials": 1}


def test_the_first_connection_is_none_made_anew(board: Board) -> None:
    told(board, LIVE)
    assert reconnects(board) == {}


def test_the_attempts_of_an_outage_are_for_those_who_look_closer(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pipeline.fleet.board")
    told(board, LIVE, SILENT, RETRY, SILENT, RETRY, SILENT, RETRY, LIVE)
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        f"gate is live: {LIVE.detail}",
        f"gate is backing off: {SILENT.detail}",
        f"gate is live: {LIVE.detail}",
    ]


def test_news_of_an_earlier_lane_is_old(board: Board) -> None:
    told(board, LIVE)
    board.report(StateTold("gate", 0, SILENT))
    assert board.status("gate").state is StreamState.LIVE


def test_news_of_a_stream_that_is_gone_is_none(board: Board) -> None:
    board.drop("gate")
    told(board, LIVE)
    board.report(PersonLeft(leaving(MaskState.MASKED)))
    board.report(VerdictTold("gate", CHANGED, b"a face"))
    board.report(FitnessTold("gate", {"too_dark": 0.0}))
    board.report(StreamEnded("gate"))
    board.report(PictureTaken("gate", PICTURE))
    board.report(Pulse(1.0, {"gate": SEEN}))
    assert board.statuses() == []
    with pytest.raises(UnknownStreamError, match="gate"):
        board.status("gate")


def test_pictures_go_to_all_who_watch_and_none_is_the_last(board: Board) -> None:
    seen: list[Jpeg | None] = []
    with board.held() as records:
        records["gate"].watchers = {1: seen.append, 2: seen.append}
    board.report(PictureTaken("gate", PICTURE))
    board.drop("gate")
    assert seen == [PICTURE, PICTURE, None, None]


def test_the_death_of_a_worker_is_news_of_its_streams_alone(board: Board) -> None:
    board.put(StreamRecord(stream("other"), Owner.FILE, worker=1, run=2, is_halted=False))
    board.put(StreamRecord(stream("paused"), Owner.FILE, worker=0))
    told(board, LIVE)
    assert board.died(0, "its process was killed") == ("gate",)
    assert board.status("gate").reason is Reason.CRASHED
    assert board.status("other").reason is Reason.STARTED
    assert board.record("gate").ended.is_set()


def test_what_was_told_outlives_the_worker(board: Board) -> None:
    told(board, LIVE)
    board.report(VerdictTold("gate", CHANGED, b"a face"))
    board.report(PersonLeft(leaving(MaskState.MASKED)))
    board.died(0, "its process was killed")
    history = board.history("gate")
    assert history.changes == (replace(CHANGED, number=1, has_thumbnail=True),)
    assert [state.reason for state in history.states] == [Reason.CRASHED, Reason.PICTURES]
    assert sum(minute.masked for minute in history.minutes) == 1
    assert board.thumbnail("gate", 1) == b"a face"
    with pytest.raises(NoThumbnailError, match="thumbnail 2"):
        board.thumbnail("gate", 2)


def test_who_left_any_stream_is_told_newest_first_and_goes_with_the_stream(board: Board) -> None:
    board.put(StreamRecord(stream("yard"), Owner.FILE, worker=0, run=2, is_halted=False))
    later = leaving(MaskState.MASKED, "yard", NOON + timedelta(seconds=5))
    latest = leaving(MaskState.UNKNOWN, "gate", NOON + timedelta(seconds=9))
    for person in (leaving(MaskState.MASKED), later, latest):
        board.report(PersonLeft(person))
    assert board.people(None) == [latest, later, leaving(MaskState.MASKED)]
    assert board.people("yard") == [later]
    board.drop("gate")
    assert board.people(None) == [later]


def test_subscribers_hear_what_happens(board: Board) -> None:
    heard: list[StreamEvent] = []
    board.events.subscribe(heard.append)
    board.tell_changes()
    board.report(VerdictTold("gate", CHANGED, None))
    board.report(PersonLeft(leaving(MaskState.MASKED)))
    board.tell_changes()
    board.tell_changes()
    board.drop("gate")
    board.tell_changes()
    came, changed, left, judged, gone = heard
    assert isinstance(came, StreamChanged)
    assert changed == VerdictChanged("gate", replace(CHANGED, number=1))
    assert left == PersonGone(leaving(MaskState.MASKED))
    assert isinstance(judged, StreamChanged)
    assert judged.status.compliance == 1
    assert gone == StreamRemoved("gate")


def test_hints_are_those_of_a_live_picture(board: Board) -> None:
    told(board, LIVE)
    board.report(FitnessTold("gate", {"too_dark": 0.1}))
    assert board.status("gate").hints[0].startswith("too dark")
    told(board, SILENT)
    assert board.status("gate").hints == ()


def test_another_place_begins_without_pictures_of_the_last(board: Board) -> None:
    told(board, LIVE)
    board.report(VerdictTold("gate", CHANGED, b"a face"))
    board.report(FitnessTold("gate", {"too_dark": 0.1}))
    board.record("gate").forget_pictures()
    assert not board.history("gate").changes[0].has_thumbnail
    assert board.status("gate").hints == ()


def test_nothing_is_left_of_streams_that_came_and_went(board: Board) -> None:
    board.events.subscribe(lambda _event: None)
    for index in range(200):
        name = f"bus-{index}"
        board.put(StreamRecord(stream(name), Owner.REST, worker=0, run=index, is_halted=False))
        board.report(VerdictTold(name, CHANGED, b"a face"))
        board.report(PersonLeft(leaving(MaskState.MASKED, name)))
        board.tell_changes()
        board.drop(name)
    assert [status.id for status in board.statuses()] == list(board.events._told) == ["gate"]
    assert board.people(None) == []
