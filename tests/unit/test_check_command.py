"""`maskstream check` and `maskstream init`, as they are typed."""

import json
from pathlib import Path

import pytest

from pipeline.fleet.state_file import StateFile
from pipeline.init_command import CONFIGS, EXAMPLES
from tests.command import Command
from tests.config_files import STREAMS, write
from tests.streams import stream

TEXT = """\
streams:
  - id: door
    url: rtsp://viewer:${DOOR_PASSWORD}@192.0.2.1/live
    labels: {line: 7}
    recording: {enabled: true, folder: /srv/clips}
  - {id: lobby-camera, url: 'camera:0', tiles: 2x2, every_frames: 2, preview: {enabled: false}}
processes: 2
"""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capfd)


def test_check_says_what_would_run_a_line_for_each_stream(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOOR_PASSWORD", "hunter22")
    path = write(tmp_path, TEXT)

    ended = command("check", path)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        f"{path}: 2 streams, 2 processes, device auto, model shipped, http on 127.0.0.1 port 8080, "
        "0 alerts over 0 channels, log as text from info",
        "over REST: no streams, as http.token is not set",
        "door          rtsp://***@192.0.2.1/live  tcp, line=7, detector full, tiles auto, frames as they can be "
        "looked at, persons rechecked every 2 s, overlay on, blur off, "
        "recorded to /srv/clips in segments of 600 s, kept 7 days and 20 GB, preview 5 a second, 640 px wide",
        "lobby-camera  camera:0  detector full, tiles 2x2, each 2 frames, persons rechecked every 2 s, "
        "overlay on, blur off, no recording, no preview",
    ]


REST = "http: {token: 0123456789abcdef, rest_url_hosts: [192.0.2.0/24, '*.example']}\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("http: {token: 0123456789abcdef}", "no streams, as http.rest_url_hosts is not set"),
        (REST, "streams by rtsp, rtsps at 192.0.2.0/24, *.example; kept in FOLDER/state.json, which has front, rear"),
        (REST + "state_file: no.json", "at 192.0.2.0/24, *.example; kept in FOLDER/no.json, which has none yet"),
        (REST + "state_file: .", "kept in FOLDER, which has none that can be read: is a directory"),
        (REST + "state_file: cameras.yaml", "which has none that can be read: it is damaged, or no state file"),
        (REST + "state_file: null", "at 192.0.2.0/24, *.example; forgotten at the end"),
    ],
)
def test_check_says_what_rest_may_do_and_has_done(more: str, said: str, command: Command, tmp_path: Path) -> None:
    StateFile(tmp_path / "state.json", "0123456789abcdef").save((stream("front"), stream("rear")))
    ended = command("check", write(tmp_path, f"streams: []\n{more}"))
    assert ended.code == 0
    assert ended.out.splitlines()[1].endswith(said.replace("FOLDER", str(tmp_path)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "streams: [{id: a, url: 'camera:0'}, {id: b, url: /dev/video0}, {id: c, url: 'camera:1'}]",
            "streams a and b ",
        ),
        (STREAMS + "http: {rest_url_hosts: [192.0.2.1]}", "that needs http.token, which is not set"),
    ],
)
def test_check_warns_of_what_is_seldom_meant(text: str, said: str, command: Command, tmp_path: Path) -> None:
    ended = command("check", write(tmp_path, text))
    assert ended.code == 0
    (line,) = ended.err.splitlines()
    assert line.startswith("maskstream: warning: ")
    assert said in line


def test_check_says_what_is_paused(command: Command, tmp_path: Path) -> None:
    ended = command("check", write(tmp_path, "streams: [{id: door, url: 'rtsp://cam/1', paused: yes}]"))
    assert "door  rtsp://cam/1  paused, tcp, " in ended.out


def test_check_of_a_bad_file_exits_8_with_its_mistakes(command: Command, tmp_path: Path) -> None:
    path = write(tmp_path, "streams: [{id: a b, url: 'camera:0'}]\ndevice: gpu\n")
    ended = command("check", path)
    assert (ended.code, ended.out) == (8, "")
    assert ended.err.splitlines() == [
        f"maskstream: {path} has 2 mistakes",
        f"{path}:1: streams[0].id: takes 1 to 63 letters, digits, - and _, beginning with a letter or digit; got 'a b'",
        f"{path}:2: device: takes one of auto, cpu, cuda, tensorrt, openvino; got 'gpu'",
    ]


def test_check_of_an_absent_file_exits_8(command: Command, tmp_path: Path) -> None:
    ended = command("check", tmp_path / "absent.yaml")
    assert ended.code == 8
    assert ended.err == f"maskstream: {tmp_path / 'absent.yaml'}: can't be read: no such file or directory\n"


def test_check_without_a_file_is_wrong_usage(command: Command) -> None:
    ended = command("check")
    assert ended.code == 2
    assert "name a configuration file, or ask for --schema" in ended.err


def test_check_prints_the_schema_for_editors(command: Command) -> None:
    ended = command("check", "--schema")
    assert ended.code == 0
    assert json.loads(ended.out)["required"] == ["streams"]


def test_init_writes_the_examples_and_check_takes_them(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "site"
    assert command("init", folder).code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        name: (CONFIGS / source).read_bytes() for name, source in EXAMPLES.items()
    }
    assert [command("check", path).code for path in folder.iterdir()] == [0, 0]


@pytest.mark.parametrize("name", EXAMPLES)
def test_init_overwrites_nothing(name: str, command: Command, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    ended = command("init", tmp_path)
    assert ended.code == 6
    assert ended.err == f"maskstream: {tmp_path / name} exists already, so nothing was written; name another folder\n"
    assert [(path.name, path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()] == [(name, "mine")]


def test_init_says_where_it_cannot_write(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    ended = command("init", tmp_path / "file" / "site")
    assert ended.code == 6
    assert "can't be written" in ended.err
