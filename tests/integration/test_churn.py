"""Streams that came and went, and connections that were lost and made anew, leave nothing behind in a service.

The same at length, with the memory: `python -m benchmarks churn`.
"""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from benchmarks.process_usage import usage_of
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer
from tests.running_service import RunningService

STREAMS = "/api/v1/streams"
SMALL = ClipFormat(frame_count=100)
STEADY = ("a", "b", "c", "d", "e")
HANG_UPS = 4
CYCLES = HANG_UPS * len(STEADY)

JITTER = 5
"""The parent answers HTTP with a pool of threads, and closes a connection some time after its client did.

What is left of each cycle or reconnect would be four times as much.
"""


@pytest.fixture
def steady() -> Iterator[RtspServer]:
    with RtspServer({name: Camera(SMALL) for name in STEADY}) as server:
        yield server


@pytest.fixture
def visited() -> Iterator[RtspServer]:
    with RtspServer({"cam": Camera(SMALL)}) as server:
        yield server


@pytest.fixture
def service(tmp_path: Path, steady: RtspServer) -> Iterator[RunningService]:
    streams = [{"id": name, "url": steady.url(name)} for name in STEADY]
    with RunningService(tmp_path, {"streams": streams, "http": {"rest_url_hosts": ["127.0.0.1"]}}) as running:
        for name in STEADY:
            running.wait_for_state(name, "live")
        yield running


def come_and_go(service: RunningService, camera: str, number: int) -> None:
    """Add a stream over REST and remove it: at once, when it is live, when it was watched, when it is refused."""
    stream = f"visit-{number}"
    recording = {"enabled": number % 2 == 0, "segment_length_s": 1}
    body = {"id": stream, "url": camera, "labels": {"visit": stream}, "recording": recording}
    assert service.ask(STREAMS, "POST", body).status == HTTPStatus.CREATED
    match number % 4:
        case 1:
            service.wait_for_state(stream, "live")
        case 2:
            assert service.ask(f"{STREAMS}/{stream}/snapshot").status == HTTPStatus.OK
        case 3:
            body = {**body, "url": camera.replace("//", "//nobody:nothing@").replace("/cam", "/gone")}
            assert service.ask(f"{STREAMS}/{stream}", "PUT", body).status == HTTPStatus.OK
            service.wait_for_state(stream, "backing_off")
    assert service.ask(f"{STREAMS}/{stream}", "DELETE").status == HTTPStatus.NO_CONTENT


def hang_up(service: RunningService, server: RtspServer) -> None:
    """Return when every steady stream was lost and is live again."""
    told = len(service.log)
    server.hang_up()
    for name in STEADY:
        service.wait_for_state(name, "live", service.wait_for_state(name, "backing_off", told))


def series(service: RunningService) -> set[tuple[str, str]]:
    """Return the names of the metrics, each with every stream that has it."""
    return {(name, dict(labels).get("stream", "")) for name, labels in service.metrics()}


def test_what_came_and_went_leaves_nothing_behind(
    service: RunningService, steady: RtspServer, visited: RtspServer
) -> None:
    for number in range(4):
        come_and_go(service, visited.url("cam"), number)
    hang_up(service, steady)
    (worker,) = service.workers()
    series_before, parent_before, worker_before = series(service), usage_of(service.process.pid), usage_of(worker)

    for number in range(4, 4 + CYCLES):
        come_and_go(service, visited.url("cam"), number)
    for _ in range(HANG_UPS):
        hang_up(service, steady)

    assert series(service) == series_before
    assert b"visit-" not in service.ask("/metrics").body
    parent_after, worker_after = usage_of(service.process.pid), usage_of(worker)
    assert (worker_after.threads, worker_after.descriptors) == (worker_before.threads, worker_before.descriptors)
    assert parent_after.threads <= parent_before.threads + JITTER
    assert parent_after.descriptors <= parent_before.descriptors + JITTER
