"""What the command prints where, when pipes and terminals are real."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import MaskstreamError
from pipeline.sinks.tables import EventLog
from pipeline.types import FrameResult
from tests.command import Command
from tests.machine import require_terminal
from tests.media import Clip, write_clip

RUN = (sys.executable, "-c", "from pipeline.cli import main; main()")


def process_words(clip: Path, model: Path, out: Path) -> tuple[str, ...]:
    return (*RUN, "process", str(clip), "--out", str(out), "--model", str(model), "--json")


def test_json_goes_to_stdout_while_bars_are_drawn_on_a_terminal(model: Path, tmp_path: Path) -> None:
    terminal, child_side = require_terminal()
    try:
        words = process_words(write_clip(tmp_path / "a.mp4"), model, tmp_path / "out")
        ended = subprocess.run(words, stdout=subprocess.PIPE, stderr=child_side, timeout=120, check=False)
        os.close(child_side)
        drawn = os.read(terminal, 65536)
    finally:
        os.close(terminal)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["frames"] == 10
    assert b"a.mp4" in drawn


def test_a_reader_that_has_gone_ends_the_command_with_6(model: Path, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        words = process_words(write_clip(tmp_path / "a.mp4"), model, tmp_path / "out")
        ended = subprocess.run(words, stdout=writing, stderr=subprocess.PIPE, timeout=120, check=False, text=True)
    finally:
        os.close(writing)
    assert ended.returncode == 6, ended.stderr
    assert "Traceback" not in ended.stderr
    assert (tmp_path / "out" / "a" / "summary.json").is_file()


def test_a_fault_of_the_program_is_called_one_and_leaves_its_traceback(
    model: Path, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: EventLog, result: FrameResult) -> None:
        raise ZeroDivisionError(f"frame {result.frame.index}")

    monkeypatch.setattr(EventLog, "write", broken)
    ended = command("process", write_clip(tmp_path / "a.mp4"), "--out", tmp_path / "out", "--model", model)
    assert ended.code == 70
    assert ended.err.splitlines()[-1].endswith("a.mp4: internal error, ZeroDivisionError: frame 0")
    assert "in broken" in (tmp_path / "out" / "a" / "error.txt").read_text(encoding="utf-8")


def test_a_detector_that_cannot_be_opened_is_told_once(model: Path, tmp_path: Path, command: Command) -> None:
    clips = [write_clip(tmp_path / name, Clip()) for name in ("a.mp4", "b.mp4")]
    ended = command("process", *clips, "--out", tmp_path / "out", "--model", model, "--detector", "yunet")
    assert ended.code == MaskstreamError.exit_code
    assert len(ended.err.splitlines()) == 1
    assert not list((tmp_path / "out").iterdir())
