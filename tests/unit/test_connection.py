"""What can't be opened says why, in a word for metrics and a sentence for people."""

import socket
import threading
from collections.abc import Iterator

import pytest

from pipeline.sources.connection import ConnectionSettings, connect
from pipeline.sources.interrupt import Interrupt
from pipeline.sources.stream_state import ConnectionLostError, Reason


def refusal(location: str) -> ConnectionLostError:
    with pytest.raises(ConnectionLostError) as caught:
        connect(location, ConnectionSettings(open_timeout_s=0.3), Interrupt())
    assert "hunter" not in str(caught.value)
    return caught.value


@pytest.fixture
def silent_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def garbling_port() -> Iterator[int]:
    """A port of this machine where somebody says one line of nonsense."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(1)
                client.sendall(b"hello\r\n\r\n")

        thread = threading.Thread(target=answer, name="garbler")
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_nobody_listens(silent_port: int, scheme: str) -> None:
    error = refusal(f"{scheme}://viewer:hunter22@127.0.0.1:{silent_port}/cam?token=hunter23")
    assert error.reason is Reason.UNREACHABLE
    assert str(error) == "the camera can't be opened: connection refused"


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_nobody_answers(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        error = refusal(f"{scheme}://viewer:hunter22@127.0.0.1:{listener.getsockname()[1]}/cam")
    assert error.reason is Reason.NO_ANSWER
    assert str(error).endswith("no answer in time")


def test_an_answer_that_is_none(garbling_port: int) -> None:
    error = refusal(f"rtsp://viewer:hunter22@127.0.0.1:{garbling_port}/cam")
    assert error.reason is Reason.BROKEN
    assert str(error).endswith("its answer is no video stream, or breaks off")


@pytest.mark.parametrize(
    ("location", "reason"), [("camera:9999", Reason.NOT_FOUND), ("nonsense://127.0.0.1/1", Reason.BROKEN)]
)
def test_what_is_not_there(location: str, reason: Reason) -> None:
    assert refusal(location).reason is reason


def test_a_camera_that_is_not_plugged_in_is_named_as_the_system_names_it() -> None:
    assert str(refusal("camera:9999")) == "the camera can't be opened at /dev/video9999: no such file or directory"
