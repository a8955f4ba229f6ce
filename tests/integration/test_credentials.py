"""No credential gets out: a service is given many, everything goes wrong for it, and all that it says is searched."""

import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import pytest

from benchmarks.rtsp.camera import HANDSHAKE_TIMEOUT_S, Camera
from benchmarks.rtsp.server import RtspServer
from tests.command import Command
from tests.credential_site import PLANTED, SECRETS, SMALL, Site, login, site
from tests.models import tiny_model
from tests.mosquitto import subscriber
from tests.running_service import TOKEN, Answer, RunningService
from tests.secret_search import files_below, leaks, titles

MASKSTREAM = str(Path(sys.executable).with_name("maskstream"))
STREAMS = "/api/v1/streams"
PUBLIC_PATHS = ("/", "/live", "/live.js", "/live.css", "/metrics", "/healthz", "/readyz", "/openapi.json", STREAMS)


class Story:
    """A service to which everything happens, and all that it `said` meanwhile, by place."""

    def __init__(self, folder: Path, place: Site, service: RunningService) -> None:
        self.said: dict[str, bytes] = {}
        self._folder = folder
        self._place = place
        self._service = service

    def tell(self) -> None:
        """Let everything happen, and end the service."""
        self._place.office.answer(HTTPStatus.INTERNAL_SERVER_ERROR)
        self._cameras_come_or_fail()
        self._rest_makes_and_is_refused()
        self._everything_is_looked_at()
        self._alerts_are_told()
        self._worker_crashes()
        self._broken_file_is_read()
        self._title("parent", self._service.process.pid)
        assert self._service.stop() == 0
        self.said["log"] = "".join(self._service.raw_log).encode()
        self.said["stdout"] = self._service.first_line.encode()
        self.said |= files_below(self._folder / "site")

    def _cameras_come_or_fail(self) -> None:
        for name in ("basic", "digest", "by-file", "query"):
            self._service.wait_for_line(f"{name} is live")
        self._service.wait_for_line("wrong is refused")
        for name in ("no-path", "no-file", "nowhere"):
            self._service.wait_for_line(f"{name} is backing off")

    def _rest_makes_and_is_refused(self) -> None:
        url, bad = self._place.url("password of REST"), SECRETS["password of a refused body"]
        bodies: list[tuple[HTTPStatus, object]] = [
            (HTTPStatus.CREATED, {"id": PLANTED, "url": url, "labels": {"line": PLANTED}}),
            (HTTPStatus.CONFLICT, {"id": PLANTED, "url": f"rtsp://me:{bad}@127.0.0.1/cam"}),
            (HTTPStatus.UNPROCESSABLE_ENTITY, {"id": "b", "url": f"rtsp://me:{bad}@elsewhere.example/cam"}),
            (HTTPStatus.UNPROCESSABLE_ENTITY, {"id": "b", "url": f"rtsp://me:{bad}@127.0.0.1:99999/cam"}),
            (HTTPStatus.UNPROCESSABLE_ENTITY, {"id": "b", "url": f"rstp://me:{bad}@127.0.0.1/cam", "overlay": bad}),
            (HTTPStatus.UNPROCESSABLE_ENTITY, {"id": bad + "@", "uri": url, "labels": {"pass": f"a:{bad}@"}}),
            (HTTPStatus.BAD_REQUEST, [bad]),
        ]
        for status, body in bodies:
            assert self._ask("POST", STREAMS, body).status == status
        assert self._ask("POST", STREAMS, {"id": "c", "url": url}, token=f"not {bad}").status == HTTPStatus.UNAUTHORIZED
        self._service.wait_for_line(f"{PLANTED} is live")
        self._ask("POST", f"{STREAMS}/{PLANTED}/pause")
        assert self._ask("POST", f"{STREAMS}/{PLANTED}/resume").json["state"] != "paused"
        self._ask("PUT", f"{STREAMS}/{PLANTED}", {"url": url})

    def _everything_is_looked_at(self) -> None:
        for path in (*PUBLIC_PATHS, "/nothing"):
            self._ask("GET", path)
        for name in ("basic", "wrong", "nowhere", PLANTED):
            self._ask("GET", f"{STREAMS}/{name}")
        self._ask("GET", f"{STREAMS}/basic/snapshot")

    def _alerts_are_told(self) -> None:
        for _ in range(2):  # the first is refused, and repeated
            self.said[f"webhook {len(self.said)}"] = self._place.office.next_request().body
        for name in ("office", "void"):
            self._service.wait_for_line(f"{name} are held up")

    def _worker_crashes(self) -> None:
        (worker,) = self._service.workers()
        self._title("worker", worker)
        (core,) = (line for line in Path(f"/proc/{worker}/limits").read_text().splitlines() if "core file" in line)
        assert core.split()[4:6] == ["0", "0"], "a core file would hold them all"
        told = len(self._service.raw_log)
        os.kill(worker, signal.SIGSEGV)
        for name in ("basic", PLANTED):
            self._service.wait_for_line(f"{name} is live", told)
        self._title("next worker", *self._service.workers())

    def _broken_file_is_read(self) -> None:
        bad = SECRETS["password of a broken file"]
        for text in (
            f"streams: [{{id: a, url: 'rtsp://me:{bad}@127.0.0.1:port/cam', pasword: {bad}}}]",
            f"http: {{token: {bad}}}\nstreams:\n- id: a\n  url: rtsp://me:{bad}@host\n  password: {bad}\n",
            f"streams:\n- url: 'rtsp://me:{bad}@host/\n  {bad}: [",
        ):
            self._service.path.write_text(text, encoding="utf-8")
            told = len(self._service.raw_log)
            self._service.process.send_signal(signal.SIGHUP)
            self._service.wait_for_line("nothing was changed", told)
        self._service.path.unlink()

    def _ask(self, method: str, path: str, body: object = None, token: str = TOKEN) -> Answer:
        answer = self._service.ask(path, method, body, token)
        # The address of a request is no answer of the service, so the place does not name it.
        self.said[f"answer {len(self.said)} {answer.status}"] = str(answer.headers).encode() + answer.body
        return answer

    def _title(self, whose: str, pid: int) -> None:
        self.said |= {f"{whose}: {place}": text for place, text in titles(pid).items()}


@pytest.fixture(scope="module", params=["json", "text"])
def said(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All that a service says whose log has that format, by place."""
    folder = tmp_path_factory.mktemp("credentials")
    for name in ("site", "served", "temporary"):
        (folder / name).mkdir()
    password = folder / "password"
    password.write_text(SECRETS["password of a file of its own"], encoding="utf-8")
    environment = {
        "CAMERA_PASSWORD": SECRETS["password of the environment"],
        "OTHER_PASSWORD_FILE": str(password),
        "TMPDIR": str(folder / "site"),
    }
    with site(folder / "served") as place:
        config = place.config(request.param, tiny_model(folder))
        with subscriber(place.broker_port) as messages, RunningService(folder / "site", config, environment) as service:
            story = Story(folder, place, service)
            check = [MASKSTREAM, "check", str(service.path)]
            story.said["check"] = subprocess.check_output(check, env={**os.environ, **environment})
            story.tell()
            message = next(messages)
        story.said["mqtt"] = message.topic.encode() + message.payload
    return story.said


def test_nothing_that_is_said_holds_a_credential(said: dict[str, bytes]) -> None:
    assert leaks(SECRETS, said) == []


def test_what_is_searched_is_what_was_said(said: dict[str, bytes]) -> None:
    text = {place: content.decode(errors="replace") for place, content in said.items()}
    showing = {found.rpartition(" in ")[2].split()[0] for found in leaks({"marker": PLANTED}, said)}
    assert showing >= {"answer", "file", "log"}
    assert "Segmentation fault" in text["log"], "the stacks of a worker that crashed"
    assert PLANTED in text["file state.json"]
    assert any(place.startswith("file recordings/basic/") and place.endswith(".mp4") for place in text)
    assert any("rtsp://***@127.0.0.1" in text[place] for place in text if place.startswith("answer"))
    assert all("maskstream" in text[place] for place in text if "title" in place)
    assert '"down"' in text["mqtt"]
    assert "rtsp://***@127.0.0.1" in text["check"]


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("before", ["", "u:", "us:", "use:"])
def test_a_planted_secret_is_found(name: str, before: str) -> None:
    secret = SECRETS[name]
    header = b"Authorization: Basic " + b64encode(f"{before}{secret}\n".encode())
    for text in (secret.encode(), quote(secret, safe="").encode(), json.dumps(secret).encode(), header):
        assert leaks({name: secret}, {"log": b"x " + text + b" y"}) == [f"{name} in log"]
    assert leaks({name: secret}, {"log": b"nothing of the kind"}) == []


@pytest.mark.parametrize("words", [("run",), ("process", "--out", "results", "--no-video")], ids=["run", "process"])
def test_a_command_line_is_shown_without_its_credentials(tmp_path: Path, words: tuple[str, ...]) -> None:
    camera, known = Camera(SMALL), login("password of the file")
    with RtspServer({PLANTED: camera}, known) as server:
        command = [MASKSTREAM, *words, server.url(PLANTED)]
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            camera.wait_for_viewers()
            said = titles(process.pid)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=HANDSHAKE_TIMEOUT_S)
    said |= {"stdout": out, "stderr": err} | files_below(tmp_path)
    assert leaks(SECRETS, said) == []
    assert any(place.startswith("title") for place in said if PLANTED.encode() in said[place])


@pytest.mark.parametrize(
    "words",
    [
        ("run", "rtsp://op:pw-0f-a-body@127.0.0.1:99999/cam"),
        ("run", "rtsp://op:pw-0f-a-body@127.0.0.1/cam", "cameras.yaml"),
        ("run", "op:pw-0f-a-body@127.0.0.1/cam.mp4"),
        ("process", "rtsp://op:pw-0f-a-body@127.0.0.1:9/cam", "--out", "results"),
        ("process", "rtsp://op:pw-0f-a-body@127.0.0.1:9/cam", "--out", "results", "--json"),
        ("predict", "http://op:pw-0f-a-body@127.0.0.1:9/face.jpg"),
        ("check", "rtsp://op:pw-0f-a-body@127.0.0.1/cam"),
        ("run", "broken.yaml"),
        ("check", "broken.yaml"),
    ],
)
def test_what_a_command_refuses_it_does_not_repeat(
    tmp_path: Path, words: tuple[str, ...], command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "streams: [{id: a, url: 'rtsp://op:pw-0f-a-body@127.0.0.1:port/cam', pasword: pw-0f-a-body}]"
    (tmp_path / "broken.yaml").write_text(text, encoding="utf-8")
    ended = command(*words)
    assert ended.code != 0
    assert leaks(SECRETS, {"stdout": ended.out.encode(), "stderr": ended.err.encode()}) == []
