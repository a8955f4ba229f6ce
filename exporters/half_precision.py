"""Half precision for GPUs: weights and inner tensors of 16 bits, bytes in and 32-bit probabilities out."""

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types
from onnx import TensorProto, helper
from onnxruntime.transformers.float16 import (  # type: ignore[import-untyped]  # ships no types
    convert_float_to_float16,
)

from pipeline.errors import ModelError
from pipeline.types import UInt8Array

LARGEST_HALF = 65504.0
SQUASHING = frozenset({"Softmax", "Sigmoid"})


def to_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return `model` in half precision up to its logits; softmax or sigmoid, and what follows, stay in 32 bits.

    ONNX Runtime's own converter, which knows the operators and inputs that have no half, converts all before the
    squashing. Kept as a blocked operator it would be rounded to half on its way out: so it is cut off and put back.
    Raises ModelError where there is no such end.
    """
    cut = max((place for place, node in enumerate(model.graph.node) if node.op_type in SQUASHING), default=0)
    head, tail = list(model.graph.node[:cut]), list(model.graph.node[cut:])
    logits = tail[0].input[0]
    made_before = {name for node in head for name in node.output}
    if made_before & {name for node in tail for name in node.input} != {logits}:
        raise ModelError("half precision is for classifiers that end in one softmax or sigmoid")
    half: onnx.ModelProto = convert_float_to_float16(_ending_at(model, head, logits), keep_io_types=True)
    used = {name for node in tail for name in node.input}
    half.graph.node.extend(tail)
    half.graph.initializer.extend(tensor for tensor in model.graph.initializer if tensor.name in used)
    del half.graph.output[:], half.graph.value_info[:]
    half.graph.output.extend(model.graph.output)
    onnx.checker.check_model(half, full_check=True)
    return half


def largest_magnitude(model: onnx.ModelProto, crops: UInt8Array) -> float:
    """Return the largest absolute value of any float tensor inside `model`, in 32 bits, on (N, S, S, 3) uint8 crops.

    A CPU computes halves as floats, so that only this tells of an overflow beyond `LARGEST_HALF`.
    """
    watched = onnx.shape_inference.infer_shapes(model)
    del watched.graph.output[:]
    watched.graph.output.extend(
        value for value in watched.graph.value_info if value.type.tensor_type.elem_type == TensorProto.FLOAT
    )
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    name = model.graph.input[0].name
    return max(float(np.abs(tensor).max()) for crop in crops for tensor in session.run(None, {name: crop[np.newaxis]}))


def _ending_at(model: onnx.ModelProto, nodes: list[onnx.NodeProto], output: str) -> onnx.ModelProto:
    """Return the part of `model` that computes `output`, float32 of any rows, with `nodes`."""
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.node[:], graph.output[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(kept)
    graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", None]))
    return result
