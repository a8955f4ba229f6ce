"""Streams over REST: looked at, made, changed and removed."""

import json
import socket
from dataclasses import fields
from datetime import datetime, timedelta, timezone

import pytest

from pipeline.service.body import MAX_BODY_BYTES
from pipeline.stream_status import Owner, StreamStatus
from tests.service import (
    BEARER,
    PATH,
    PATIENCE_S,
    ScriptedControl,
    served,
    service_config,
    stream_status,
)

BODY = {"id": "gate", "url": "rtsp://viewer:hunter2@10.0.7.2/live"}
JSON = {**BEARER, "Content-Type": "application/json"}


@pytest.fixture
def control() -> ScriptedControl:
    return ScriptedControl({"door": stream_status("door"), "yard": stream_status("yard", Owner.REST)})


def test_all_of_a_status_is_shown(control: ScriptedControl) -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    control.known["door"] = stream_status(
        "door",
        width=640,
        height=360,
        last_frame_utc=datetime(2026, 11, 22, 14, 0, tzinfo=india),
        persons={"masked": 3},
        compliance=0.75,
        judged=4,
    )
    with served(control) as client:
        shown = client.get(f"{PATH}/door").json()
    assert {field.name for field in fields(StreamStatus)} <= shown.keys()
    assert (shown["owner"], shown["state"], shown["reason"]) == ("file", "live", "pictures")
    assert (shown["since_utc"], shown["last_frame_utc"]) == ("2026-11-22T08:30:00Z", "2026-11-22T08:30:00Z")
    assert (shown["retry_utc"], shown["persons"], shown["compliance"]) == (None, {"masked": 3}, 0.75)
    assert (shown["preview"], shown["snapshot"]) == (f"{PATH}/door/preview", f"{PATH}/door/snapshot")


def test_a_stream_without_a_preview_has_no_address_of_it(control: ScriptedControl) -> None:
    control.known["door"] = stream_status("door", has_preview=False)
    with served(control) as client:
        shown = client.get(f"{PATH}/door").json()
    assert (shown["preview"], shown["snapshot"]) == (None, None)


def test_streams_are_listed_in_their_order(control: ScriptedControl) -> None:
    with served(control) as client:
        listed = client.get(PATH).json()["streams"]
    assert [stream["id"] for stream in listed] == ["door", "yard"]


def test_a_stream_is_added_complete_with_the_defaults(control: ScriptedControl) -> None:
    config = service_config({"rest_url_hosts": ["10.0.7.0/24"]}, defaults={"detector": "short"})
    with served(control, config) as client:
        answer = client.change("POST", PATH, BODY)
        found = client.get(answer.headers["Location"])
    assert (answer.status, answer.headers["Location"]) == (201, f"{PATH}/gate")
    assert found.json() == answer.json()
    assert b"hunter2" not in answer.body
    (given,) = control.given
    assert (given.url.reveal(), given.detector) == (BODY["url"], "short")


def test_a_stream_is_replaced_paused_resumed_and_removed(control: ScriptedControl) -> None:
    with served(control) as client:
        replaced = client.change("PUT", f"{PATH}/yard", {"url": "rtsp://10.0.7.3/live"})
        paused = client.change("POST", f"{PATH}/yard/pause")
        resumed = client.change("POST", f"{PATH}/yard/resume")
        removed = client.change("DELETE", f"{PATH}/yard")
        gone = client.get(f"{PATH}/yard")
    assert (replaced.status, replaced.json()["url"]) == (200, "rtsp://10.0.7.3/live")
    assert (paused.json()["state"], resumed.json()["state"]) == ("paused", "connecting")
    assert (removed.status, gone.status) == (204, 404)
    assert "there is no stream 'yard'" in gone.detail


@pytest.mark.parametrize(
    ("method", "path", "status", "said"),
    [
        ("POST", PATH, 409, "choose another id"),
        ("PUT", f"{PATH}/door", 409, "belongs to the configuration file"),
        ("DELETE", f"{PATH}/door", 409, "SIGHUP"),
        ("POST", f"{PATH}/door/pause", 409, "belongs to the configuration file"),
        ("POST", f"{PATH}/door/resume", 409, "belongs to the configuration file"),
        ("PUT", f"{PATH}/nobody", 404, "there is no stream 'nobody'"),
        ("DELETE", f"{PATH}/nobody", 404, "there is no stream 'nobody'"),
        ("PATCH", PATH, 405, "PATCH is not possible here"),
        ("POST", "/api/v2/streams", 404, "there is nothing at this address"),
        ("POST", f"{PATH}/", 404, "there is nothing at this address"),
    ],
)
def test_what_can_not_be_is_a_problem(control: ScriptedControl, method: str, path: str, status: int, said: str) -> None:
    stream = path.removeprefix(PATH).strip("/").partition("/")[0] or "door"
    body = {**BODY, "id": stream} if method in ("POST", "PUT") else None
    with served(control) as client:
        answer = client.change(method, path, body)
    assert answer.status == status
    assert said in answer.detail


def test_a_method_that_is_not_possible_comes_with_those_that_are(control: ScriptedControl) -> None:
    with served(control) as client:
        answer = client.change("DELETE", "/metrics")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET")


def test_each_mistake_of_a_body_is_told_by_its_key_without_its_value(control: ScriptedControl) -> None:
    body = {"id": "hunter2 hunter2", "url": "rtsp://u:hunter2@10.9.9.9/x", "overlay": "hunter2", "colour": "hunter2"}
    with served(control) as client:
        answer = client.change("POST", PATH, body)
    assert (answer.status, answer.detail) == (422, "the stream can't be made of this; see errors")
    assert {mistake["key"] for mistake in answer.json()["errors"]} == {"id", "overlay", "colour"}
    assert b"hunter2" not in answer.body
    assert control.given == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"3", b'"\xff"', b"[" * 60_000, b"9" * 60_000])
def test_a_body_that_is_no_object_is_refused(control: ScriptedControl, body: bytes) -> None:
    with served(control) as client:
        answer = client.ask("POST", PATH, JSON, body)
    assert answer.status == 400
    assert "JSON object" in answer.detail


def test_a_form_is_refused(control: ScriptedControl) -> None:
    headers = {**BEARER, "Content-Type": "application/x-www-form-urlencoded"}
    with served(control) as client:
        answer = client.ask("POST", PATH, headers, json.dumps(BODY).encode())
    assert answer.status == 415
    assert "application/json" in answer.detail


def test_a_large_body_is_refused(control: ScriptedControl) -> None:
    with served(control) as client:
        answer = client.ask("POST", PATH, JSON, b" " * (MAX_BODY_BYTES + 1))
    assert answer.status == 413
    assert f"more than {MAX_BODY_BYTES} bytes" in answer.detail


def open_request(port: int, *lines: str) -> socket.socket:
    """Send the head of a request to add a stream."""
    head = [f"POST {PATH} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in JSON.items()), *lines]
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
    connection.sendall("\r\n".join([*head, "", ""]).encode())
    return connection


def first_line(connection: socket.socket) -> bytes:
    """Return how the answer begins that ends the connection."""
    with connection.makefile("rb") as answer:
        return answer.read().splitlines()[0]


def test_a_body_without_an_end_is_read_no_further(control: ScriptedControl) -> None:
    size = MAX_BODY_BYTES + 1
    with served(control) as client, open_request(client.port, "Transfer-Encoding: chunked") as connection:
        connection.sendall(f"{size:x}\r\n".encode() + b" " * size)
        assert b" 413 " in first_line(connection)


def test_a_body_that_does_not_come_is_waited_for_a_while(
    control: ScriptedControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.service.body.BODY_TIMEOUT_S", 0.01)
    with served(control) as client, open_request(client.port, "Content-Length: 5") as connection:
        assert b" 408 " in first_line(connection)


def test_a_client_that_breaks_off_is_no_fault(control: ScriptedControl) -> None:
    with served(control) as client:
        open_request(client.port, "Content-Length: 5").close()
        assert client.get(PATH).status == 200


def test_a_fault_is_logged_once_and_told_without_its_text(
    control: ScriptedControl, caplog: pytest.LogCaptureFixture
) -> None:
    control.fault = RuntimeError("rtsp://viewer:hunter2@10.0.7.1/ has ended")
    with served(control) as client:
        answer = client.get(PATH)
    assert (answer.status, answer.detail) == (500, "the program failed; its log says where")
    (record,) = caplog.records
    assert record.getMessage().startswith(f"GET {PATH} failed with RuntimeError\n")
    assert "in list_streams" in record.getMessage()
    assert "hunter2" not in caplog.text
    caplog.clear()
