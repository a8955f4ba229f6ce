"""The unit of systemd, judged by systemd's own tools."""

import re
import subprocess
from pathlib import Path

import pytest

from pipeline.errors import ExitCode
from tests.machine import require_system

UNIT = Path(__file__).parents[2] / "configs" / "systemd" / "maskstream.service"
TEXT = UNIT.read_text(encoding="utf-8")
COMMENTED = re.compile(r"^#(?=[A-Z]\w+=)", re.MULTILINE)
PROGRAM = "/opt/maskstream/bin/maskstream"
MOST_EXPOSURE = 20
"""Of 100; 15 when this was written."""


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    command = [require_system("systemd-analyze"), "--no-pager", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def verify(text: str, folder: Path) -> str:
    """Return what `systemd-analyze verify` has against a unit, whose program is taken to be installed."""
    path = folder / UNIT.name
    path.write_text(text.replace(PROGRAM, "/bin/true"), encoding="utf-8")
    return analyze("verify", str(path)).stderr


def setting(key: str) -> str:
    (value,) = re.findall(rf"^{key}=(.*)$", TEXT, re.MULTILINE)
    return str(value)


@pytest.mark.parametrize("text", [TEXT, COMMENTED.sub("", TEXT)], ids=["as it is", "with what stands in comments"])
def test_systemd_has_nothing_against_it(text: str, tmp_path: Path) -> None:
    assert verify(text, tmp_path) == ""


def test_a_mistake_would_be_noticed(tmp_path: Path) -> None:
    assert "WatchDogSec" in verify(TEXT.replace("WatchdogSec=", "WatchDogSec="), tmp_path)


def test_it_is_hardened() -> None:
    rated = analyze("security", "--offline=yes", f"--threshold={MOST_EXPOSURE}", str(UNIT))
    assert rated.returncode == 0, rated.stdout


def test_it_comes_back_but_not_with_a_broken_configuration() -> None:
    assert (setting("Restart"), setting("StartLimitIntervalSec")) == ("always", "0")
    assert setting("RestartPreventExitStatus").split() == [str(int(ExitCode.USAGE)), str(int(ExitCode.CONFIG))]


def test_it_tells_systemd_and_is_watched() -> None:
    assert (setting("Type"), setting("WatchdogSec")) == ("notify", "30")


def test_the_installation_of_the_readme_is_what_it_starts() -> None:
    program, verb, config = setting("ExecStart").split()
    readme = UNIT.with_name("README.md").read_text(encoding="utf-8")
    assert program == PROGRAM
    assert f"install_runtime.sh {PROGRAM.removesuffix('/bin/maskstream')}\n" in readme
    assert verb == "run"
    assert f"{PROGRAM} check {config}\n" in readme
