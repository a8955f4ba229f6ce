"""What the parent knows of streams, from what workers report."""

import logging
from datetime import UTC, datetime

import pytest

from pipeline.fleet.board import Board
from pipeline.fleet.fleet_metrics import FleetMetrics
from pipeline.fleet.stream_record import StreamRecord
from pipeline.jpeg import Jpeg
from pipeline.sources.stream_state import Reason, StateChange, StreamState
from pipeline.stream_errors import UnknownStreamError
from pipeline.stream_status import Owner
from pipeline.worker.messages import PersonLeft, PictureTaken, Pulse, StateTold, StreamEnded, StreamPulse
from tests.streams import stream

LIVE = StateChange(StreamState.LIVE, Reason.PICTURES, "gate sends pictures of 640x360")
SILENT = StateChange(StreamState.BACKING_OFF, Reason.SILENT, "gate: no picture for 5 s", retry_in_s=0.5)
REFUSED = StateChange(StreamState.REFUSED, Reason.CREDENTIALS, "gate refuses the password", retry_in_s=30.0)
RETRY = StateChange(StreamState.CONNECTING, Reason.RETRY, "connecting to gate again")
SEEN = StreamPulse(25, 50, {"masked": 2}, 640, 360, 0.04, datetime(2026, 3, 1, tzinfo=UTC))
PICTURE = Jpeg(b"picture", 1, None)


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
    board.report(PersonLeft("gate", "masked"))
    board.report(PersonLeft("gate", "unmasked"))
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
    for report in (PersonLeft("gate", "masked"), StreamEnded("gate"), PictureTaken("gate", PICTURE)):
        board.report(report)
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
