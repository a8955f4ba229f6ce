"""VGG19 with two classes, from its recipe to what `maskstream predict` says with it."""

import json
from pathlib import Path

import cv2
import pytest

from exporters.__main__ import main as exporters
from pipeline.model_card import read_card
from tests.command import Command
from tests.faces import face_picture
from tests.tiny_recipes import RECIPES, SIZE_PX, fit_words
from training.__main__ import main as training

(VGG19,) = (path for path in RECIPES if path.stem == "vgg19-binary")

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 on TensorFlow 2.21 with NumPy 2.4, each time that weights are saved.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fitted and calibrated run, its faces beside it."""
    folder = tmp_path_factory.mktemp("vgg19")
    out = folder / "run"
    assert training(fit_words(VGG19, folder, out)) == 0
    assert training(["calibrate", str(out), "--data", str(folder / "faces.zip")]) == 0
    return out


def test_it_runs_from_its_recipe_to_a_verdict(run: Path, tmp_path: Path, command: Command) -> None:
    data, model, picture = run.parent / "faces.zip", tmp_path / "vgg19.onnx", tmp_path / "face.png"
    cv2.imwrite(str(picture), face_picture("masked", 1)[..., ::-1])

    assert exporters(["onnx", str(run / "calibrated.keras"), "--out", str(model), "--data", str(data)]) == 0
    assert training(["evaluate", "--model", str(model), "--data", str(data), "--split", "val", "--json"]) == 0
    ended = command("predict", picture, "--crops", "--json", "--model", model)

    card = read_card(model)
    assert (card.architecture, card.classes, card.input_size_px) == ("vgg19", ("masked", "unmasked"), SIZE_PX)
    assert ended.code == 0
    assert "incorrect" not in ended.out
    (face,) = json.loads(ended.out)["faces"]
    assert face["probabilities"].keys() == {"masked", "unmasked"}
    assert sum(face["probabilities"].values()) == pytest.approx(1, abs=2e-4)


def test_a_network_without_weights_is_not_left_frozen(run: Path) -> None:
    kept = json.loads((run / "recipe.json").read_text())

    assert (kept["weights"], kept["freeze_backbone"], kept["scaling"]) == ("none", False, "unit")
