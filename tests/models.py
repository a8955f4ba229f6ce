"""A classifier of a few hundred bytes: its scores follow from the mean colour of the crop."""

from datetime import date
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from pipeline.model_card import ModelCard, card_path, sha256_of
from pipeline.vision.crop import CROP_MARGIN, PREPROCESSING_VERSION

TINY_SIZE_PX = 32
OPSET = 18


def tiny_model(folder: Path, classes: tuple[str, ...] = ("masked", "incorrect", "unmasked")) -> Path:
    """Write a model with its card into `folder` and return its path: the reddest crops are the last class."""
    path = folder / "tiny.onnx"
    data = tiny_graph(len(classes)).SerializeToString()
    path.write_bytes(data)
    card = ModelCard.model_validate(
        {
            "name": "tiny",
            "version": "1",
            "architecture": "mean colour",
            "classes": classes,
            "input_size_px": TINY_SIZE_PX,
            "preprocessing_version": PREPROCESSING_VERSION,
            "crop_margin": CROP_MARGIN,
            "precision": "fp32",
            "opset": OPSET,
            "temperature": 1.0,
            "unknown_below": 0.4,
            "smallest_face_px": 8.0,
            "data": "none",
            "recipe": "tests",
            "figures": {},
            "created": date(2026, 1, 1),
            "sha256": sha256_of(data),
            "source_sha256": sha256_of(b"none"),
        }
    )
    card_path(path).write_text(card.model_dump_json(), encoding="utf-8")
    return path


def tiny_graph(class_count: int, size_px: int = TINY_SIZE_PX) -> onnx.ModelProto:
    """Return a graph from (N, S, S, 3) uint8 to (N, C) float32 probabilities."""
    weights = np.linspace(-1, 1, 3 * class_count).reshape(3, class_count).astype(np.float32) / 32
    nodes = [
        helper.make_node("Cast", ["pixels"], ["values"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["values", "axes"], ["colour"], keepdims=0),
        helper.make_node("MatMul", ["colour", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["N", size_px, size_px, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", class_count])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(np.array([1, 2], np.int64), "axes")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
