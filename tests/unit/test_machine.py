"""A missing part of the machine leaves a test out, unless it is required."""

import shutil
from pathlib import Path

import pytest

from tests import machine


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with no command on it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("MASKSTREAM_REQUIRE_SYSTEM", raising=False)
    monkeypatch.delenv("MASKSTREAM_REQUIRE_GPU", raising=False)
    return tmp_path


def add_command(folder: Path, name: str, exit_code: int = 0) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    path.chmod(0o755)
    return str(path)


def test_a_missing_command_leaves_the_test_out(bare_machine: Path) -> None:
    assert shutil.which("chromium", path=str(bare_machine)) is None
    with pytest.raises(pytest.skip.Exception, match=r"system_packages\.sh test"):
        machine.require_system("chromium")


@pytest.mark.usefixtures("bare_machine")
def test_a_required_command_that_is_missing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASKSTREAM_REQUIRE_SYSTEM", "1")
    with pytest.raises(pytest.fail.Exception, match="chromium is not installed"):
        machine.require_system("chromium")


def test_a_command_is_found_by_any_of_its_names(bare_machine: Path) -> None:
    path = add_command(bare_machine, "chromium-browser")
    assert machine.require_system("chromium") == path


@pytest.mark.usefixtures("bare_machine")
def test_no_gpu_leaves_the_test_out_unless_required(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(pytest.skip.Exception, match="no NVIDIA GPU"):
        machine.require_gpu()
    monkeypatch.setenv("MASKSTREAM_REQUIRE_GPU", "1")
    with pytest.raises(pytest.fail.Exception, match="no NVIDIA GPU"):
        machine.require_gpu()


def test_a_driver_without_a_gpu_is_no_gpu(bare_machine: Path) -> None:
    add_command(bare_machine, "nvidia-smi", exit_code=9)
    assert not machine.has_nvidia_gpu()


def test_a_gpu_that_answers_is_found(bare_machine: Path) -> None:
    add_command(bare_machine, "nvidia-smi")
    assert machine.has_nvidia_gpu()


def test_no_terminal_leaves_the_test_out_unless_required(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_terminals() -> tuple[int, int]:
        raise OSError("out of pty devices")

    monkeypatch.setattr("pty.openpty", out_of_terminals)
    monkeypatch.delenv("MASKSTREAM_REQUIRE_SYSTEM", raising=False)
    with pytest.raises(pytest.skip.Exception, match="out of pty devices"):
        machine.require_terminal()
    monkeypatch.setenv("MASKSTREAM_REQUIRE_SYSTEM", "1")
    with pytest.raises(pytest.fail.Exception, match="mount devpts"):
        machine.require_terminal()
