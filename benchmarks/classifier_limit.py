"""What arithmetic alone would cost: the products of a network over the products a second of a large matrix product."""

import math
import time
from typing import Any

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIDE = 1024
REPEATS = 5


def products_of(model: onnx.ModelProto) -> int:
    """Return the multiplications of one crop in the convolutions of `model`, in floats or in bytes."""
    inferred = onnx.shape_inference.infer_shapes(model)
    shapes = {
        value.name: [size.dim_value for size in value.type.tensor_type.shape.dim] for value in inferred.graph.value_info
    }
    shapes |= {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    places = {"Conv": 1, "QLinearConv": 3}
    return sum(
        math.prod(shapes[node.input[places[node.op_type]]]) * math.prod(shapes[node.output[0]][2:])
        for node in inferred.graph.node
        if node.op_type in places
    )


def products_per_s(*, is_integer: bool) -> float:
    """Return the best rate of a 1024 x 1024 x 1024 product on ONNX Runtime: bytes by signed bytes, or floats.

    It is of one thread, a second of its CPU time: what else runs on the machine does not lower it much.
    """
    left, right = (TensorProto.UINT8, TensorProto.INT8) if is_integer else (TensorProto.FLOAT, TensorProto.FLOAT)
    given = [helper.make_tensor_value_info(name, kind, [SIDE, SIDE]) for name, kind in (("a", left), ("b", right))]
    product = helper.make_tensor_value_info("c", TensorProto.INT32 if is_integer else TensorProto.FLOAT, [SIDE, SIDE])
    node = helper.make_node("MatMulInteger" if is_integer else "MatMul", ["a", "b"], ["c"])
    constant = np.ones((SIDE, SIDE), helper.tensor_dtype_to_np_dtype(right))
    graph = helper.make_graph([node], "product", given[:1], [product], [numpy_helper.from_array(constant, "b")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    matrix = np.ones((SIDE, SIDE), helper.tensor_dtype_to_np_dtype(left))
    return SIDE**3 / min(_seconds(session, matrix) for _ in range(REPEATS))


def _seconds(session: onnxruntime.InferenceSession, matrix: NDArray[Any]) -> float:
    started_s = time.process_time()
    session.run(None, {"a": matrix})
    return time.process_time() - started_s
