"""Cameras that send JPEGs over HTTP: their pictures have no times of their own."""

import threading
from collections.abc import Iterator

import pytest

from benchmarks.rtsp.auth import Credentials, Scheme
from pipeline.retry_waits import RetryWaits
from pipeline.sources.connection import ConnectionSettings
from pipeline.sources.reconnecting import LiveSettings
from pipeline.sources.stream_state import Reason, StreamState
from tests.http_site import Answer, HttpSite, behind_login, redirect, status
from tests.mjpeg_camera import MjpegCamera
from tests.rtsp.watcher import Watcher

LIVE = (StreamState.LIVE, Reason.PICTURES)
LOGIN = "viewer:hunter22"
HELD_BACK = 1
"""Where a picture of unknown length ends, the next one tells."""


def settings(lost_after_s: float = 20.0) -> LiveSettings:
    return LiveSettings(ConnectionSettings(open_timeout_s=1, lost_after_s=lost_after_s), RetryWaits(0.05, 0.2))


@pytest.fixture
def camera() -> MjpegCamera:
    return MjpegCamera(tells_lengths=True)


@pytest.fixture
def site(camera: MjpegCamera) -> Iterator[HttpSite]:
    with HttpSite({"/cam": camera}) as serving:
        yield serving
        camera.stop()


def test_each_picture_is_given_as_it_comes(site: HttpSite, camera: MjpegCamera) -> None:
    camera.show(0)
    with Watcher(site.url("/cam"), settings()) as watcher:
        for number in range(1, 10):
            watcher.wait_until_seen(number - 1)
            camera.show(number)
        watcher.wait_until_seen(9)
    for seen in watcher.sightings:
        assert camera.sent_s[seen.number] <= seen.captured_monotonic_s <= seen.seen_monotonic_s


def test_pictures_of_unknown_length(site: HttpSite) -> None:
    camera = site.answers["/cam"] = MjpegCamera(tells_lengths=False)
    camera.show(*range(10 + HELD_BACK))
    with Watcher(site.url("/cam"), settings()) as watcher:
        watcher.wait_until_seen(9)
        camera.stop()
    assert [seen.number for seen in watcher.sightings][:10] == list(range(10))


def test_a_camera_that_falls_silent_is_called_again(site: HttpSite, camera: MjpegCamera) -> None:
    camera.show(0, 1, 2)
    with Watcher(site.url("/cam"), settings(lost_after_s=0.5)) as watcher:
        lost = watcher.wait_for_state(StreamState.BACKING_OFF, Reason.SILENT)
        camera.hang_up()
        camera.show(3, 4)
        watcher.wait_for_state(*LIVE, after=lost)
    assert "no answer in time" in watcher.changes[lost - 1].detail


@pytest.mark.parametrize("scheme", Scheme)
def test_a_login(site: HttpSite, camera: MjpegCamera, scheme: Scheme) -> None:
    site.answers["/cam"] = behind_login(Credentials("viewer", "hunter22", scheme), camera)
    camera.show(0, 1)
    with Watcher(site.url("/cam", LOGIN), settings()) as watcher:
        watcher.wait_for_state(*LIVE)
    assert "hunter" not in repr(watcher.changes)


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (status(401, {"WWW-Authenticate": 'Basic realm="camera"'}), StreamState.REFUSED, Reason.CREDENTIALS),
        (status(401, {"WWW-Authenticate": "Bearer"}), StreamState.REFUSED, Reason.CREDENTIALS),
        (status(403), StreamState.REFUSED, Reason.CREDENTIALS),
        (status(404), StreamState.BACKING_OFF, Reason.NOT_FOUND),
        (status(503), StreamState.BACKING_OFF, Reason.BROKEN),
        (redirect("http://127.0.0.2/cam"), StreamState.BACKING_OFF, Reason.BROKEN),
        (redirect("file:///etc/passwd"), StreamState.BACKING_OFF, Reason.BROKEN),
    ],
)
def test_an_answer_that_is_no_stream(site: HttpSite, answer: Answer, state: StreamState, reason: Reason) -> None:
    site.answers["/cam?token=hunter23"] = answer
    with Watcher(site.url("/cam?token=hunter23", LOGIN), settings()) as watcher:
        watcher.wait_for_state(state, reason)
    assert "hunter" not in repr(watcher.changes)


def test_a_server_that_hangs(site: HttpSite) -> None:
    released = threading.Event()
    site.answers["/cam"] = lambda _: released.wait()
    with Watcher(site.url("/cam"), settings()) as watcher:
        watcher.wait_for_state(StreamState.BACKING_OFF, Reason.NO_ANSWER)
    released.set()


def test_a_redirect_within_the_host(site: HttpSite, camera: MjpegCamera) -> None:
    site.answers["/old"] = redirect("/cam")
    camera.show(0, 1)
    with Watcher(site.url("/old"), settings()) as watcher:
        watcher.wait_for_state(*LIVE)
