"""Live sources fail and end as said, and no password gets out."""

import socket
import threading
from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.sources import live
from pipeline.sources.live import Live
from tests.http_files import serving
from tests.rtsp_server import rtp_packets, serving_rtsp


@pytest.fixture
def silent_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_nobody_answers(silent_port: int, scheme: str) -> None:
    with pytest.raises(SourceError, match="can't be opened: connection refused") as caught:
        Live(f"{scheme}://admin:hunter22@127.0.0.1:{silent_port}/cam?token=hunter23", "s")
    assert f"{scheme}://***@127.0.0.1:{silent_port}/cam?token=***" in str(caught.value)
    assert "hunter" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_page_that_is_not_there(tmp_path: Path) -> None:
    with serving(tmp_path) as address, pytest.raises(SourceError, match="404"):
        Live(f"http://{address}/clip.ts", "s")


@pytest.mark.parametrize("location", ["camera:9999", "/dev/video9999"])
def test_no_such_camera(location: str) -> None:
    with pytest.raises(SourceError, match=f"{location} can't be opened: no such file or directory"):
        Live(location, "s")


def test_an_unknown_scheme() -> None:
    with pytest.raises(SourceError, match="can't be opened: protocol not found"):
        Live("nonsense://127.0.0.1/1", "s")


def test_a_server_that_accepts_and_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TIMEOUT_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(SourceError, match="no answer in time"):
            Live(f"rtsp://127.0.0.1:{port}/cam", "s")


def test_a_camera_that_goes_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TIMEOUT_S", 0.5)
    with serving_rtsp(rtp_packets(10), goes_silent=True) as address:
        source = Live(f"rtsp://user:hunter22@{address}/cam", "s")
        with pytest.raises(SourceError, match=r"\*\*\*@.* can't be read on: no answer in time"):
            list(source.frames())


def test_close_frees_a_thread_that_waits_for_a_silent_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "TIMEOUT_S", 0.5)
    with serving_rtsp(rtp_packets(10), goes_silent=True) as address:
        source = Live(f"rtsp://{address}/cam", "s")
        seen_most, ended = threading.Event(), threading.Event()

        def watch() -> None:
            for frame in source.frames():
                if frame.index == 8:
                    seen_most.set()
            ended.set()

        watcher = threading.Thread(target=watch)
        watcher.start()
        assert seen_most.wait(10)
        source.close()
        watcher.join()
        assert ended.is_set(), "a closed source ends without an error"
