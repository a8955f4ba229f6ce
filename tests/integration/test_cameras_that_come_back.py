"""A camera may do what it likes: its stream comes back, and states tell the story."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.rtsp.auth import Credentials
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer
from pipeline.retry_waits import RetryWaits
from pipeline.sources.backlog import LATE_S
from pipeline.sources.connection import ConnectionSettings, Transport
from pipeline.sources.reconnecting import LiveSettings
from pipeline.sources.stream_state import Reason, StreamState
from tests.media import Clip, write_clip
from tests.rtsp.watcher import Watcher

SMALL = ClipFormat(frame_count=250)
LARGE = ClipFormat(width=256, height=160, frame_count=250)
HEVC = ClipFormat(frame_count=250, codec="H265")
SLOW = ClipFormat(frames_per_s=1, frame_count=10, key_every=1)

LIVE = (StreamState.LIVE, Reason.PICTURES)
STALLED = (StreamState.STALLED, Reason.SILENT)


def impatient(transport: Transport = Transport.TCP) -> LiveSettings:
    """Settings that make a test of failures short."""
    connection = ConnectionSettings(transport, open_timeout_s=1.0, stalled_after_s=0.5, lost_after_s=1.5)
    return LiveSettings(connection, RetryWaits(0.05, 0.2))


@pytest.fixture
def camera() -> Camera:
    return Camera(SMALL)


@pytest.fixture
def server(camera: Camera) -> Iterator[RtspServer]:
    with RtspServer({"cam": camera}) as serving:
        yield serving


@pytest.fixture(params=Transport)
def watcher(request: pytest.FixtureRequest, server: RtspServer) -> Iterator[Watcher]:
    """A stream that is live, over TCP and over UDP; whatever came of it, its frames are numbered and timed well."""
    with Watcher(server.url("cam"), impatient(request.param)) as watching:
        watching.wait_for_state(*LIVE)
        yield watching
    assert all(before.index < after.index for before, after in pairwise(watching.sightings))
    assert all(before.media_s < after.media_s for before, after in pairwise(watching.sightings))


@pytest.fixture(params=Transport)
def patient_watcher(request: pytest.FixtureRequest, server: RtspServer) -> Iterator[Watcher]:
    """A stream that is live, and that a busy machine does not make seem lost."""
    settings = LiveSettings(ConnectionSettings(request.param, open_timeout_s=20, stalled_after_s=2, lost_after_s=20))
    with Watcher(server.url("cam"), settings) as watching:
        yield watching


def test_a_server_that_dies(server: RtspServer, watcher: Watcher) -> None:
    server.kill()
    told = watcher.wait_for_state(StreamState.BACKING_OFF, Reason.UNREACHABLE, after=1)
    server.revive()
    watcher.wait_for_state(*LIVE, after=told)


def test_a_frozen_camera(camera: Camera, watcher: Watcher) -> None:
    camera.freeze()
    stalled = watcher.wait_for_state(*STALLED)
    lost = watcher.wait_for_state(StreamState.BACKING_OFF, Reason.SILENT, after=stalled)
    camera.resume()
    watcher.wait_for_state(*LIVE, after=lost)


def test_a_server_that_accepts_and_never_answers(server: RtspServer, watcher: Watcher) -> None:
    server.mute()
    told = watcher.wait_for_state(StreamState.BACKING_OFF, Reason.NO_ANSWER)
    server.unmute()
    watcher.wait_for_state(*LIVE, after=told)


def test_a_password_that_was_changed(server: RtspServer, watcher: Watcher) -> None:
    server.ask_for(Credentials("viewer", "hunter22"))
    told = watcher.wait_for_state(StreamState.REFUSED, Reason.CREDENTIALS)
    server.ask_for(None)
    watcher.wait_for_state(*LIVE, after=told)


def test_another_resolution_within_the_stream(camera: Camera, watcher: Watcher) -> None:
    camera.show(LARGE)
    watcher.wait_for_frames(3, lambda seen: (seen.width, seen.height) == (256, 160))
    assert (watcher.source.info.width, watcher.source.info.height) == (256, 160)
    camera.heal()
    watcher.wait_for_frames(3, lambda seen: (seen.width, seen.height) == (128, 96))


def test_another_codec(camera: Camera, watcher: Watcher) -> None:
    camera.show(HEVC)
    lost = watcher.wait_for_state(StreamState.BACKING_OFF, Reason.SILENT)
    watcher.wait_for_state(*LIVE, after=lost)
    watcher.wait_for_frames(3)


def test_another_codec_after_a_restart(camera: Camera, server: RtspServer, watcher: Watcher) -> None:
    server.kill()
    camera.show(HEVC)
    server.revive()
    watcher.wait_for_state(*LIVE, after=2)
    watcher.wait_for_frames(3)


def test_timestamps_that_jump(camera: Camera, watcher: Watcher) -> None:
    watcher.wait_for_frames(10)
    for jump_s in (3600.0, -7200.0):
        camera.jump_clock(jump_s)
        frames = watcher.wait_for_frames(30)
        assert frames[-1].media_s - frames[0].media_s < 60, "the media time does not jump with them"
        assert frames[-1].age_s < 60
    assert (StreamState.BACKING_OFF, Reason.ENDED) not in watcher.story


def test_corrupt_packets(camera: Camera, watcher: Watcher) -> None:
    camera.damage()
    camera.wait_until_sent(25)
    camera.heal()
    watcher.wait_for_frames(25)


def test_a_gap_and_a_burst_are_caught_up_with(camera: Camera, patient_watcher: Watcher) -> None:
    patient_watcher.wait_for_frames(25)
    camera.hold(pictures=75)
    told = patient_watcher.wait_for_state(*STALLED)
    patient_watcher.wait_for_state(*LIVE, after=told)
    patient_watcher.wait_for_frames(30, lambda seen: seen.age_s < LATE_S)
    late = [seen for seen in patient_watcher.sightings if seen.age_s > LATE_S]
    assert len(late) < 25, "of the fifty that are too late to be shown few are, as a busy machine has them"
    assert StreamState.BACKING_OFF not in [state for state, _ in patient_watcher.story], "the connection is kept"


def test_the_age_is_that_of_the_drawn_clock(camera: Camera, patient_watcher: Watcher) -> None:
    patient_watcher.wait_for_frames(25)
    camera.hold(pictures=15)
    frames = patient_watcher.wait_for_frames(30)
    drawn_s = [camera.age_s(seen.number, seen.seen_monotonic_s) for seen in frames]
    # What both have between them is the fastest picture's way through the codecs, the same for all.
    ways_s = [age_s - seen.age_s for seen, age_s in zip(frames, drawn_s, strict=True)]
    assert max(drawn_s) > 0.5
    assert max(ways_s) - min(ways_s) < 0.2


def test_a_picture_a_second_is_no_stall() -> None:
    with RtspServer({"slow": Camera(SLOW)}) as server, Watcher(server.url("slow")) as watcher:
        watcher.wait_for_frames(3)
        assert STALLED not in watcher.story


def test_an_unknown_path_says_so(server: RtspServer) -> None:
    with Watcher(server.url("nothing"), impatient()) as watcher:
        watcher.wait_for_state(StreamState.BACKING_OFF, Reason.NOT_FOUND)


def test_no_credential_is_told(camera: Camera, capfd: pytest.CaptureFixture[str]) -> None:
    with (
        RtspServer({"cam": camera}, Credentials("viewer", "hunter22")) as server,
        Watcher(server.url("cam"), impatient()) as watcher,
        Watcher(server.url("cam").replace("hunter22", "hunter23"), impatient()) as stranger,
    ):
        watcher.wait_for_state(*LIVE)
        stranger.wait_for_state(StreamState.REFUSED, Reason.CREDENTIALS)
        server.kill()
        watcher.wait_for_state(StreamState.BACKING_OFF, Reason.UNREACHABLE)
        told = [*watcher.changes, *stranger.changes, watcher.source.info, stranger.source.info]
    assert "hunter" not in repr(told) + "".join(capfd.readouterr())


@pytest.mark.parametrize("transport", Transport)
def test_close_waits_for_no_silent_camera(camera: Camera, server: RtspServer, transport: Transport) -> None:
    """With a patience of a thousand seconds: the watcher's exit joins the reading thread."""
    settings = LiveSettings(ConnectionSettings(transport, 1000.0, 1000.0, 1000.0))
    with Watcher(server.url("cam"), settings) as watcher:
        watcher.wait_for_state(*LIVE)
        camera.freeze()
    server.mute()
    clients = server.accepted
    with Watcher(server.url("cam"), settings):
        server.wait_until_accepted(clients + 1)


def test_a_file_loops_as_if_it_were_live(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mkv", Clip(times_s=(0.0, 0.1, 0.2)))
    with Watcher(f"loop:{path}", impatient()) as watcher:
        frames = watcher.wait_for_frames(8)
    steps_s = [after.media_s - before.media_s for before, after in pairwise(frames)]
    assert steps_s == pytest.approx([0.1] * 7, abs=2e-3)
    assert watcher.story == [(StreamState.CONNECTING, Reason.STARTED), LIVE]


def test_a_file_that_is_not_there_may_come(tmp_path: Path) -> None:
    with Watcher(f"loop:{tmp_path / 'clip.mkv'}", impatient()) as watcher:
        told = watcher.wait_for_state(StreamState.BACKING_OFF, Reason.NOT_FOUND)
        write_clip(tmp_path / "whole.mkv").rename(tmp_path / "clip.mkv")
        watcher.wait_for_state(*LIVE, after=told)
