"""From a recipe to an 8-bit model with its card, on made-up faces and a network of two convolutions."""

import csv
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from exporters import derived_export
from exporters.__main__ import main as exporters
from pipeline.inference.model_files import load_model as load_onnx
from pipeline.model_card import read_card, sha256_of, write_card
from tests import tiny_training
from tests.faces import class_folders, face_zip
from tests.networks import tiny_backbone
from training import backbone, embeddings, heads, test_runs
from training import balance as balancing
from training.__main__ import main as training
from training.balance_figures import Balance
from training.run_folder import read_record

COUNTS = {**tiny_training.COUNTS, "test": {"masked": 3, "incorrect": 3, "unmasked": 3}}
RECIPE = tiny_training.RECIPE + "balance: {neighbors: 3}\n"

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 on TensorFlow 2.21 with NumPy 2.4, each time that weights are saved.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def patched() -> Iterator[None]:
    """Put the tiny network in DenseNet201's place: the real one takes a minute to build."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(backbone.BACKBONES, "densenet201", tiny_backbone)
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return face_zip(tmp_path_factory.mktemp("data") / "faces.zip", COUNTS)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "recipe.yaml"
    path.write_text(RECIPE)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, patched: None, data: Path, recipe: Path) -> Path:  # noqa: ARG001  # wanted for its effect
    """A run that was fitted, balanced and calibrated."""
    out = tmp_path_factory.mktemp("run")
    assert training(["fit", str(recipe), "--data", str(data), "--out", str(out)]) == 0
    assert training(["balance", str(out), "--data", str(data)]) == 0
    assert training(["calibrate", str(out), "--data", str(data)]) == 0
    return out


@pytest.fixture(scope="module")
def exported(run: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("onnx") / "tiny-fp32.onnx"
    assert exporters(["onnx", str(run / "calibrated.keras"), "--out", str(out), "--data", str(data)]) == 0
    return out


def curve(run: Path) -> list[tuple[str, ...]]:
    """Return what each epoch reached, without the times."""
    with (run / "history.csv").open(newline="") as file:
        return [
            tuple(row[key] for key in ("epoch", "size_px", "train_loss", "val_macro_f1"))
            for row in csv.DictReader(file)
        ]


def evaluate(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Any:
    capsys.readouterr()
    assert training(["evaluate", "--json", *map(str, arguments)]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_learns(run: Path) -> None:
    rows = curve(run)

    assert [row[:2] for row in rows] == [("0", "32"), ("1", "32"), ("2", "40")]
    assert float(rows[-1][2]) < float(rows[0][2])


def test_a_run_that_was_killed_goes_on_to_the_same_curve(
    run: Path, data: Path, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training import fit

    def killed_in_the_second_epoch(model: Any, recipe: Any, epoch: int, *rest: Any) -> Any:
        if epoch == 1:
            raise KeyboardInterrupt
        return real(model, recipe, epoch, *rest)

    real = fit._run_epoch
    arguments = ["fit", str(recipe), "--data", str(data), "--out", str(tmp_path)]
    with monkeypatch.context() as patch:
        patch.setattr(fit, "_run_epoch", killed_in_the_second_epoch)
        assert training(arguments) == 130
    assert len(curve(tmp_path)) == 1

    assert training([*arguments, "--resume"]) == 0

    assert curve(tmp_path) == curve(run)


def test_an_epoch_without_its_checkpoint_is_run_again(
    run: Path, data: Path, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row of an epoch is written first: a kill between row and checkpoint must not skip the epoch."""
    from training import fit

    real, saved = fit._run_epoch, []

    def stop_before_the_second_checkpoint(model: Any, *rest: Any) -> Any:
        record = real(model, *rest)
        saved.append(record)
        if len(saved) == 2:
            monkeypatch.setattr(type(model), "save", killed)
        return record

    def killed(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    arguments = ["fit", str(recipe), "--data", str(data), "--out", str(tmp_path)]
    with monkeypatch.context() as patch:
        patch.setattr(fit, "_run_epoch", stop_before_the_second_checkpoint)
        assert training(arguments) == 130
    assert len(curve(tmp_path)) == 2
    monkeypatch.undo()
    monkeypatch.setitem(backbone.BACKBONES, "densenet201", tiny_backbone)

    assert training([*arguments, "--resume"]) == 0

    assert curve(tmp_path) == curve(run)


def test_another_run_is_never_overwritten(
    run: Path, data: Path, recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "changed.yaml"
    changed.write_text(recipe.read_text().replace("batch_size: 8", "batch_size: 4"))
    before = curve(run)

    assert training(["fit", str(recipe), "--data", str(data), "--out", str(run)]) == 2
    assert "--resume goes on with it" in capsys.readouterr().err
    assert training(["fit", str(changed), "--data", str(data), "--out", str(run), "--resume"]) == 2
    assert "a run of another recipe" in capsys.readouterr().err
    fetched = ["fit", str(recipe), "--weights", "imagenet", "--data", str(data), "--out", str(run), "--resume"]
    assert training(fetched) == 2
    assert "give --weights none, which it started with" in capsys.readouterr().err
    assert curve(run) == before


@pytest.fixture
def copied(run: Path, tmp_path: Path) -> Path:
    """What `balance` needs of the run, and the embeddings that it kept."""
    folder = tmp_path / "copied"
    folder.mkdir()
    for name in ("best.keras", "recipe.json", "embeddings.npz"):
        shutil.copy(run / name, folder / name)
    return folder


def test_heads_see_the_training_split_alone(copied: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def fit_head(embeddings: Any, labels: Any, *rest: Any) -> Any:
        seen.append(len(labels))
        return real(embeddings, labels, *rest)

    real = heads.fit_head
    monkeypatch.setattr(balancing, "fit_head", fit_head)
    found = balancing.balance(copied, data)

    views, seeds, unbalanced_remedies = 2, 3, 3
    as_they_are, balanced = views * sum(COUNTS["train"].values()), views * 3 * 12
    assert seen == [as_they_are] * seeds * unbalanced_remedies + [balanced] * seeds
    assert found.embeddings == {label: views * count for label, count in COUNTS["train"].items()}
    assert found.validation_faces == sum(COUNTS["val"].values())
    assert found.figures[found.kept].macro_f1.mean == max(one.macro_f1.mean for one in found.figures.values())


def test_the_balanced_model_has_the_kept_head(run: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = read_record(run / "balance.json", Balance)
    trained = evaluate(capsys, "--model", run / "best.keras", "--data", data, "--split", "val")
    balanced = evaluate(capsys, "--model", run / "balanced.keras", "--data", data, "--split", "val")

    kept = found.figures[found.kept].macro_f1
    assert found.figures["as trained"].macro_f1.mean == trained["macro_f1"]
    assert kept.lowest <= balanced["macro_f1"] <= kept.highest


def test_embeddings_are_computed_once(copied: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = balancing.balance(copied, data)
    monkeypatch.setattr(embeddings, "embedding_model", None)

    assert balancing.balance(copied, data) == before


def test_embeddings_of_other_faces_are_not_taken(copied: Path, tmp_path: Path) -> None:
    fewer = {split: {label: count - 1 for label, count in labels.items()} for split, labels in COUNTS.items()}

    found = balancing.balance(copied, face_zip(tmp_path / "faces.zip", fewer))

    assert found.validation_faces == sum(fewer["val"].values())


def test_calibrating_changes_no_verdict(run: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = (
        evaluate(capsys, "--model", run / name, "--data", data, "--split", "val")
        for name in ("balanced.keras", "calibrated.keras")
    )

    assert before["confusion"] == after["confusion"]
    assert before["model_sha256"] != after["model_sha256"]


def test_the_export_says_what_keras_says(
    run: Path, exported: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = load_onnx(exported).card
    keras_says = evaluate(capsys, "--model", run / "calibrated.keras", "--data", data, "--split", "val")
    onnx_says = evaluate(capsys, "--model", exported, "--data", data, "--split", "val")

    assert card.figures["max_abs_difference_from_keras"] <= 1e-4
    assert card.figures["agreement_with_keras"] == 1
    assert card.figures["val_macro_f1"] == onnx_says["macro_f1"]
    assert card.source_sha256 == sha256_of((run / "calibrated.keras").read_bytes())
    assert (card.input_size_px, card.precision) == (40, "fp32")
    assert onnx_says["confusion"] == keras_says["confusion"]
    assert card.temperature == json.loads((run / "calibration.json").read_text())["temperature"]


def test_an_export_that_differs_leaves_nothing_behind(
    run: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from exporters import onnx_export

    monkeypatch.setattr(onnx_export, "PARITY_TOLERANCE", -1.0)

    code = exporters(["onnx", str(run / "best.keras"), "--out", str(tmp_path / "x.onnx"), "--data", str(data)])

    assert code == 4
    assert "does not compute what Keras does" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_8_bit_model_agrees_and_names_its_source(exported: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiny-int8.onnx"

    assert exporters(["quantize", str(exported), "--out", str(out), "--calibration", str(data)]) == 0

    card, source = load_onnx(out).card, read_card(exported)
    assert card.precision == "int8"
    assert card.source_sha256 == source.sha256
    assert card.figures["agreement_with_fp32"] >= 0.97
    assert (card.classes, card.temperature, card.unknown_below) == (
        source.classes,
        source.temperature,
        source.unknown_below,
    )


@pytest.mark.parametrize(("command", "precision"), [("quantize", "int8"), ("fp16", "fp16")])
def test_a_smaller_model_is_compared_with_keras_too(
    run: Path, exported: Path, data: Path, tmp_path: Path, command: str, precision: str
) -> None:
    out, faces = tmp_path / "small.onnx", "--calibration" if command == "quantize" else "--data"
    words = [command, str(exported), "--out", str(out), faces, str(data), "--keras", str(run / "calibrated.keras")]

    assert exporters(words) == 0

    card, source = load_onnx(out).card, read_card(exported)
    assert (card.precision, card.source_sha256) == (precision, source.sha256)
    assert (card.classes, card.temperature, card.unknown_below) == (
        source.classes,
        source.temperature,
        source.unknown_below,
    )
    for name in ("fp32", "keras"):
        assert card.figures[f"agreement_with_{name}"] >= 0.97
        assert card.figures[f"max_abs_difference_from_{name}"] >= card.figures[f"mean_abs_difference_from_{name}"] > 0
        assert card.figures[f"macro_f1_change_from_{name}"] == pytest.approx(
            card.figures["val_macro_f1"] - source.figures["val_macro_f1"], abs=1e-4
        )


def test_a_half_precision_model_is_half_as_large_and_names_its_largest_tensor(
    exported: Path, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "tiny-fp16.onnx"

    assert exporters(["fp16", str(exported), "--out", str(out), "--data", str(data)]) == 0

    weights = {tensor.data_type for tensor in onnx.load(out).graph.initializer if len(tensor.dims) > 1}
    assert weights == {onnx.TensorProto.FLOAT16}
    assert 0 < read_card(out).figures["largest_magnitude"] < 65504


def test_half_precision_is_refused_where_it_would_overflow(
    exported: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(derived_export, "LARGEST_HALF", 1.0)

    assert exporters(["fp16", str(exported), "--out", str(tmp_path / "x.onnx"), "--data", str(data)]) == 4

    assert "half precision ends at 1" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_another_keras_model_than_the_source_is_refused(
    run: Path, exported: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["fp16", str(exported), "--out", str(tmp_path / "x.onnx"), "--data", str(data)]

    assert exporters([*words, "--keras", str(run / "best.keras")]) == 2
    assert "its card names another sha256" in capsys.readouterr().err
    assert exporters([*words, "--keras", str(tmp_path / "gone.keras")]) == 4
    assert "no model file" in capsys.readouterr().err


def test_the_card_holds_what_calibrating_found(run: Path, exported: Path) -> None:
    found = json.loads((run / "calibration.json").read_text())
    card = read_card(exported)

    assert card.smallest_face_px == found["smallest_face_px"]
    for name in ("ece_before", "ece_after", "coverage", "risk", "faces"):
        assert card.figures[f"calibration_{name}"] == found[name]
    assert {"val_brier", "val_ece", "val_macro_f1_low_95", "val_answered_coverage"} <= card.figures.keys()


def test_an_evaluation_goes_into_the_card_of_its_model_alone(
    exported: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(test_runs.record_test_run, "__defaults__", (tmp_path / "test_runs.csv",))
    found = evaluate(capsys, "--model", exported, "--data", data, "--split", "test")
    model, saved = tmp_path / "copy.onnx", tmp_path / "test.json"
    model.write_bytes(exported.read_bytes())
    write_card(read_card(exported), model)
    saved.write_text(json.dumps(found))

    assert exporters(["figures", str(model), str(saved)]) == 0

    card = load_onnx(model).card
    assert (card.figures["test_macro_f1"], card.figures["test_faces"]) == (found["macro_f1"], found["n"])
    assert card.figures["test_incorrect_recall"] == found["per_class"]["incorrect"]["recall"]
    assert card.figures["val_macro_f1"] == read_card(exported).figures["val_macro_f1"]

    saved.write_text(json.dumps({**found, "model_sha256": "0" * 64}))
    assert exporters(["figures", str(model), str(saved)]) == 4
    assert "judges the model 000000000000" in capsys.readouterr().err
    for content in ("", "[]", "{}"):
        saved.write_text(content)
        assert exporters(["figures", str(model), str(saved)]) == 2
        assert "training evaluate --json" in capsys.readouterr().err


def test_an_8_bit_model_is_not_quantised_again(
    exported: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "tiny-int8.onnx"
    assert exporters(["quantize", str(exported), "--out", str(out), "--calibration", str(data)]) == 0
    again = ["quantize", str(out), "--out", str(tmp_path / "twice.onnx"), "--calibration", str(data)]

    assert exporters(again) == 2
    assert "starts from an fp32 one" in capsys.readouterr().err


def test_a_model_is_not_written_over_its_source(exported: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = exported.read_bytes()

    assert exporters(["fp16", str(exported), "--out", str(exported), "--data", str(data)]) == 2
    assert "is the model to start from" in capsys.readouterr().err
    assert exported.read_bytes() == before


def test_each_look_at_the_test_split_is_noted(
    exported: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "test_runs.csv"
    monkeypatch.setattr(test_runs.record_test_run, "__defaults__", (log,))

    found = [evaluate(capsys, "--model", exported, "--data", data, "--split", "test") for _ in range(2)]
    evaluate(capsys, "--model", exported, "--data", data, "--split", "val")

    with log.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert rows[1]["model_sha256"] == found[1]["model_sha256"] == read_card(exported).sha256
    assert float(rows[1]["macro_f1"]) == found[1]["macro_f1"]
    assert float(rows[1]["incorrect_recall"]) == found[1]["per_class"]["incorrect"]["recall"]


def test_a_folder_per_class_is_judged(exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"Masked": "masked", "Incorrectly_worn_mask": "incorrect", "nackt": "unmasked"}
    root = class_folders(tmp_path / "faces", names, count=4)

    found = evaluate(capsys, "--model", exported, "--data", root, "--class-alias", "nackt=unmasked")

    assert found["n"] == 12
    assert found["classes"] == ["masked", "incorrect", "unmasked"]
    assert np.array(found["confusion"]).sum(axis=1).tolist() == [4, 4, 4]
    assert 0 <= found["ece"] <= 1
    assert found["accuracy"] == pytest.approx(np.trace(found["confusion"]) / 12, abs=1e-5)
    for name, figures in found["per_class"].items():
        assert figures["recall"] == found["confusion"][found["classes"].index(name)][found["classes"].index(name)] / 4


def test_for_a_person_it_prints_a_table(exported: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert training(["evaluate", "--model", str(exported), "--data", str(data), "--split", "val"]) == 0

    text = capsys.readouterr().out
    assert "18 faces: accuracy" in text
    assert "incorrect" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["evaluate", "--model", "gone.onnx"], 4, "no model file gone.onnx"),
        (["evaluate", "--model", "{text}"], 4, "a model is a .onnx or .keras file"),
        (["evaluate", "--model", "{keras}", "--size", "32"], 4, "not a model that Keras can load"),
        (["evaluate", "--model", "{keras}"], 2, "give --size"),
        (["balance", "{folder}"], 2, "is {folder} the folder of a training run?"),
        (["calibrate", "{folder}"], 2, "is {folder} the folder of a training run?"),
        (["fit", "gone.yaml"], 2, "cannot read the recipe gone.yaml"),
    ],
)
def test_faults_are_one_sentence_each(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    places = {"text": tmp_path / "a.txt", "keras": tmp_path / "a.keras", "folder": tmp_path}
    places["text"].write_text("hello")
    places["keras"].write_text("hello")

    assert training([*(part.format(**places) for part in arguments), "--data", str(data)]) == code

    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert said.format(**places) in error
    assert error.count("\n") == 1


def test_an_export_of_what_no_run_made_says_so(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = exporters(["onnx", str(tmp_path / "x.keras"), "--out", str(tmp_path / "x.onnx"), "--data", str(data)])

    assert code == 2
    assert "the folder of a training run" in capsys.readouterr().err


def test_a_split_that_is_missing_is_an_input_error(exported: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing here")

    assert training(["evaluate", "--model", str(exported), "--data", str(tmp_path / "empty.zip")]) == 3
