"""Streams over HTTP: MPEG-TS, MJPEG in parts, HLS. Each is called again when it ends."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from pipeline.retry_waits import RetryWaits
from pipeline.sources.reconnecting import LiveSettings
from pipeline.sources.stream_state import Reason, StreamState
from tests.http_files import serving
from tests.media import Clip, numbered_quadrants, write_clip
from tests.rtsp.watcher import Watcher

LIVE = (StreamState.LIVE, Reason.PICTURES)
SHORT = LiveSettings(waits=RetryWaits(0.05, 0.2))
CLIPS = {
    "cam.ts": Clip(width=128, height=96, options={"tune": "zerolatency"}),
    "cam.m3u8": Clip(width=128, height=96, container_options={"hls_list_size": "0"}),
}


@pytest.fixture(params=["cam.mjpeg", *CLIPS])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param in CLIPS:
        write_clip(tmp_path / request.param, CLIPS[request.param])
    else:
        (tmp_path / request.param).write_bytes(b"".join(part(index) for index in range(10)))
    with serving(tmp_path) as address:
        yield f"http://viewer:hunter22@{address}/{request.param}"


def part(index: int) -> bytes:
    """Return one picture of an MJPEG stream, as cameras send it."""
    jpeg = cv2.imencode(".jpg", numbered_quadrants(index, 128, 96))[1].tobytes()
    return b"--picture\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(jpeg), jpeg)


def test_it_is_played_and_called_again_when_it_ends(url: str) -> None:
    with Watcher(url, SHORT) as watcher:
        first = watcher.wait_for_state(*LIVE)
        ended = watcher.wait_for_state(StreamState.BACKING_OFF, Reason.ENDED, after=first)
        watcher.wait_for_state(*LIVE, after=ended)
    assert {(seen.width, seen.height) for seen in watcher.sightings} == {(128, 96)}
    assert "hunter" not in repr(watcher.changes)


def test_segments_are_played_no_faster_than_they_were_taken(tmp_path: Path) -> None:
    write_clip(tmp_path / "cam.m3u8", CLIPS["cam.m3u8"])
    with serving(tmp_path) as address, Watcher(f"http://{address}/cam.m3u8", SHORT) as watcher:
        first, *_, last = watcher.wait_for_frames(6)
    assert last.seen_monotonic_s - first.seen_monotonic_s >= last.media_s - first.media_s - 0.05


def test_a_page_that_is_not_there(tmp_path: Path) -> None:
    with serving(tmp_path) as address, Watcher(f"http://{address}/cam.ts", SHORT) as watcher:
        watcher.wait_for_state(StreamState.BACKING_OFF, Reason.NOT_FOUND)
