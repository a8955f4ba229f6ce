"""A stand-in for YuNet's network: it has the real one's inputs and outputs, and takes each bright cell for a face."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

STRIDES_PX = (8, 16, 32)
WIDTHS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}


def write_bright_cell_yunet(path: Path) -> None:
    """Write an ONNX model that scores a cell by its mean brightness; its box is one cell, its key points a corner."""
    outputs = [f"{kind}_{stride}" for kind in WIDTHS for stride in STRIDES_PX]
    nodes, weights = [], []
    for stride in STRIDES_PX:
        pooled = f"pooled_{stride}"
        nodes.append(
            helper.make_node("AveragePool", ["input"], [pooled], kernel_shape=[stride] * 2, strides=[stride] * 2)
        )
        for kind, width in WIDTHS.items():
            gain = 1 / (3 * 255) if kind in ("cls", "obj") else 0.0
            name = f"{kind}_{stride}"
            weights += [
                numpy_helper.from_array(np.full((width, 3, 1, 1), gain, np.float32), f"gain_{name}"),
                numpy_helper.from_array(np.array([1, -1, width], np.int64), f"shape_{name}"),
            ]
            nodes += [
                helper.make_node("Conv", [pooled, f"gain_{name}"], [f"map_{name}"]),
                helper.make_node("Transpose", [f"map_{name}"], [f"rows_{name}"], perm=[0, 2, 3, 1]),
                helper.make_node("Reshape", [f"rows_{name}", f"shape_{name}"], [name]),
            ]
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, "height", "width"])
    tables = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, "cells", WIDTHS[name.split("_")[0]]])
        for name in outputs
    ]
    graph = helper.make_graph(nodes, "bright_cells", [picture], tables, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))
