"""`python -m training evaluate` and `smallest-face` on made-up faces and a model of one matrix: no Keras in it."""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faces import class_folders, face_zip
from tests.models import tiny_model
from training import detections, test_runs
from training.__main__ import main as training
from training.faces import LabelledFace

COUNTS = {split: {"masked": 8, "incorrect": 4, "unmasked": 8} for split in ("val", "test")}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return face_zip(tmp_path_factory.mktemp("data") / "faces.zip", COUNTS)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model"))


def arguments(model: Path, data: Path, *more: str, split: str = "val") -> list[str]:
    return ["evaluate", "--model", str(model), "--data", str(data), "--split", split, *more]


def test_the_detector_s_boxes_are_judged_where_they_are_asked_for(
    model: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[int] = []

    def shifted(faces: Sequence[LabelledFace]) -> list[LabelledFace]:
        asked.append(len(faces))
        return [replace(face, picture=255 - face.picture) for face in faces]

    monkeypatch.setattr(detections, "with_detections", shifted)

    assert training(arguments(model, data, "--json")) == 0
    assert asked == []
    assert training(arguments(model, data, "--json", "--boxes", "detector")) == 0

    assert asked == [20]
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert said[0]["brier"] != said[1]["brier"]


def test_a_report_goes_where_it_is_told(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "a" / "report"

    assert training(arguments(model, data, "--json", "--report", str(folder))) == 0

    said = capsys.readouterr()
    assert json.loads(said.out)["n"] == 20
    assert said.err == f"the report is {folder / 'report.html'}\n"
    assert "tiny.onnx" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_report_without_a_folder_goes_where_git_does_not_look(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert training(arguments(model, data, "--report")) == 0

    assert (tmp_path / "reports" / "tiny-val" / "report.html").is_file()


def test_without_the_extra_a_report_says_what_to_install(
    model: Path, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "training.report", raising=False)

    assert training(arguments(model, data, "--report")) == 2

    said = capsys.readouterr()
    assert said.out.startswith("20 faces: accuracy")
    assert said.err == "error: --report needs jinja2: install maskstream with its extra `train`\n"


def test_a_model_of_two_classes_is_judged_on_these(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_classes = tiny_model(tmp_path, ("masked", "unmasked"))

    assert training(arguments(two_classes, data, "--json")) == 0

    said = capsys.readouterr()
    found = json.loads(said.out)
    assert said.err == "4 faces labelled incorrect left out: the model does not know this class\n"
    assert (found["n"], found["left_out"], found["model_classes"]) == (16, {"incorrect": 4}, ["masked", "unmasked"])
    assert found["accuracy"] == found["two_class_accuracy"] == found["masked_against_rest"]
    assert set(found["per_class"]) == {"masked", "unmasked"}


def test_a_folder_without_faces_of_its_classes_is_an_input_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_classes = tiny_model(tmp_path, ("masked", "unmasked"))
    folder = class_folders(tmp_path / "faces", {"incorrect": "incorrect"})

    assert training(["evaluate", "--model", str(two_classes), "--data", str(folder)]) == 3

    assert "no face is labelled masked or unmasked" in capsys.readouterr().err


def test_a_look_at_the_test_split_notes_every_column(
    model: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "test_runs.csv"
    monkeypatch.setattr(test_runs.record_test_run, "__defaults__", (log,))

    assert training(arguments(model, data, "--json", split="test")) == 0

    found = json.loads(capsys.readouterr().out)
    with log.open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert tuple(row) == test_runs.COLUMNS
    assert row["boxes"] == "labelled"
    for name in ("two_class_accuracy", "masked_against_rest", "brier", "ece"):
        assert float(row[name]) == found[name]


def test_the_looks_of_the_past_have_their_columns() -> None:
    with test_runs.TEST_RUNS.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    assert rows
    for row in rows:
        assert tuple(row) == test_runs.COLUMNS
        assert None not in row.values()
        assert 0 <= float(row["macro_f1"]) <= 1


def test_the_smallest_face_is_printed_size_by_size(model: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert training(["smallest-face", "--model", str(model), "--data", str(data)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == ["stored", "64", "48", "32", "28", "24", "20", "16", "12"]
    assert lines[-1].startswith("smallest face: ")
