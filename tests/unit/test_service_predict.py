"""Predictions and clips over HTTP; what judges them is scripted."""

import os
import queue
import socket
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace

import pytest

from pipeline.service.arrivals import MAX_CLIPS_ARRIVING
from pipeline.types import Box, MaskState
from pipeline.upload import CheckedFace, CheckedPerson, CheckedPicture, ClipState, Upload
from pipeline.upload_errors import (
    UploadBusyError,
    UploadCrowdError,
    UploadError,
    UploadsOffError,
    UploadTooLargeError,
    UploadTooLongError,
    UploadTypeError,
    UploadUnreadableError,
)
from tests.forms import FORM, form
from tests.service import PATIENCE_S, ScriptedControl, ScriptedExamination, served, service_config

PREDICT = "/api/v1/predict"
CLIPS = "/api/v1/clips"
PNG = {"Content-Type": "image/png"}
SMALL = service_config({"max_uploads_at_once": 64}, uploads={"max_picture_bytes": 1000, "max_clip_bytes": 1000})

FACE = CheckedFace(
    Box(1, 2, 31, 42),
    MaskState.MASKED,
    0.9,
    {MaskState.MASKED: 0.9, MaskState.INCORRECT: 0.06, MaskState.UNMASKED: 0.04},
    30,
)
TINY = CheckedFace(Box(5, 5, 15, 15), MaskState.UNKNOWN, 0.0, {}, 10, "the face is smaller than 24 px")


@pytest.fixture
def examination() -> ScriptedExamination:
    return ScriptedExamination(faces=(FACE, TINY))


@pytest.fixture
def control(examination: ScriptedExamination) -> ScriptedControl:
    return ScriptedControl(examination=examination)


def failing(error: Exception) -> "Future[CheckedPicture]":
    answer: Future[CheckedPicture] = Future()
    answer.set_exception(error)
    return answer


def content(upload: Upload) -> bytes:
    return os.pread(upload.fileno(), upload.size_bytes, 0)


def test_each_face_of_each_picture_is_told(control: ScriptedControl) -> None:
    with served(control) as client:
        answer = client.ask("POST", PREDICT, FORM, form([("a.png", b"one"), ("../b.jpg", b"two")]))
    assert answer.status == 200
    said = answer.json()
    assert (said["errors"], said["model"]) == ([], {"name": "tiny", "sha256": "0" * 64})
    assert [picture["name"] for picture in said["pictures"]] == ["a.png", "b.jpg"]
    picture = said["pictures"][0]
    assert (picture["width"], picture["height"], picture["preview"]) == (640, 480, None)
    assert picture["faces"] == [
        {
            "box": [1.0, 2.0, 31.0, 42.0],
            "verdict": "masked",
            "confidence": 0.9,
            "probabilities": {"masked": 0.9, "incorrect": 0.06, "unmasked": 0.04},
            "size_px": 30.0,
            "why": None,
        },
        {
            "box": [5.0, 5.0, 15.0, 15.0],
            "verdict": "unknown",
            "confidence": 0.0,
            "probabilities": {},
            "size_px": 10.0,
            "why": "the face is smaller than 24 px",
        },
    ]


@pytest.mark.parametrize("media_type", ["image/png", "IMAGE/JPEG; q=1", "application/octet-stream", "video/mp4"])
def test_a_picture_may_be_the_body_itself(
    control: ScriptedControl, examination: ScriptedExamination, media_type: str
) -> None:
    seen: list[bytes] = []

    def answered(upload: Upload) -> "Future[CheckedPicture]":
        seen.append(content(upload))
        answer: Future[CheckedPicture] = Future()
        answer.set_result(CheckedPicture(upload.name, 1, 1, ()))
        return answer

    examination.answer = answered
    with served(control) as client:
        answer = client.ask("POST", f"{PREDICT}?name=/tmp/a.png", {"Content-Type": media_type}, b"the picture")
        nameless = client.ask("POST", PREDICT, {"Content-Type": media_type}, b"")
    assert answer.json()["pictures"][0]["name"] == "a.png"
    assert nameless.json()["pictures"][0]["name"] == "upload"
    assert seen == [b"the picture", b""]


def test_a_preview_is_sent_where_it_is_asked_for(control: ScriptedControl, examination: ScriptedExamination) -> None:
    with served(control) as client:
        answer = client.ask("POST", f"{PREDICT}?preview=true", PNG, b"x")
        refused = client.ask("POST", f"{PREDICT}?preview=perhaps", PNG, b"x")
    assert answer.json()["pictures"][0]["preview"] == "data:image/jpeg;base64,SlBFRw=="
    assert examination.previews == [True]
    assert (refused.status, refused.json()["errors"][0]["key"]) == (422, "query.preview")


def test_a_file_that_can_not_be_judged_stands_beside_those_that_were(
    control: ScriptedControl, examination: ScriptedExamination
) -> None:
    fitting = ScriptedExamination()

    def answered(upload: Upload) -> "Future[CheckedPicture]":
        if upload.name == "bad.png":
            return failing(UploadUnreadableError("bad.png is damaged"))
        return fitting.picture(upload)

    examination.answer = answered
    files = [("good.png", b"x"), ("bad.png", b"x"), ("large.png", bytes(1001)), ("last.png", b"x")]
    with served(control, SMALL) as client:
        answer = client.ask("POST", PREDICT, FORM, form(files))
    said = answer.json()
    assert [picture["name"] for picture in said["pictures"]] == ["good.png", "last.png"]
    assert [(fault["name"], fault["status"]) for fault in said["errors"]] == [("bad.png", 422), ("large.png", 413)]
    assert said["errors"][0]["detail"] == "bad.png is damaged"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UploadTypeError("no picture"), 415),
        (UploadTooLargeError("30000 x 30000 px"), 413),
        (UploadUnreadableError("damaged"), 422),
        (UploadTooLongError("an hour"), 422),
        (UploadError("else"), 422),
        (UploadBusyError("the model is being loaded", 7), 503),
        (UploadCrowdError("many wait", 7), 429),
    ],
)
def test_where_no_file_was_judged_the_answer_is_a_problem(
    control: ScriptedControl, examination: ScriptedExamination, error: UploadError, status: int
) -> None:
    examination.answer = lambda _: failing(error)
    with served(control) as client:
        answer = client.ask("POST", PREDICT, FORM, form([("a.png", b"x"), ("b.png", b"x")]))
    assert (answer.status, answer.detail) == (status, str(error))
    assert [fault["name"] for fault in answer.json()["errors"]] == ["a.png", "b.png"]
    assert answer.headers["Retry-After"] == ("7" if status in {429, 503} else None)


def test_what_is_refused_before_it_is_read(control: ScriptedControl, examination: ScriptedExamination) -> None:
    with served(control, SMALL) as client:
        text = client.ask("POST", PREDICT, {"Content-Type": "text/plain"}, b"x")
        large = client.ask("POST", PREDICT, PNG, bytes(1001))
        broken = client.ask("POST", PREDICT, FORM, b"no form")
        empty = client.ask("POST", PREDICT, FORM, form([]))
    assert [answer.status for answer in (text, large, broken, empty)] == [415, 413, 400, 422]
    assert "multipart/form-data, in parts named files" in text.detail
    assert large.detail == "upload is too large: at most 0.001 MB are taken; send a smaller one"
    assert examination.previews == []


def test_a_body_that_says_how_large_it_is_is_refused_before_it_comes(control: ScriptedControl) -> None:
    head = f"POST {PREDICT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nContent-Length: 5000\r\n\r\n"
    with served(control, SMALL) as client, connected(client.port) as connection:
        connection.sendall(head.encode())
        assert b" 413 " in connection.recv(64)


def test_a_body_without_an_end_is_read_no_further(control: ScriptedControl) -> None:
    head = (
        f"POST {PREDICT} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with served(control, SMALL) as client, connected(client.port) as connection:
        connection.sendall(head.encode() + b"7d0\r\n" + bytes(2000))
        with connection.makefile("rb") as answer:
            assert b" 413 " in answer.read()


def test_who_drips_bytes_is_sent_away(control: ScriptedControl, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.service.arriving.GRACE_S", 0.01)
    with served(control) as client, connected(client.port) as connection:
        connection.sendall(open_head(PREDICT))
        with connection.makefile("rb") as answer:
            text = answer.read()
    assert b" 408 " in text
    assert b"slower than 32 KiB a second" in text


def test_who_breaks_off_leaves_nothing_behind(control: ScriptedControl) -> None:
    with served(control) as client:
        with connected(client.port) as connection:
            connection.sendall(open_head(PREDICT) + b"x")
        assert client.ask("POST", PREDICT, PNG, b"x").status == 200


def test_who_goes_away_is_judged_no_more(control: ScriptedControl, examination: ScriptedExamination) -> None:
    waiting: queue.SimpleQueue[Future[CheckedPicture]] = queue.SimpleQueue()
    cancelled: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def wait(_upload: Upload) -> "Future[CheckedPicture]":
        answer: Future[CheckedPicture] = Future()
        answer.add_done_callback(lambda done: cancelled.put(done.cancelled()))
        waiting.put(answer)
        return answer

    examination.answer = wait
    with served(control) as client:
        with connected(client.port) as connection:
            connection.sendall(open_head(PREDICT, 1) + b"x")
            waiting.get(timeout=PATIENCE_S)
        assert cancelled.get(timeout=PATIENCE_S)


def test_more_may_come_while_a_file_is_judged(control: ScriptedControl, examination: ScriptedExamination) -> None:
    waiting: queue.SimpleQueue[Future[CheckedPicture]] = queue.SimpleQueue()

    def wait(_upload: Upload) -> "Future[CheckedPicture]":
        answer: Future[CheckedPicture] = Future()
        waiting.put(answer)
        return answer

    examination.answer = wait
    body = form([("a.png", b"x"), ("b.png", bytes(200_000))])
    head = (
        f"POST {PREDICT} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: {FORM['Content-Type']}\r\n"
    )
    with served(control) as client, connected(client.port) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:200])
        first = waiting.get(timeout=PATIENCE_S)
        connection.sendall(body[200:])
        first.set_result(CheckedPicture("a.png", 1, 1, ()))
        waiting.get(timeout=PATIENCE_S).set_result(CheckedPicture("b.png", 1, 1, ()))
        with connection.makefile("rb") as answer:
            text = answer.read()
    assert b" 200 " in text.splitlines()[0]
    assert b'"a.png"' in text
    assert b'"b.png"' in text


def test_where_uploads_are_off_none_is_read(control: ScriptedControl, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise UploadsOffError

    monkeypatch.setattr(ScriptedExamination, "model", property(refuse), raising=False)
    with served(control) as client:
        answer = client.ask("POST", PREDICT, PNG, b"x")
    assert answer.status == 403
    assert "uploads: {enabled: false}" in answer.detail


def test_a_clip_is_taken_asked_about_and_forgotten(control: ScriptedControl, examination: ScriptedExamination) -> None:
    person = CheckedPerson(3, 0.5, 2.0, MaskState.INCORRECT, 0.75, 4, 88)
    with served(control) as client:
        taken = client.ask("POST", f"{CLIPS}?name=hall.mp4", {"Content-Type": "video/mp4"}, b"clip")
        place = taken.headers["Location"]
        assert (taken.status, taken.json()) == (202, client.get(place).json())
        clip = examination.clips[taken.json()["id"]]
        examination.clips[clip.id] = replace(
            clip, state=ClipState.DONE, progress=1.0, persons=(person,), compliance=0.0
        )
        done = client.get(place).json()
        assert client.ask("DELETE", place).status == 204
        gone = [client.get(place), client.ask("DELETE", place)]
    assert (taken.json()["name"], taken.json()["state"], place) == ("hall.mp4", "waiting", f"{CLIPS}/{clip.id}")
    assert (done["state"], done["progress"], done["compliance"]) == ("done", 1.0, 0.0)
    assert done["persons"] == [
        {
            "person_id": 3,
            "first_s": 0.5,
            "last_s": 2.0,
            "verdict": "incorrect",
            "confidence": 0.75,
            "votes": 4,
            "best_face_px": 88.0,
        }
    ]
    assert [answer.status for answer in gone] == [404, 404]
    assert "there is no such clip" in gone[0].detail


def test_a_clip_may_be_the_file_of_a_form(control: ScriptedControl) -> None:
    with served(control, SMALL) as client:
        taken = client.ask("POST", CLIPS, FORM, form([("hall.mp4", b"clip")], "file"))
        wrong = client.ask("POST", CLIPS, FORM, form([("hall.mp4", b"clip")], "files"))
        two = client.ask("POST", CLIPS, FORM, form([("a.mp4", b"x"), ("b.mp4", b"x")], "file"))
        large = client.ask("POST", CLIPS, FORM, form([("hall.mp4", bytes(1001))], "file"))
    assert (taken.status, taken.json()["name"]) == (202, "hall.mp4")
    assert [answer.status for answer in (wrong, two, large)] == [422, 413, 413]
    assert "named file" in wrong.detail


def test_few_clips_come_in_at_a_time(control: ScriptedControl) -> None:
    with served(control) as client, ExitStack() as stack:
        for _ in range(MAX_CLIPS_ARRIVING):
            connection = stack.enter_context(connected(client.port))
            connection.sendall(open_head(CLIPS) + b"x")
        refused = client.ask("POST", CLIPS, PNG, b"x")
        while refused.status == 202:  # the server may have read that one before the others
            refused = client.ask("POST", CLIPS, PNG, b"x")
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "5"


def open_head(path: str, length: int = 5) -> bytes:
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: image/png", f"Content-Length: {length}"]
    return "\r\n".join([*head, "", ""]).encode()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
