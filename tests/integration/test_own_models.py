"""`exporters onnx` on Keras models that no run of the project made: each is written, checked and refused by name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py  # type: ignore[import-untyped]  # ships no types
import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np
import pytest

from exporters.__main__ import main as exporters
from exporters.keras2_h5 import CONFIGURATION
from pipeline.inference.model_files import load_model
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.model_card import ModelCard, sha256_of
from tests.faces import face_zip
from training.crops import serving_crops
from training.faces import load_faces
from training.pixel_scale import parse_pixel_scale

SIZE_PX = 32
COUNTS = {"val": {"masked": 3, "incorrect": 2, "unmasked": 3}}
TWO = ["--classes", "with_mask,without_mask"]

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 on TensorFlow 2.21 with NumPy 2.4, each time that weights are saved.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]

Save = Callable[..., Path]
Export = Callable[..., ModelCard]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return face_zip(tmp_path_factory.mktemp("data") / "faces.zip", COUNTS)


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Saves a small network and returns its path: `own.keras`, or of that suffix."""

    def save_it(*layers: Any, suffix: str = ".keras", **input_options: Any) -> Path:
        keras.utils.set_random_seed(3)
        options = input_options if "batch_shape" in input_options else {"shape": (SIZE_PX, SIZE_PX, 3), **input_options}
        scaling = [keras.layers.Rescaling(1 / 255)] if options.get("dtype") == "uint8" else []
        body = (keras.layers.Conv2D(6, 3, strides=2, activation="relu"), keras.layers.GlobalAveragePooling2D())
        path = tmp_path / f"own{suffix}"
        model = keras.Sequential([keras.Input(**options), *scaling, *body, *layers], name="own")
        # HDF5 is a legacy to Keras, which says so; users have such files all the same.
        (model.save if suffix == ".keras" else keras.src.legacy.saving.legacy_h5_format.save_model_to_hdf5)(
            *((path,) if suffix == ".keras" else (model, str(path)))
        )
        return path

    return save_it


@pytest.fixture
def export(data: Path, tmp_path: Path) -> Export:
    """Exports a model, which has to succeed, and returns the card as it is loaded."""

    def export_it(model: Path, *options: str) -> ModelCard:
        out = tmp_path / "own-fp32.onnx"
        assert exporters(["onnx", str(model), "--out", str(out), "--data", str(data), *options]) == 0
        return load_model(out).card

    return export_it


def dense(units: int, activation: str | None) -> Any:
    return keras.layers.Dense(units, activation=activation)


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_users_model_of_two_classes_is_exported_with_its_card(save: Save, export: Export, suffix: str) -> None:
    path = save(dense(2, "softmax"), suffix=suffix)

    card = export(path, *TWO, "--scale", "unit")

    assert card.classes == ("masked", "unmasked")
    assert (card.input_size_px, card.precision, card.temperature) == (SIZE_PX, "fp32", 1.0)
    assert card.source_sha256 == sha256_of(path.read_bytes())
    assert card.figures["agreement_with_keras"] == 1
    assert card.figures["max_abs_difference_from_keras"] <= 1e-4


def test_faces_of_classes_that_it_lacks_are_left_out_and_counted(save: Save, export: Export) -> None:
    card = export(save(dense(2, "softmax")), *TWO, "--scale", "unit")

    assert card.figures["val_faces"] == 6
    assert card.figures["val_incorrect_faces_left_out"] == 2
    assert "val_incorrect_recall" not in card.figures


@pytest.mark.parametrize("scale", ["none", "unit", "symmetric", "torch", "caffe", "1/64,-2"])
@pytest.mark.parametrize("channels", [None, "bgr"])
def test_the_export_gives_bytes_what_keras_gives_scaled_pixels(
    save: Save, export: Export, data: Path, tmp_path: Path, scale: str, channels: str | None
) -> None:
    path = save(dense(3, "softmax"))
    card = export(
        path,
        "--classes=no_mask,mask,incorrect_mask",
        f"--scale={scale}",
        *(["--channels", channels] if channels else []),
    )
    crops = serving_crops(load_faces(data), SIZE_PX)

    expected = keras.models.load_model(path)(parse_pixel_scale(scale, channels).apply(crops))
    classifier = open_classifier(tmp_path / "own-fp32.onnx", device="cpu")
    got = classifier.classify(crops)
    classifier.close()

    assert card.classes == ("unmasked", "masked", "incorrect")
    np.testing.assert_allclose(got[:, [2, 0, 1]], np.asarray(expected), atol=1e-4)


@pytest.mark.parametrize(
    ("units", "activation", "options"),
    [
        (2, "softmax", []),
        (2, None, []),
        (1, "sigmoid", []),
        (1, None, []),
        (2, "relu", ["--output", "logits"]),
    ],
)
def test_each_kind_of_ending_becomes_probabilities(
    save: Save, export: Export, units: int, activation: str | None, options: list[str]
) -> None:
    card = export(save(dense(units, activation)), *TWO, "--scale", "unit", *options)

    assert card.figures["agreement_with_keras"] == 1


def test_one_unit_is_the_second_class(save: Save, export: Export, tmp_path: Path) -> None:
    sure = keras.layers.Dense(1, activation="sigmoid", bias_initializer=keras.initializers.Constant(20.0))
    export(save(sure), *TWO, "--scale", "unit")

    classifier = open_classifier(tmp_path / "own-fp32.onnx", device="cpu")
    (row,) = classifier.classify(np.zeros((1, SIZE_PX, SIZE_PX, 3), np.uint8))
    classifier.close()

    np.testing.assert_allclose(row, [0, 0, 1], atol=1e-6)


@pytest.mark.parametrize(
    ("input_options", "options", "size_px"),
    [
        ({"shape": (None, None, 3)}, ["--size", "40"], 40),
        ({"batch_shape": (1, SIZE_PX, SIZE_PX, 3)}, [], SIZE_PX),
        ({"dtype": "uint8"}, ["--scale", "none"], SIZE_PX),
    ],
)
def test_inputs_of_any_size_fixed_rows_or_bytes_are_taken(
    save: Save, export: Export, input_options: dict[str, Any], options: list[str], size_px: int
) -> None:
    path = save(dense(2, "softmax"), **input_options)

    card = export(path, *TWO, "--scale", "unit", *options)

    assert card.input_size_px == size_px


def test_what_keras_2_wrote_and_keras_3_refuses_is_read(save: Save, export: Export) -> None:
    path = save(keras.layers.Reshape((1, 1, 6)), keras.layers.DepthwiseConv2D(1), keras.layers.Flatten(),
                dense(2, "softmax"), suffix=".h5")  # fmt: skip
    with h5py.File(path, "r+") as file:
        content = json.loads(file.attrs[CONFIGURATION])
        for layer in content["config"]["layers"]:
            if layer["class_name"] == "DepthwiseConv2D":
                layer["config"]["groups"] = 1
            if layer["class_name"] == "Dense":
                layer["config"]["kernel_initializer"]["config"]["dtype"] = "float32"
        file.attrs[CONFIGURATION] = json.dumps(content)

    assert export(path, *TWO, "--scale", "unit").figures["agreement_with_keras"] == 1


@pytest.mark.parametrize(
    ("layers", "input_options", "options", "code", "said"),
    [
        ([(3, "softmax")], {}, [*TWO, "--scale", "unit"], 4, "own has 3 outputs where --classes names 2 classes"),
        ([(1, "sigmoid")], {}, ["--classes", "mask,no_mask,incorrect", "--scale", "unit"], 4, "has 1 outputs"),
        ([(2, "sigmoid")], {}, [*TWO, "--scale", "unit"], 2, "ends in sigmoid with 2 units"),
        ([(2, "tanh")], {}, [*TWO, "--scale", "unit"], 2, "ends in tanh with 2 units"),
        ([(2, "softmax")], {}, TWO, 2, "needs --classes, in the order of its outputs, and --scale"),
        ([(2, "softmax")], {}, ["--scale", "unit"], 2, "needs --classes, in the order of its outputs, and --scale"),
        ([(2, "softmax")], {}, ["--classes", "mask,hat", "--scale", "unit"], 2, "--classes names hat"),
        ([(2, "softmax")], {}, ["--classes", "mask,masked", "--scale", "unit"], 2, "each once; got mask, masked"),
        ([(2, "softmax")], {}, [*TWO, "--scale", "huge"], 2, "--scale is one of none, unit"),
        ([(2, "softmax")], {}, [*TWO, "--scale", "unit", "--size", "48"], 2, "takes 32 px, got --size 48"),
        ([(2, "softmax")], {"shape": (8, 8, 3)}, [*TWO, "--scale", "unit"], 2, "no model card can say input_size_px"),
        ([(2, "softmax")], {"shape": (None, None, 3)}, [*TWO, "--scale", "unit"], 2, "with --size"),
        ([(2, "softmax")], {"shape": (32, 48, 3)}, [*TWO, "--scale", "unit"], 4, "crops of faces are square"),
        ([(2, "softmax")], {"shape": (32, 32, 1)}, [*TWO, "--scale", "unit"], 4, "colour pictures, channels last"),
        ([(2, "softmax")], {"dtype": "uint8"}, [*TWO, "--scale", "unit"], 2, "--scale is none then"),
        ([(2, "softmax")], {}, [*TWO, "--scale", "unit", "--split", "gone"], 3, "no labelled face of split gone"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_one_sentence_and_writes_nothing(
    save: Save, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], layers: list[tuple[int, str]],
    input_options: dict[str, Any], options: list[str], code: int, said: str,
) -> None:  # fmt: skip
    path = save(*(dense(*layer) for layer in layers), **input_options)
    out = tmp_path / "never.onnx"
    capsys.readouterr()

    assert exporters(["onnx", str(path), "--out", str(out), "--data", str(data), *options]) == code

    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert said in error
    assert not out.exists()


def test_weights_without_a_network_say_so(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "weights.h5"
    with h5py.File(path, "w") as file:
        file["kernel"] = np.zeros(3)

    code = exporters(["onnx", str(path), "--out", str(tmp_path / "x.onnx"), "--data", str(data), *TWO, "--scale=unit"])

    assert code == 4
    assert "holds weights without their network" in capsys.readouterr().err
