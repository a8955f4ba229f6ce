"""`maskstream run` as its operator has it: changed while it runs, crashed, read again, ended."""

import os
import signal
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import av
import pytest

from benchmarks.rtsp.auth import Credentials
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer
from pipeline.errors import ExitCode
from tests.running_service import HANDSHAKE_TIMEOUT_S, RunningService

SMALL = ClipFormat(frame_count=100)
STREAMS = "/api/v1/streams"
LOGIN = Credentials("viewer", "hunter22")


@pytest.fixture(scope="module")
def server() -> Iterator[RtspServer]:
    with RtspServer({name: Camera(SMALL) for name in ("a", "b", "c")}, LOGIN) as serving:
        yield serving


def config(server: RtspServer, *streams: str, **keys: Any) -> dict[str, Any]:
    """Return the configuration of a stream for each of those cameras, recorded in segments that never end."""
    return {
        "streams": [{"id": name, "url": server.url(name)} for name in streams],
        "defaults": {"recording": {"enabled": True, "segment_length_s": 3600}},
        "http": {"rest_url_hosts": ["127.0.0.1"]},
        **keys,
    }


def recordings(folder: Path, stream: str) -> list[Path]:
    """Return what is recorded of a stream, oldest first, unfinished segments too."""
    return sorted((folder / "recordings" / stream).glob("*.mp4*"))


def record_for_a_while(service: RunningService, stream: str) -> None:
    """Return when some seconds of a stream are recorded, by pictures of it that were taken meanwhile."""
    for _ in range(15):
        assert service.ask(f"{STREAMS}/{stream}/snapshot").status == HTTPStatus.OK


def pictures(path: Path) -> int:
    """Return how many pictures of a video can be decoded."""
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_streams_come_and_go_and_the_others_do_not_notice(tmp_path: Path, server: RtspServer) -> None:
    with RunningService(tmp_path, config(server, "a")) as service:
        live = service.wait_for_state("a", "live")
        made = service.ask(STREAMS, "POST", {"id": "extra", "url": server.url("b"), "labels": {"line": "7"}})
        assert (made.status, made.json["owner"]) == (HTTPStatus.CREATED, "rest")
        told = service.wait_for_state("extra", "live", live)
        assert service.metric("stream_info", stream="extra", line="7") == 1

        assert service.ask(f"{STREAMS}/extra/pause", "POST").json["state"] == "paused"
        assert service.metric("stream_up", stream="extra") == 0
        assert service.ask(f"{STREAMS}/extra/resume", "POST").status == HTTPStatus.OK
        told = service.wait_for_state("extra", "live", told)

        changed = service.ask(f"{STREAMS}/extra", "PUT", {"url": server.url("c"), "labels": {"line": "8"}})
        assert (changed.status, changed.json["labels"]) == (HTTPStatus.OK, {"line": "8"})
        service.wait_for_state("extra", "live", told)
        assert service.ask(f"{STREAMS}/extra", "DELETE").status == HTTPStatus.NO_CONTENT
        assert service.ask(f"{STREAMS}/extra").status == HTTPStatus.NOT_FOUND
        assert not [labels for _, labels in service.metrics() if ("stream", "extra") in labels]

        assert [line["state"] for line in service.log[live:] if line.get("stream") == "a"] == []
    assert len(recordings(tmp_path, "extra")) == 3, "one of each lane: the first, the resumed, the replaced"


def test_the_file_alone_changes_its_streams(tmp_path: Path, server: RtspServer) -> None:
    with RunningService(tmp_path, config(server, "a")) as service:
        service.wait_for_state("a", "live")
        refused = [
            service.ask(STREAMS, "POST", {"id": "a", "url": server.url("b")}),
            service.ask(f"{STREAMS}/a", "PUT", {"url": server.url("b")}),
            service.ask(f"{STREAMS}/a", "DELETE"),
            service.ask(f"{STREAMS}/a/pause", "POST"),
        ]
        assert [answer.status for answer in refused] == [HTTPStatus.CONFLICT] * 4
        assert service.ask(f"{STREAMS}/a").json["state"] == "live"


def test_sighup_reconciles_the_streams_of_the_file_alone(tmp_path: Path, server: RtspServer) -> None:
    with RunningService(tmp_path, config(server, "a", "b")) as service:
        live = service.wait_for_state("a", "live")
        service.wait_for_state("b", "live")
        service.ask(STREAMS, "POST", {"id": "rest", "url": server.url("c")})
        service.wait_for_state("rest", "live", live)

        service.write(config(server, "a", "c"))
        told = len(service.log)
        service.process.send_signal(signal.SIGHUP)
        told = service.wait_for_state("c", "live", told)
        assert [stream["id"] for stream in service.ask(STREAMS).json["streams"]] == ["a", "c", "rest"]
        assert [line["state"] for line in service.log[live:] if line.get("stream") == "a"] == []

        service.path.write_text("streams: [{id: a, ulr: nonsense}]", encoding="utf-8")
        service.process.send_signal(signal.SIGHUP)
        service.wait_for_log({"level": "WARNING", "logger": "fleet.service"}, told)
        assert service.metric("config_last_reload_successful") == 0
        assert len(service.ask(STREAMS).json["streams"]) == 3


def test_streams_made_over_rest_survive_a_restart_and_no_file_has_their_password(
    tmp_path: Path, server: RtspServer
) -> None:
    with RunningService(tmp_path, config(server)) as service:
        service.ask(STREAMS, "POST", {"id": "kept", "url": server.url("a")})
        service.ask(STREAMS, "POST", {"id": "gone", "url": server.url("b")})
        service.ask(f"{STREAMS}/gone", "DELETE")
        assert service.stop() == 0
    state = tmp_path / "state.json"
    assert state.stat().st_mode & 0o777 == 0o600
    assert LOGIN.password not in state.read_text(encoding="utf-8")
    with RunningService(tmp_path, config(server)) as again:
        again.wait_for_state("kept", "live")
        assert [stream["id"] for stream in again.ask(STREAMS).json["streams"]] == ["kept"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_worker_that_dies_costs_its_share_for_seconds(
    tmp_path: Path, server: RtspServer, number: signal.Signals
) -> None:
    with RunningService(tmp_path, config(server, "a", "b", processes=2)) as service:
        live = max(service.wait_for_state(name, "live") for name in ("a", "b"))
        for name in ("a", "b"):
            record_for_a_while(service, name)
        counted = service.metric("frames_total", stream="a", outcome="processed")
        os.kill(service.workers()[0], number)
        lost = service.wait_for_log({"state": "backing_off", "reason": "crashed"}, live)
        dead = service.log[lost - 1]["stream"]
        service.wait_for_state(dead, "live", lost)
        record_for_a_while(service, dead)
        assert {line["stream"] for line in service.log[live:] if "stream" in line} == {dead}
        assert service.metric("frames_total", stream="a", outcome="processed") >= counted
        assert service.metric("worker_restarts_total", reason="signal") == 1
        assert service.metric("reconnects_total", stream=dead, reason="crashed") == 1
        assert service.stop() == 0
    recorded = recordings(tmp_path, dead)
    assert len(recorded) == 2, "what the dead one recorded, and what followed"
    assert all(path.suffix == ".mp4" and pictures(path) > 0 for path in recorded)


def test_workers_finish_and_end_when_their_parent_is_killed(tmp_path: Path, server: RtspServer) -> None:
    with RunningService(tmp_path, config(server, "a")) as service:
        service.wait_for_state("a", "live")
        record_for_a_while(service, "a")
        service.process.kill()
        service.stop()  # its log ends when the worker has ended too, for both write into it
    (recording,) = recordings(tmp_path, "a")
    assert recording.suffix == ".mp4"
    assert pictures(recording) > 0


def test_a_model_that_no_worker_can_load_ends_the_service_at_once(tmp_path: Path) -> None:
    with RunningService(tmp_path, {"streams": [], "model": str(tmp_path / "missing.onnx")}) as service:
        assert service.process.wait(HANDSHAKE_TIMEOUT_S) == ExitCode.MODEL
    told = [line for line in service.raw_log if "missing.onnx" in line]
    assert len(told) == 2, "the worker's reason in the log, and the sentence of the command: no second attempt"


def test_a_camera_that_never_answers_delays_nobody(tmp_path: Path, server: RtspServer) -> None:
    with RtspServer({}) as silent:
        silent.mute()
        keys = config(server, "a")
        keys["streams"].insert(0, {"id": "silent", "url": silent.url("cam")})
        with RunningService(tmp_path, keys) as service:
            service.wait_for_state("a", "live")
            assert service.ask(f"{STREAMS}/silent").json["state"] == "connecting"
            assert service.ask("/readyz").status == HTTPStatus.OK
            assert service.stop() == 0
    (recording,) = recordings(tmp_path, "a")
    assert recording.suffix == ".mp4"
