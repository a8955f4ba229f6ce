from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.inference.model_files import CPU_PREFERENCE, GPU_PREFERENCE, default_model, load_model, shipped_models
from pipeline.model_card import Precision, card_path, read_card, write_card
from tests.models import tiny_model


def put(folder: Path, name: str, precision: Precision) -> Path:
    """Write a tiny model under that name whose card claims that precision."""
    source = tiny_model(folder)
    model = source.rename(folder / f"{name}.onnx")
    write_card(read_card(source).model_copy(update={"precision": precision}), model)
    card_path(source).unlink()
    return model


def test_a_model_is_loaded_with_its_card(tmp_path: Path) -> None:
    path = tiny_model(tmp_path)

    loaded = load_model(path)

    assert loaded.data == path.read_bytes()
    assert loaded.card == read_card(path)


def test_a_model_that_is_not_the_one_of_its_card_is_refused(tmp_path: Path) -> None:
    path = tiny_model(tmp_path)
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(ModelError, match="not the model of its card"):
        load_model(path)


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model file .*gone\.onnx"):
        load_model(tmp_path / "gone.onnx")


@pytest.mark.parametrize("keys", [{"preprocessing_version": 99}, {"crop_margin": 0.25}])
def test_a_model_of_other_crops_is_refused(tmp_path: Path, keys: dict[str, float]) -> None:
    path = tiny_model(tmp_path)
    write_card(read_card(path).model_copy(update=keys), path)

    with pytest.raises(ModelError, match="trained on crops of preprocessing version"):
        load_model(path)


def test_the_precision_that_suits_the_device_is_chosen(tmp_path: Path) -> None:
    half, eighth = put(tmp_path, "a", "fp16"), put(tmp_path, "b", "int8")

    assert default_model(CPU_PREFERENCE, tmp_path) == eighth
    assert default_model(GPU_PREFERENCE, tmp_path) == half


def test_no_shipped_model_is_an_error_that_helps(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model is shipped.*--model"):
        default_model(CPU_PREFERENCE, tmp_path)


def test_what_is_shipped_loads_and_is_small_enough() -> None:
    models = shipped_models()

    assert any("densenet201" in model.name and "int8" in model.name for model in models)
    for model in models:
        assert load_model(model).card.name == model.stem
    assert sum(model.stat().st_size for model in models) < 60e6
