"""A sink in a thread of its own: order, back pressure, and errors that reach the owner."""

import threading

import pytest

from pipeline.errors import SinkError
from pipeline.stages.encode import CAPACITY, SinkThread
from pipeline.types import FrameResult
from tests.results import flat_frame

PATIENCE_S = 60.0


class Gated:
    """A sink that takes a result whenever it is let, remembers their indices, and refuses `refused`."""

    def __init__(self, refused: int | None = None) -> None:
        self.gate = threading.Semaphore(0)
        self.indices: list[int] = []
        self.threads: set[str] = set()
        self.closed = 0
        self._refused = refused

    def write(self, result: FrameResult) -> None:
        assert self.gate.acquire(timeout=PATIENCE_S)
        if result.frame.index == self._refused:
            raise SinkError("the disk is full; make room")
        self.indices.append(result.frame.index)
        self.threads.add(threading.current_thread().name)

    def close(self) -> None:
        self.closed += 1

    def let(self, count: int) -> None:
        for _ in range(count):
            self.gate.release()


def result(index: int) -> FrameResult:
    return FrameResult(flat_frame(index), (), {})


def write_all(sink: SinkThread, count: int) -> None:
    for index in range(count):
        sink.write(result(index))


def test_results_are_taken_in_order_in_the_thread() -> None:
    inner = Gated()
    sink = SinkThread(inner, "encode:front")
    inner.let(50)
    write_all(sink, 50)
    sink.close()
    assert inner.indices == list(range(50))
    assert inner.threads == {"encode:front"}
    assert inner.closed == 1


def test_who_writes_goes_on_while_the_sink_is_busy_until_the_queue_is_full() -> None:
    inner = Gated()
    sink = SinkThread(inner, "encode")
    write_all(sink, CAPACITY)
    assert inner.indices == []
    inner.let(CAPACITY)
    sink.close()
    assert inner.indices == list(range(CAPACITY))


def test_an_error_is_raised_by_a_later_write_and_once() -> None:
    inner = Gated(refused=1)
    sink = SinkThread(inner, "encode")
    inner.let(2)
    with pytest.raises(SinkError, match="the disk is full"):
        write_all(sink, CAPACITY + 3)
    sink.close()
    assert inner.indices == [0]
    assert inner.closed == 1


def test_an_error_of_the_last_result_is_raised_by_close() -> None:
    inner = Gated(refused=0)
    sink = SinkThread(inner, "encode")
    sink.write(result(0))
    inner.let(1)
    with pytest.raises(SinkError, match="the disk is full"):
        sink.close()
    sink.close()
    assert inner.closed == 2


def test_closing_what_never_had_a_result_starts_no_thread() -> None:
    inner = Gated()
    SinkThread(inner, "encode").close()
    assert inner.closed == 1
