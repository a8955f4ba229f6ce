"""Scaling in front of a graph, and its way into the first convolution: the numbers stay what they were."""

from typing import Any

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from exporters.input_passes import fold_into_first_convolution, take_bytes
from pipeline.types import Float32Array, UInt8Array
from training.pixel_scale import NAMED_SCALES, PixelScale, parse_pixel_scale

SIZE_PX = 8
SCALES = [*NAMED_SCALES.values(), parse_pixel_scale("torch", "bgr"), PixelScale((0.5, -2.0, 3.0), (7.0, 0.0, -9.0))]


def float_graph(pads: tuple[int, int, int, int] = (0, 0, 0, 0), ahead: str = "", bias: bool = True) -> onnx.ModelProto:
    """Return a graph from (N, S, S, 3) float32 to (N, 2): transposition, `ahead` (`Pad` or ``), convolution, mean."""
    rng = np.random.default_rng(5)
    arrays: dict[str, NDArray[Any]] = {
        "weights": rng.normal(0, 1, (2, 3, 3, 3)).astype(np.float32),
        "bias": rng.normal(0, 1, 2).astype(np.float32),
        "border": np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64),
    }
    nodes = [helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2])]
    if ahead:
        nodes.append(helper.make_node(ahead, ["planes", "border"], ["framed"]))
    inputs = [nodes[-1].output[0], "weights", *(["bias"] if bias else [])]
    nodes += [
        helper.make_node("Conv", inputs, ["maps"], kernel_shape=[3, 3], pads=list(pads)),
        helper.make_node("Relu", ["maps"], ["positive"]),
        helper.make_node("GlobalAveragePool", ["positive"], ["mean"]),
        helper.make_node("Flatten", ["mean"], ["values"]),
    ]
    used = {name for node in nodes for name in node.input}
    graph = helper.make_graph(
        nodes,
        "floats",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["N", SIZE_PX, SIZE_PX, 3])],
        [helper.make_tensor_value_info("values", TensorProto.FLOAT, ["N", 2])],
        [numpy_helper.from_array(array, name) for name, array in arrays.items() if name in used],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def run(model: onnx.ModelProto, pixels: UInt8Array | Float32Array) -> Float32Array:
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"pixels": pixels})[0])


def operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


@pytest.fixture
def crops() -> UInt8Array:
    return np.random.default_rng(2).integers(0, 256, (3, SIZE_PX, SIZE_PX, 3), dtype=np.uint8)


@pytest.mark.parametrize("pixels", SCALES)
def test_a_graph_of_floats_takes_bytes(crops: UInt8Array, pixels: PixelScale) -> None:
    given = float_graph()

    after = take_bytes(given, pixels)

    assert after.graph.input[0].type.tensor_type.elem_type == TensorProto.UINT8
    assert given.graph.input[0].type.tensor_type.elem_type == TensorProto.FLOAT
    np.testing.assert_allclose(run(after, crops), run(given, pixels.apply(crops)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("pixels", SCALES[1:])
@pytest.mark.parametrize("bias", [True, False])
def test_without_padding_all_of_the_scaling_goes_into_the_weights(
    crops: UInt8Array, pixels: PixelScale, bias: bool
) -> None:
    given = take_bytes(float_graph(bias=bias), pixels)

    after = fold_into_first_convolution(given)

    assert operators(after)[:3] == ["Cast", "Transpose", "Conv"]
    np.testing.assert_allclose(run(after, crops), run(given, crops), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("pixels", SCALES[1:])
@pytest.mark.parametrize("padded", [{"pads": (1, 1, 1, 1)}, {"pads": (0, 0, 1, 1)}, {"ahead": "Pad"}])
def test_ahead_of_padding_the_offset_stays(crops: UInt8Array, pixels: PixelScale, padded: dict[str, Any]) -> None:
    given = take_bytes(float_graph(**padded), pixels)

    after = fold_into_first_convolution(given)

    assert operators(after).count("Add") == any(pixels.offsets)
    assert not {"Mul", "Gather"} & set(operators(after))
    np.testing.assert_allclose(run(after, crops), run(given, crops), rtol=1e-4, atol=1e-3)


def test_constants_that_nothing_reads_go() -> None:
    after = fold_into_first_convolution(take_bytes(float_graph(), NAMED_SCALES["caffe"]))

    assert {tensor.name for tensor in after.graph.initializer} == {"maps/weights", "maps/bias"}


def changed(model: onnx.ModelProto, name: str) -> onnx.ModelProto:
    """Return `model` whose bytes take another way than those that can be followed."""
    graph = model.graph
    if name == "a second reader":
        graph.node.append(helper.make_node("ReduceMax", ["pixels/levels"], ["most"], keepdims=0))
        graph.output.append(helper.make_tensor_value_info("most", TensorProto.FLOAT, []))
    elif name == "a scale of zero":
        next(tensor for tensor in graph.initializer if tensor.name == "pixels/Mul").CopyFrom(
            numpy_helper.from_array(np.zeros(3, np.float32), "pixels/Mul")
        )
    elif name == "an operator that bends":
        graph.node[2].CopyFrom(helper.make_node("Relu", list(graph.node[2].input[:1]), list(graph.node[2].output)))
    elif name == "a scale along the rows":
        rows = numpy_helper.from_array(np.ones((SIZE_PX, 1), np.float32), "pixels/Mul")
        next(tensor for tensor in graph.initializer if tensor.name == "pixels/Mul").CopyFrom(rows)
    return model


@pytest.mark.parametrize(
    "name", ["a second reader", "a scale of zero", "an operator that bends", "a scale along the rows"]
)
def test_what_cannot_be_followed_stays(name: str) -> None:
    given = changed(take_bytes(float_graph(), NAMED_SCALES["symmetric"]), name)

    after = fold_into_first_convolution(given)

    assert after.SerializeToString(deterministic=True) == given.SerializeToString(deterministic=True)


def test_the_given_model_is_left_alone() -> None:
    given = take_bytes(float_graph(), NAMED_SCALES["caffe"])
    bytes_before = given.SerializeToString(deterministic=True)

    fold_into_first_convolution(given)

    assert given.SerializeToString(deterministic=True) == bytes_before
