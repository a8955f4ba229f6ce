"""An HLS stream that lives: its playlist grows, has gaps, vanishes, or leads where it must not."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.retry_waits import RetryWaits
from pipeline.sources.connection import ConnectionSettings
from pipeline.sources.reconnecting import LiveSettings
from pipeline.sources.stream_state import Reason, StreamState
from tests.hls_camera import SEGMENT_PICTURES, HlsCamera, make_segments
from tests.http_site import HttpSite, content
from tests.rtsp.watcher import Watcher

LIVE = (StreamState.LIVE, Reason.PICTURES)
HELD_BACK = 2
"""So many pictures come but with the next segment: where one ends, the demuxer and the parser see by what follows."""

PATIENT = LiveSettings(ConnectionSettings(open_timeout_s=20, lost_after_s=20), RetryWaits(0.05, 0.2))


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return make_segments(tmp_path_factory.mktemp("segments"), 8)


@pytest.fixture
def camera(segments: list[bytes]) -> Iterator[HlsCamera]:
    """A camera that has two segments to show."""
    with HttpSite({}) as site:
        serving = HlsCamera(site, segments)
        serving.publish()
        serving.publish()
        yield serving


def show(camera: HlsCamera, watcher: Watcher, segment: int) -> None:
    """Publish a segment; return when all was seen of it that FFmpeg gives before it has the next."""
    camera.publish(f"/{segment}.ts")
    watcher.wait_for_frames(1, lambda seen: seen.number == (segment + 1) * SEGMENT_PICTURES - HELD_BACK - 1)


def test_a_playlist_that_grows_is_played_without_a_gap(camera: HlsCamera) -> None:
    with Watcher(camera.url, PATIENT) as watcher:
        for segment in range(2, 6):
            show(camera, watcher, segment)
    numbers = [seen.number for seen in watcher.sightings]
    assert numbers == list(range(numbers[0], 6 * SEGMENT_PICTURES - HELD_BACK))
    assert watcher.story == [(StreamState.CONNECTING, Reason.STARTED), LIVE]
    assert "hunter" not in repr(watcher.changes)


def test_playing_begins_near_the_end_of_the_list(camera: HlsCamera) -> None:
    for _ in range(4):
        camera.publish()
    with Watcher(camera.url, PATIENT) as watcher:
        first = watcher.wait_for_frames(1)[0]
    assert first.number == 4 * SEGMENT_PICTURES


def test_a_segment_that_is_missing_is_passed_over(camera: HlsCamera) -> None:
    with Watcher(camera.url, PATIENT) as watcher:
        watcher.wait_for_frames(1)
        camera.publish("/missing.ts")
        show(camera, watcher, 3)
    assert watcher.story == [(StreamState.CONNECTING, Reason.STARTED), LIVE]
    assert "/missing.ts" in camera.site.paths()


def test_timestamps_that_begin_anew(camera: HlsCamera) -> None:
    with Watcher(camera.url, PATIENT) as watcher:
        show(camera, watcher, 5)
        camera.publish("#EXT-X-DISCONTINUITY\n/0.ts")
        watcher.wait_for_frames(1, lambda seen: seen.number == SEGMENT_PICTURES - HELD_BACK - 1)
    assert all(before.media_s < after.media_s < before.media_s + 10 for before, after in pairwise(watcher.sightings))
    assert watcher.story == [(StreamState.CONNECTING, Reason.STARTED), LIVE]


def test_a_playlist_that_vanishes_and_comes_back(camera: HlsCamera) -> None:
    with Watcher(camera.url, PATIENT) as watcher:
        watcher.wait_for_frames(1)
        camera.vanish()
        lost = watcher.wait_for_state(StreamState.BACKING_OFF, Reason.NOT_FOUND)
        camera.come_back()
        watcher.wait_for_state(*LIVE, after=lost)


def test_a_recording_is_played_again(camera: HlsCamera) -> None:
    camera.tail = "#EXT-X-ENDLIST\n"
    with Watcher(camera.url, PATIENT) as watcher:
        ended = watcher.wait_for_state(StreamState.BACKING_OFF, Reason.ENDED)
        watcher.wait_for_state(*LIVE, after=ended)
    assert [seen.number for seen in watcher.sightings][: 2 * SEGMENT_PICTURES] == list(range(2 * SEGMENT_PICTURES))


def test_a_playlist_leads_to_no_other_host(camera: HlsCamera, segments: list[bytes]) -> None:
    with HttpSite({"/0.ts": content(segments[0])}, "127.0.0.2") as other:
        camera.published = [other.url("/0.ts")]
        with Watcher(camera.url, PATIENT) as watcher:
            watcher.wait_for_state(StreamState.BACKING_OFF, Reason.BROKEN)
        assert other.asked == []
    assert "it leads to another host" in watcher.changes[-1].detail
    assert "127.0.0.2" not in watcher.changes[-1].detail


@pytest.mark.parametrize("prefix", ["file://", "file:", "concat:", "crypto:", "data:video/mp2t,"])
def test_a_playlist_opens_no_file(camera: HlsCamera, segments: list[bytes], tmp_path: Path, prefix: str) -> None:
    hidden = tmp_path / "0.ts"
    hidden.write_bytes(segments[0])
    camera.published = [f"{prefix}{hidden}"]
    impatient = LiveSettings(ConnectionSettings(open_timeout_s=0.3), RetryWaits(0.05, 0.2))
    with Watcher(camera.url, impatient) as watcher:
        told = watcher.wait_for_state(StreamState.CONNECTING, Reason.RETRY)
        watcher.wait_for_state(StreamState.CONNECTING, Reason.RETRY, after=told)
    assert LIVE not in watcher.story
