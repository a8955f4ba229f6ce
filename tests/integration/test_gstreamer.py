"""Streams of a server that is not ours, GStreamer's, play as well."""

import subprocess
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.sources.connection import ConnectionSettings, Transport
from pipeline.sources.reconnecting import LiveSettings
from pipeline.sources.stream_state import Reason, StreamState
from tests.machine import require_gstreamer
from tests.media import Clip, write_clip
from tests.rtsp.watcher import Watcher

SERVER = Path(__file__).parents[1] / "rtsp" / "gst_server.py"
USER, PASSWORD = "viewer", "hunter22"
LIVE = (StreamState.LIVE, Reason.PICTURES)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    python = require_gstreamer()
    path = write_clip(tmp_path / "clip.mkv", Clip(width=128, height=96, times_s=[index / 25 for index in range(75)]))
    command = [python, str(SERVER), str(path), USER, PASSWORD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.communicate()
    assert process.returncode == 0


@pytest.mark.parametrize("transport", Transport)
def test_its_stream_is_played_and_called_again_when_it_ends(port: int, transport: Transport) -> None:
    url = f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{port}/cam"
    with Watcher(url, LiveSettings(ConnectionSettings(transport))) as watcher:
        first = watcher.wait_for_state(*LIVE)
        frames = watcher.wait_for_frames(30)
        watcher.wait_for_state(*LIVE, after=first)
    assert {(seen.width, seen.height) for seen in watcher.sightings} == {(128, 96)}
    steps_s = [after.media_s - before.media_s for before, after in pairwise(frames)]
    assert steps_s == pytest.approx([0.04] * 29, abs=2e-3)
    assert "hunter" not in repr(watcher.changes)


def test_a_wrong_password_is_refused(port: int) -> None:
    with Watcher(f"rtsp://{USER}:hunter23@127.0.0.1:{port}/cam") as watcher:
        watcher.wait_for_state(StreamState.REFUSED, Reason.CREDENTIALS)
    assert "hunter" not in repr(watcher.changes)
