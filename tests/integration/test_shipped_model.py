"""The model that ships, through the whole command: every person of the clips, every drawn verdict of the demo."""

import csv
import json
from pathlib import Path

import pytest

from tests.command import Command

STATES = ("masked", "incorrect", "unmasked")


@pytest.mark.slow
def test_the_demo_finds_what_was_drawn(tmp_path: Path, command: Command) -> None:
    ended = command("demo", "--out", tmp_path / "demo")
    assert ended.code == 0, ended.err
    assert "6 of 6 right" in ended.out, ended.out
    assert (tmp_path / "demo" / "annotated.mp4").stat().st_size > 0


@pytest.mark.slow
def test_the_clips_show_the_persons_of_their_table(shared_data: Path, tmp_path: Path, command: Command) -> None:
    folder = shared_data / "clips"
    ended = command("process", *sorted(folder.glob("*.mp4")), "--out", tmp_path, "--no-video", "--json")
    assert ended.code == 0, ended.err
    with (folder / "clips.csv").open(newline="", encoding="utf-8") as file:
        expected = {row["file"]: {state: int(row[state]) for state in STATES} for row in csv.DictReader(file)}
    found = {Path(item["input"]).name: item["persons"] for item in map(json.loads, ended.out.splitlines())}
    assert found == {name: {**persons, "unknown": 0} for name, persons in expected.items()}


def test_the_shipped_models_are_listed_with_their_cards(command: Command) -> None:
    ended = command("models")
    assert ended.code == 0, ended.err
    assert "int8" in ended.out
