"""A model whose card does not match is refused: one sentence, exit code 4, by every command that takes a model."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from exporters.artefact import write_artefact
from pipeline.model_card import card_path, read_card, sha256_of
from tests.command import Command
from tests.models import TINY_SIZE_PX, tiny_graph, tiny_model

Spoil = Callable[[Path], None]


def card_says(**keys: Any) -> Spoil:
    """Return what changes those keys of a model's card."""

    def spoil(model: Path) -> None:
        content = json.loads(card_path(model).read_text(encoding="utf-8"))
        card_path(model).write_text(json.dumps({**content, **keys}), encoding="utf-8")

    return spoil


def model_becomes(change: Callable[[bytes], bytes]) -> Spoil:
    """Return what changes the bytes of a model, and the hash in its card with them."""

    def spoil(model: Path) -> None:
        data = change(model.read_bytes())
        model.write_bytes(data)
        card_says(sha256=sha256_of(data))(model)

    return spoil


def graph(class_count: int, size_px: int) -> bytes:
    data: bytes = tiny_graph(class_count, size_px).SerializeToString()
    return data


def model_grows(model: Path) -> None:
    model.write_bytes(model.read_bytes() + b" ")


def card_is_text(model: Path) -> None:
    card_path(model).write_text("hello", encoding="utf-8")


def card_of_another_model(model: Path) -> None:
    other = tiny_model(model.parent / "other", ("unmasked", "masked"))
    card_path(model).write_bytes(card_path(other).read_bytes())


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A model that bears the stamp of the exporters."""
    (tmp_path / "other").mkdir()
    plain = tiny_model(tmp_path)
    write_artefact(onnx.load(plain), read_card(plain), tmp_path / "exported.onnx")
    return tmp_path / "exported.onnx"


FAULTS: dict[str, tuple[Spoil, str]] = {
    "input size in the card": (card_says(input_size_px=64), "wrong shape: its card says (N, 64, 64, 3)"),
    "input size of the graph": (model_becomes(lambda _: graph(3, 64)), "wrong shape: its card says (N, 32, 32, 3)"),
    "columns of the output": (model_becomes(lambda _: graph(2, TINY_SIZE_PX)), "(N, 2) tensor(float)"),
    "classes too few for the columns": (card_says(classes=["masked", "unmasked"]), "wrong shape"),
    "order of the classes": (
        card_says(classes=["unmasked", "incorrect", "masked"]),
        "exported with classes masked,incorrect,unmasked, its card says unmasked,incorrect,masked",
    ),
    "a class twice": (card_says(classes=["masked", "masked", "unmasked"]), "each class is named once"),
    "an unknown class": (card_says(classes=["masked", "hat", "unmasked"]), "got 'hat'"),
    "preprocessing": (card_says(preprocessing_version=99), "crops of preprocessing version 99"),
    "margin": (card_says(crop_margin=0.5), "and margin 0.5"),
    "hash": (card_says(sha256="0" * 64), "is not the model of its card"),
    "a byte of the model": (model_grows, "its sha256 is"),
    "half a model": (model_becomes(lambda data: data[: len(data) // 2]), "not a model that ONNX Runtime can load"),
    "no card": (lambda model: card_path(model).unlink(), "has no card"),
    "card of another model": (card_of_another_model, "is not the model of its card"),
    "card that is no JSON": (card_is_text, "is not valid"),
    "no model": (lambda model: model.unlink(), "no model file"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_model_that_does_not_match_its_card_is_refused(
    exported: Path, tmp_path: Path, command: Command, fault: str
) -> None:
    spoil, said = FAULTS[fault]
    spoil(exported)

    ended = command("predict", tmp_path / "any.jpg", "--model", exported)

    assert ended.code == 4, ended.err
    assert ended.err.startswith("maskstream: ")
    assert ended.err.count("\n") == 1
    assert said in ended.err
    assert ended.out == ""


def test_processing_refuses_it_too_and_writes_nothing(exported: Path, tmp_path: Path, command: Command) -> None:
    card_says(preprocessing_version=99)(exported)
    (tmp_path / "clip.mp4").touch()

    ended = command("process", tmp_path / "clip.mp4", "--out", tmp_path / "out", "--model", exported)

    assert ended.code == 4
    assert "preprocessing version 99" in ended.err
    assert not list((tmp_path / "out").glob("*"))


def test_what_the_exporters_stamped_is_what_the_card_says(exported: Path) -> None:
    written = {entry.key: entry.value for entry in onnx.load(exported).metadata_props}

    assert written == read_card(exported).stamp
