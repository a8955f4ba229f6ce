"""A model that knows two classes, through the whole product: the third is nowhere in what is written as JSON."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.sinks.pictures_table import PICTURE_COLUMNS
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.pictures import load_picture
from pipeline.types import UInt8Array
from tests.command import Command
from tests.media import Clip, write_clip
from tests.models import tiny_model

STATES = ["masked", "unmasked", "unknown"]


@pytest.fixture(scope="module")
def face() -> UInt8Array:
    """The public-domain portrait that the demo uses, (256, 256, 3) RGB."""
    picture = load_picture(demo_picture())
    return np.asarray(cv2.resize(picture, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)


@pytest.fixture(params=[("masked", "unmasked"), ("unmasked", "masked")])
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tiny_model(tmp_path, request.param)


@pytest.fixture
def pictures(tmp_path: Path, face: UInt8Array) -> Path:
    """A folder with that face in its own light, in red and in blue."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name, tint in {"plain": (1, 1, 1), "red": (0.3, 0.3, 1), "blue": (1, 0.3, 0.3)}.items():
        cv2.imwrite(str(folder / f"{name}.png"), (face[..., ::-1] * np.array(tint)).astype(np.uint8))
    return folder


def test_a_picture_gets_probabilities_of_the_two_alone(pictures: Path, model: Path, command: Command) -> None:
    ended = command("predict", *sorted(pictures.iterdir()), "--crops", "--model", model, "--json")

    assert ended.code == 0, ended.err
    faces = [face for line in ended.out.splitlines() for face in json.loads(line)["faces"]]
    assert len(faces) == 3
    for face in faces:
        assert list(face["probabilities"]) == ["masked", "unmasked"]
        assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-3)
        assert face["verdict"] in STATES


def test_a_folder_counts_the_two_alone_and_its_table_keeps_its_columns(
    pictures: Path, model: Path, tmp_path: Path, command: Command
) -> None:
    ended = command("process", pictures, "--out", tmp_path / "out", "--model", model, "--json")

    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert list(found["faces"]) == STATES
    assert set(found["model"]["classes"]) == {"masked", "unmasked"}
    with (tmp_path / "out" / "pictures" / "pictures.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == PICTURE_COLUMNS
    assert {row["p_incorrect"] for row in rows if row["verdict"]} == {"0.0000"}


def test_a_recording_is_summed_up_without_the_third(
    face: UInt8Array, model: Path, tmp_path: Path, command: Command
) -> None:
    times_s = tuple(index / 25 for index in range(10))
    clip = write_clip(tmp_path / "person.mp4", Clip(256, 256, times_s=times_s, picture=lambda *_: face))

    ended = command("process", clip, "--out", tmp_path / "out", "--model", model, "--no-video")

    assert ended.code == 0, ended.err
    assert "incorrect" not in ended.out
    folder = tmp_path / "out" / "person"
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert list(summary["persons"]) == STATES
    assert sum(summary["persons"].values()) == 1
    assert "incorrect" not in (folder / "events.jsonl").read_text(encoding="utf-8")
    assert "incorrect" not in (folder / "people.csv").read_text(encoding="utf-8")
