from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from pipeline.errors import ModelError
from pipeline.inference import onnx_classifier
from pipeline.inference.model_files import LoadedModel, default_model
from pipeline.inference.onnx_classifier import OnnxClassifier, open_classifier
from pipeline.model_card import card_path, read_card, sha256_of, write_card
from tests.models import TINY_SIZE_PX, tiny_graph, tiny_model

Open = Callable[[Path], OnnxClassifier]


@pytest.fixture
def open_on_cpu() -> Iterator[Open]:
    """Opens classifiers, and closes them after the test."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(closing(open_classifier(path, device="cpu")))


def replace(path: Path, data: bytes) -> Path:
    """Put other bytes at `path`, and their hash into the card."""
    path.write_bytes(data)
    write_card(read_card(path).model_copy(update={"sha256": sha256_of(data)}), path)
    return path


def replace_graph(path: Path, graph: onnx.ModelProto) -> Path:
    return replace(path, graph.SerializeToString())


def test_columns_land_at_their_states_and_absent_classes_are_zero(open_on_cpu: Open, tmp_path: Path) -> None:
    crops = np.full((1, TINY_SIZE_PX, TINY_SIZE_PX, 3), (10, 20, 230), np.uint8)
    forward = open_on_cpu(tiny_model(tmp_path, ("masked", "unmasked"))).classify(crops)
    backward = open_on_cpu(tiny_model(tmp_path, ("unmasked", "masked"))).classify(crops)

    assert forward[0, 1] == backward[0, 1] == 0
    assert forward[0, 0] == backward[0, 2] != forward[0, 2]


def test_what_it_runs_is_what_it_names(open_on_cpu: Open, tmp_path: Path) -> None:
    path = tiny_model(tmp_path)
    classifier = open_on_cpu(path)

    assert classifier.sha256 == sha256_of(path.read_bytes())
    assert classifier.card == read_card(path)
    assert classifier.provider == "CPUExecutionProvider"
    assert classifier.input_size_px == TINY_SIZE_PX


@pytest.mark.parametrize("data", [b"", b"not a model", b"\x08\x07" + bytes(100)])
def test_bytes_that_are_no_model_are_one_sentence(open_on_cpu: Open, tmp_path: Path, data: bytes) -> None:
    path = replace(tiny_model(tmp_path), data)

    with pytest.raises(ModelError, match="not a model that ONNX Runtime can load") as caught:
        open_on_cpu(path)
    assert "\n" not in str(caught.value)


def test_another_input_size_than_the_card_says_is_refused(open_on_cpu: Open, tmp_path: Path) -> None:
    path = replace_graph(tiny_model(tmp_path), tiny_graph(3, TINY_SIZE_PX * 2))

    with pytest.raises(ModelError, match=r"wrong shape: its card says \(N, 32, 32, 3\)"):
        open_on_cpu(path)


def test_another_number_of_classes_than_the_card_says_is_refused(open_on_cpu: Open, tmp_path: Path) -> None:
    path = replace_graph(tiny_model(tmp_path), tiny_graph(2))

    with pytest.raises(ModelError, match="wrong shape"):
        open_on_cpu(path)


def test_an_input_of_floats_is_refused(open_on_cpu: Open, tmp_path: Path) -> None:
    graph = tiny_graph(3)
    graph.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT

    with pytest.raises(ModelError, match="wrong shape"):
        open_on_cpu(replace_graph(tiny_model(tmp_path), graph))


def test_logits_are_refused_at_the_first_crop(open_on_cpu: Open, tmp_path: Path) -> None:
    graph = tiny_graph(3)
    graph.graph.node[-1].CopyFrom(helper.make_node("Identity", ["logits"], ["probabilities"]))
    classifier = open_on_cpu(replace_graph(tiny_model(tmp_path), graph))

    with pytest.raises(ModelError, match="does not give probabilities"):
        classifier.classify(np.full((1, TINY_SIZE_PX, TINY_SIZE_PX, 3), 99, np.uint8))


def test_scores_that_are_not_numbers_are_refused(open_on_cpu: Open, tmp_path: Path) -> None:
    graph = tiny_graph(3)
    nowhere = np.full((3, 3), np.nan, np.float32)
    graph.graph.initializer[0].CopyFrom(numpy_helper.from_array(nowhere, "weights"))
    classifier = open_on_cpu(replace_graph(tiny_model(tmp_path), graph))

    with pytest.raises(ModelError, match="does not give probabilities"):
        classifier.warm_up()


@pytest.mark.parametrize(("device", "chosen"), [("cuda", "fp16"), ("tensorrt", "fp16"), ("cpu", "int8")])
def test_each_device_gets_the_shipped_precision_that_suits_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, device: str, chosen: str
) -> None:
    asked: list[LoadedModel] = []

    def no_hardware(model: LoadedModel, *_: object) -> None:
        asked.append(model)

    for name, precision in {"a": "int8", "b": "fp16", "c": "fp32"}.items():
        shipped = tiny_model(tmp_path).rename(tmp_path / f"{name}.onnx")
        write_card(read_card(tmp_path / "tiny.onnx").model_copy(update={"precision": precision}), shipped)
        card_path(tmp_path / "tiny.onnx").unlink()
    monkeypatch.setattr(onnx_classifier, "default_model", partial(default_model, folder=tmp_path))
    monkeypatch.setattr(onnx_classifier, "candidates", lambda name: (name,))
    monkeypatch.setattr(onnx_classifier, "open_session", no_hardware)

    with pytest.raises(ModelError, match=f"device {device} does not answer"):
        open_classifier(device=device)

    assert [model.card.precision for model in asked] == [chosen]
