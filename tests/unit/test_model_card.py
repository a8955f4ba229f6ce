import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ModelError
from pipeline.model_card import card_path, read_card, sha256_of, write_card
from tests.models import tiny_model


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model(tmp_path)


def change(model: Path, **keys: Any) -> None:
    content = json.loads(card_path(model).read_text())
    content.update(keys)
    card_path(model).write_text(json.dumps({key: value for key, value in content.items() if value is not None}))


def test_a_card_survives_writing_and_reading(model: Path, tmp_path: Path) -> None:
    card = read_card(model)
    copy = tmp_path / "copy.onnx"

    assert write_card(card, copy) == tmp_path / "copy.json"
    assert read_card(copy) == card


def test_columns_follow_the_order_of_the_classes(tmp_path: Path) -> None:
    assert read_card(tiny_model(tmp_path, ("unmasked", "masked"))).columns == (2, 0)
    assert read_card(tiny_model(tmp_path, ("incorrect", "unmasked", "masked"))).columns == (1, 2, 0)


def test_a_missing_card_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"other\.json is missing; `python -m exporters onnx"):
        read_card(tmp_path / "other.onnx")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"classes": ["masked"]}, "classes"),
        ({"classes": ["masked", "masked"]}, "each class is named once"),
        ({"classes": ["masked", "hat"]}, "'hat'"),
        ({"input_size_px": 0}, "input_size_px.*got 0"),
        ({"input_size_px": "112"}, "input_size_px.*got '112'"),
        ({"temperature": 0.0}, "temperature"),
        ({"unknown_below": 1.5}, "unknown_below.*got 1.5"),
        ({"precision": "int4"}, "precision.*'int4'"),
        ({"sha256": "abc"}, "sha256.*'abc'"),
        ({"created": "yesterday"}, "created"),
        ({"colour": "blue"}, "colour.*'blue'"),
        ({"recipe": None}, "recipe: Field required"),
    ],
)
def test_a_faulty_card_names_the_key_and_what_it_got(model: Path, keys: dict[str, Any], said: str) -> None:
    change(model, **keys)

    with pytest.raises(ModelError, match=said):
        read_card(model)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"null"])
def test_what_is_no_card_is_one_sentence(model: Path, content: bytes) -> None:
    card_path(model).write_bytes(content)

    with pytest.raises(ModelError, match="model card") as caught:
        read_card(model)
    assert "\n" not in str(caught.value)


def test_the_hash_is_that_of_the_bytes() -> None:
    assert sha256_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
