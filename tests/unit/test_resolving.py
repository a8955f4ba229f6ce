"""A resolver that hangs holds nobody up.

It is played by a function: with the system's own, and a name server that drops every question, `getaddrinfo` took
10.0 s and could not be ended; FFmpeg, which calls it as well, ended 10.1 s after its beginning, interrupted or not.
"""

import socket
import threading
from collections.abc import Iterator

import pytest

from pipeline.sources.connection import ConnectionSettings, connect
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.patience import Patience
from pipeline.sources.resolving import resolve
from pipeline.sources.stream_state import ConnectionLostError, Reason

NAME = "camera.example"


class SilentResolver:
    """Answers when it is released."""

    def __init__(self) -> None:
        self.questions = 0
        self.released = threading.Event()

    def __call__(self, _: str, port: int, **__: object) -> list[tuple[object, ...]]:
        self.questions += 1
        self.released.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[SilentResolver]:
    silent = SilentResolver()
    monkeypatch.setattr(socket, "getaddrinfo", silent)
    yield silent
    silent.released.set()
    for thread in threading.enumerate():
        if thread.name == "resolve":
            thread.join()


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_it_is_waited_for_but_so_long(resolver: SilentResolver, scheme: str) -> None:
    with pytest.raises(ConnectionLostError, match="no answer in time") as caught:
        connect(f"{scheme}://viewer:hunter22@{NAME}/cam", ConnectionSettings(open_timeout_s=0.2), Interrupt())
    assert caught.value.reason is Reason.NO_ANSWER
    assert resolver.questions == 1


def test_an_interrupt_ends_the_wait(resolver: SilentResolver) -> None:
    interrupt = Interrupt()
    interrupt.set()
    with pytest.raises(TimeoutError):
        resolve(NAME, 554, Patience(1000.0, interrupt))
    assert resolver.questions <= 1


def test_asking_again_leaves_no_more_threads_behind(resolver: SilentResolver) -> None:
    for _ in range(3):
        with pytest.raises(TimeoutError):
            resolve(NAME, 554, Patience(0.0, Interrupt()))
    assert resolver.questions == 1
    resolver.released.set()
    assert resolve(NAME, 554, Patience(30.0, Interrupt())) == [(socket.AF_INET, ("127.0.0.1", 554))]


@pytest.mark.parametrize("name", ["empty..part", "x" * 64 + ".example"])
def test_a_name_that_is_none(name: str) -> None:
    assert refusal(f"http://{name}/cam").reason is Reason.UNREACHABLE


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    error = refusal(f"rtsp://viewer:hunter22@{NAME}/cam")
    assert error.reason is Reason.UNREACHABLE
    assert str(error).endswith("can't be opened: the name of its host is not known")


def refusal(location: str) -> ConnectionLostError:
    with pytest.raises(ConnectionLostError) as caught:
        connect(location, ConnectionSettings(open_timeout_s=20.0), Interrupt())
    return caught.value
