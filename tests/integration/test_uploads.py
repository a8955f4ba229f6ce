"""A real service, and everything that strangers may send it."""

import json
import os
import select
import signal
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pipeline.upload_errors import (
    UploadError,
    UploadTooLargeError,
    UploadTooLongError,
    UploadTypeError,
    UploadUnreadableError,
)
from tests.drawn_face import drawn_face
from tests.hostile_clips import hostile_clips
from tests.hostile_pictures import HostileFile, Outcome, encoded, hostile_pictures
from tests.running_service import HANDSHAKE_TIMEOUT_S, RunningService

STATUS: dict[type[UploadError], int] = {
    UploadTypeError: 415,
    UploadTooLargeError: 413,
    UploadTooLongError: 422,
    UploadUnreadableError: 422,
}
AT_ONCE = 4
POLL_S = 0.2
FACE = encoded("PNG", Image.fromarray(drawn_face().rgb))

Answer = tuple[int, dict[str, Any]]


@contextmanager
def service(folder: Path, **uploads: object) -> Iterator[RunningService]:
    """Run a service without cameras that limits nobody's rate, once its model is loaded."""
    http = {"max_requests_per_minute": 100_000, "max_uploads_per_minute": 100_000}
    config: dict[str, object] = {"streams": [], "state_file": None, "http": http, "uploads": uploads}
    with RunningService(folder, config) as running:
        running.wait_for_line("is ready")
        yield running


def post(running: RunningService, path: str, file: HostileFile) -> Answer:
    """Send a file as a body, and return the status and the JSON of the answer."""
    name = urllib.parse.quote(file.name, safe="")
    request = urllib.request.Request(f"{running.url}{path}?name={name}", file.data, method="POST")
    request.add_header("Content-Type", "application/octet-stream")
    try:
        with urllib.request.urlopen(request, timeout=HANDSHAKE_TIMEOUT_S) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def judge_picture(running: RunningService, file: HostileFile) -> Answer:
    return post(running, "/api/v1/predict", file)


def judge_clip(running: RunningService, file: HostileFile) -> Answer:
    """Send a clip and wait for its end; the status is 200 where it was judged, else 422."""
    status, clip = post(running, "/api/v1/clips", file)
    while status == 202:
        clip = running.ask(f"/api/v1/clips/{clip['id']}").json
        if clip["state"] in ("done", "failed"):
            status = 200 if clip["state"] == "done" else 422
        threading.Event().wait(POLL_S)
    return status, clip


def unexpected(
    running: RunningService, files: list[HostileFile], judge: Callable[[RunningService, HostileFile], Answer]
) -> dict[str, Answer]:
    """Return the answers that are not what a file may come to, by its name."""
    with ThreadPoolExecutor(AT_ONCE, "stranger") as strangers:
        answers = list(strangers.map(lambda file: judge(running, file), files))
    pairs = zip(files, answers, strict=True)
    return {file.name[:60]: answer for file, answer in pairs if not any(fits(each, answer) for each in file.outcomes)}


def fits(outcome: Outcome, answer: Answer) -> bool:
    status, body = answer
    if isinstance(outcome, type):
        return status == STATUS[outcome] or (status == 422 and body.get("state") == "failed")
    found = body["pictures"][0] if "pictures" in body else body
    return status == 200 and (found["width"], found["height"]) == outcome


@pytest.mark.slow
def test_no_picture_of_a_stranger_harms_the_service(tmp_path: Path) -> None:
    files = list(hostile_pictures())
    with service(tmp_path) as running:
        (worker,) = running.workers()
        assert unexpected(running, files, judge_picture) == {}
        sound = HostileFile("her.png", FACE, ((300, 360),))
        assert unexpected(running, [sound], judge_picture) == {}
        assert worker in running.workers()
        counted = [running.metric("uploads_total", kind="picture", outcome=each) for each in ("judged", "unreadable")]
        assert sum(counted) > len(files) / 2
        assert running.metric("uploads_waiting", kind="picture") == 0
        assert running.metric("worker_restarts_total", reason="signal") == 0


@pytest.mark.slow
def test_no_clip_of_a_stranger_harms_the_service(tmp_path: Path) -> None:
    clips = tmp_path / "clips"
    clips.mkdir()
    files = list(hostile_clips(clips))
    assert len(files) > 30
    with service(tmp_path) as running:
        (worker,) = running.workers()
        assert unexpected(running, files, judge_clip) == {}
        assert worker in running.workers()


def test_a_service_that_takes_none_says_so(tmp_path: Path) -> None:
    with service(tmp_path, enabled=False) as running:
        status, problem = judge_picture(running, HostileFile("her.png", FACE, ()))
        assert (status, problem["status"]) == (status, status)
        assert 400 <= status < 500
        assert "takes no uploads" in problem["detail"]
        assert len(running.workers()) == 1


def test_before_the_model_is_loaded_it_is_to_be_sent_again(tmp_path: Path) -> None:
    config: dict[str, object] = {"streams": [], "state_file": None}
    with RunningService(tmp_path, config) as running:
        status, body = judge_picture(running, HostileFile("her.png", FACE, ()))
        assert status == 200 or (status == 503 and "is being loaded" in body["detail"])
        running.wait_for_line("is ready")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_reads_uploads_ends_with_the_service(tmp_path: Path, number: signal.Signals) -> None:
    with service(tmp_path) as running:
        workers = set(running.workers())
        assert judge_picture(running, HostileFile("her.png", FACE, ()))[0] == 200
        (examiner,) = set(running.workers()) - workers
        process = os.pidfd_open(examiner)
        running.process.send_signal(number)
        ended, _, _ = select.select([process], [], [], HANDSHAKE_TIMEOUT_S)
        os.close(process)
        assert ended
