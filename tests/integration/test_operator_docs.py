"""docs/operating.md keeps its word: its commands run as they stand, and it explains everything that can happen."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from benchmarks.rtsp.auth import Credentials
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer
from pipeline.cli import maskstream
from pipeline.config.loading import load_config
from pipeline.errors import ExitCode
from pipeline.sinks.engine_metrics import CROP_OUTCOMES
from pipeline.sinks.lane_families import FRAME_OUTCOMES
from pipeline.sources.stream_state import Reason, StreamState
from tests.machine import require_system
from tests.mosquitto import free_port

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs" / "operating.md"
TEXT = PAGE.read_text(encoding="utf-8")
SESSION_TIMEOUT_S = 240

# What the blocks of a kind hold, in the order of the page.
SH, CONSOLE, YAML = (
    re.findall(rf"^```{kind}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE) for kind in ("sh", "console", "yaml")
)


def password() -> str:
    (found,) = re.findall(r"CAMERA_PASSWORD='(.*)'", TEXT)
    return str(found)


def replaced(text: str, stand_ins: Mapping[str, str]) -> str:
    """Return `text` with the addresses of the page replaced by those of the test."""
    for meant, stand_in in stand_ins.items():
        text = text.replace(meant, stand_in)
    return text


def run_session(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run `script` in one shell that ends with its first failure, and all that it leaves behind with it."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    words = ["bash", "-x", "-e", "-u", "-o", "pipefail", "-c", script]
    with subprocess.Popen(
        words,
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as shell:
        try:
            out, _ = shell.communicate(timeout=SESSION_TIMEOUT_S)
        finally:
            if shell.poll() != 0:
                os.killpg(shell.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(words, shell.returncode, out)


@pytest.mark.slow
def test_every_command_runs_as_written(tmp_path: Path) -> None:
    for part in ("curl", "openssl", "promtool"):
        require_system(part)
    clip = ClipFormat(640, 360)
    with (
        RtspServer({"stream1": Camera(clip)}, Credentials("viewer", password())) as door,
        RtspServer({"stream1": Camera(clip)}) as yard,
    ):
        stand_ins = {
            "192.0.2.10:554": f"127.0.0.1:{door.port}",
            "192.0.2.11:554": f"127.0.0.1:{yard.port}",
            "192.0.2.0/24": "127.0.0.0/8",
            "127.0.0.1:8080": f"127.0.0.1:{(port := free_port())}",
            "127.0.0.1:9090": f"127.0.0.1:{free_port()}",
            "http:\n": f"http:\n  port: {port}\n",
            " 15s": " 1s",
        }
        shutil.copytree(REPOSITORY / "configs", tmp_path / "configs")
        prometheus = tmp_path / "configs" / "prometheus" / "prometheus.yml"
        prometheus.write_text(replaced(prometheus.read_text(encoding="utf-8"), stand_ins), encoding="utf-8")
        done = run_session(tmp_path, replaced("".join(SH), stand_ins))
    assert done.returncode == 0, done.stdout
    assert list((tmp_path / "site" / "recordings" / "front-door").glob("*.mp4"))
    assert (tmp_path / "site" / "front-door.jpg").read_bytes().startswith(b"\xff\xd8")
    assert password() not in (tmp_path / "site" / "log").read_text(encoding="utf-8")


def test_what_root_types_exists() -> None:
    named = set(re.findall(r"(?:configs|scripts)/[\w./-]*\w", "".join(CONSOLE) + TEXT))
    assert named
    assert not [name for name in named if not (REPOSITORY / name).exists()]
    linked = re.findall(r"\]\((?!http)([^)]+)\)", TEXT)
    assert linked
    assert not [link for link in linked if not (PAGE.parent / link).exists()]
    assert set(re.findall(r"`maskstream (\w+)", TEXT)) <= set(maskstream.commands)


@pytest.mark.parametrize("block", YAML)
def test_what_it_configures_is_a_configuration(tmp_path: Path, block: str) -> None:
    path = tmp_path / "cameras.yaml"
    path.write_text(f"streams: [{{id: door, url: 'rtsp://camera.example/1'}}]\n{block}", encoding="utf-8")
    load_config(path, {name: "a-secret-of-some-length" for name in re.findall(r"\$\{(\w+)\}", block)})


def test_the_lines_of_http_are_configurations(tmp_path: Path) -> None:
    path = tmp_path / "cameras.yaml"
    for line in re.findall(r"`(http: \{.*?\})`", TEXT):
        keys = yaml.safe_load(line)
        keys["http"].setdefault("token", "${MASKSTREAM_TOKEN}")
        path.write_text(yaml.safe_dump({"streams": [], **keys}), encoding="utf-8")
        load_config(path, {"PORT": "8000", "MASKSTREAM_TOKEN": "a-secret-of-some-length"})


@pytest.mark.parametrize("word", [*StreamState, *Reason], ids=str)
def test_every_state_and_reason_is_explained(word: StreamState | Reason) -> None:
    assert re.search(rf"^\| (\w+, )*{word.value}(, \w+)* \|", TEXT, re.MULTILINE)


def test_every_cause_of_a_drop_is_explained() -> None:
    dropped = [outcome for outcome in (*FRAME_OUTCOMES, *CROP_OUTCOMES) if outcome not in ("processed", "scored")]
    assert not [outcome for outcome in dropped if f'{{outcome="{outcome}"}}' not in TEXT]


def test_the_exit_codes_of_run_are_told() -> None:
    for code in (ExitCode.USAGE, ExitCode.INPUT, ExitCode.MODEL, ExitCode.CONFIG, ExitCode.INTERNAL):
        assert re.search(rf"^\| {code.value}\b", TEXT, re.MULTILINE), code


def test_it_is_short() -> None:
    assert len(TEXT.splitlines()) < 250
