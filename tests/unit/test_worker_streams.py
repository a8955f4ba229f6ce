"""The lanes of a worker, with lanes that do as the test says."""

import queue
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import pytest

from pipeline.app import Engine
from pipeline.errors import ModelError
from pipeline.ports import Sink, Source
from pipeline.retry_waits import RetryWaits
from pipeline.sinks.prometheus import WorkerTelemetry
from pipeline.sources.stream_state import Reason, StateChange, StreamState
from pipeline.worker.messages import Report, StateTold, StreamEnded
from pipeline.worker.streams import Streams
from tests.streams import stream

TIMEOUT_S = 30.0


class Lane:
    """Runs until it is stopped or made to fail."""

    def __init__(self, source: Source, sinks: Sequence[Sink]) -> None:
        self.error: BaseException | None = None
        self._parts: tuple[Source | Sink, ...] = (source, *sinks)
        self._on_end: Callable[[], None] | None = None

    def start(self, on_end: Callable[[], None]) -> None:
        self._on_end = on_end

    def stop(self) -> None:
        self.end(None)

    def join(self) -> None:
        """It has no thread."""

    def end(self, error: BaseException | None) -> None:
        self.error = error
        for part in self._parts:
            part.close()
        assert self._on_end is not None
        self._on_end()


class Lanes:
    """In the place of an engine: hands out lanes, or what it is told to raise."""

    def __init__(self) -> None:
        self.made: queue.SimpleQueue[Lane] = queue.SimpleQueue()
        self.refusal: Exception | None = None

    def lane(self, source: Source, sinks: Sequence[Sink], *_settings: object) -> Lane:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        lane = Lane(source, sinks)
        self.made.put(lane)
        return lane


@pytest.fixture
def lanes() -> Lanes:
    return Lanes()


@pytest.fixture
def reports() -> "queue.SimpleQueue[Report]":
    return queue.SimpleQueue()


@pytest.fixture
def streams(lanes: Lanes, reports: "queue.SimpleQueue[Report]") -> Iterator[Streams]:
    soon = RetryWaits(first_s=0.001, longest_s=0.001)
    made = Streams(cast(Engine, lanes), WorkerTelemetry(), reports.put, soon)
    made.open()
    yield made
    made.close()


def fault(report: Report) -> StateChange:
    assert isinstance(report, StateTold)
    assert (report.stream, report.run, report.change.reason) == ("gate", 7, Reason.FAULT)
    assert report.change.state is StreamState.BACKING_OFF
    return report.change


def test_a_lane_that_fails_is_begun_anew(
    streams: Streams, lanes: Lanes, reports: Any, caplog: pytest.LogCaptureFixture
) -> None:
    streams.start(stream("gate"), run=7)
    lanes.made.get(timeout=TIMEOUT_S).end(RuntimeError("viewer:hunter22"))
    assert "RuntimeError" in fault(reports.get(timeout=TIMEOUT_S)).detail
    lanes.made.get(timeout=TIMEOUT_S)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    caplog.clear()


def test_what_a_person_can_mend_is_told_in_its_own_words(streams: Streams, lanes: Lanes, reports: Any) -> None:
    lanes.refusal = ModelError("yunet.onnx is not a model")
    streams.start(stream("gate"), run=7)
    assert fault(reports.get(timeout=TIMEOUT_S)).detail == "yunet.onnx is not a model"
    lanes.made.get(timeout=TIMEOUT_S)


def test_a_stream_ends_once_and_one_that_does_not_run_ends_too(streams: Streams, lanes: Lanes, reports: Any) -> None:
    streams.start(stream("gate"), run=7)
    streams.start(stream("gate"), run=7)
    streams.stop("gate")
    streams.stop("gate")
    assert [reports.get(timeout=TIMEOUT_S) for _ in range(2)] == [StreamEnded("gate")] * 2
    lanes.made.get(timeout=TIMEOUT_S)
    assert lanes.made.empty(), "the second start was one too many"


def test_a_stream_that_waits_to_be_begun_anew_can_be_ended(streams: Streams, lanes: Lanes, reports: Any) -> None:
    lanes.refusal = ModelError("yunet.onnx is not a model")
    streams.start(stream("gate"), run=7)
    streams.stop("gate")
    fault(reports.get(timeout=TIMEOUT_S))
    assert reports.get(timeout=TIMEOUT_S) == StreamEnded("gate")
    assert streams.pulses() == {}
