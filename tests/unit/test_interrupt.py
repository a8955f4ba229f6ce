"""An interrupted source waits for no camera; should PyAV cease to ask for the time, these tests tell."""

import socket
import threading
import time
from collections.abc import Callable

import av
import pytest

from pipeline.sources.interrupt import Interrupt

PATIENCE_S = 1000.0
"""A timeout that no test would sit out."""
JOIN_S = 30.0


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_it_ends_the_opening_of_what_never_answers(scheme: str) -> None:
    interrupt = Interrupt()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"
        waiting = started(lambda: av.open(url, timeout=PATIENCE_S), interrupt)
        client, _ = listener.accept()
        with client:
            interrupt.set()
            waiting.join(JOIN_S)
            has_ended = not waiting.is_alive()
    waiting.join()
    assert has_ended


def test_a_wait_that_begins_after_it_was_set_ends_as_well() -> None:
    interrupt = Interrupt()
    interrupt.set()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        waiting = started(
            lambda: av.open(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/", timeout=PATIENCE_S), interrupt
        )
        waiting.join(JOIN_S)
        has_ended = not waiting.is_alive()
    waiting.join()
    assert has_ended


def test_others_get_the_time_as_it_is() -> None:
    interrupt, other = Interrupt(), Interrupt()
    interrupt.set()
    before = time.monotonic()
    assert before <= other.monotonic() <= time.monotonic()
    assert interrupt.monotonic() > time.monotonic() + PATIENCE_S
    with interrupt.serving():
        assert core_clock()() > time.monotonic() + PATIENCE_S
    assert core_clock()() <= time.monotonic()


def core_clock() -> Callable[[], float]:
    """The clock that PyAV asks."""
    clock: Callable[[], float] = vars(av.container.core)["time"].monotonic
    return clock


def started(wait: Callable[[], object], interrupt: Interrupt) -> threading.Thread:
    def run() -> None:
        with interrupt.serving(), pytest.raises(av.FFmpegError):
            wait()

    thread = threading.Thread(target=run, name="waiting")
    thread.start()
    return thread
