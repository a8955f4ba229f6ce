from typing import Any

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from exporters.convolution_passes import pool_before_convolution
from exporters.integer_network import integer_network
from exporters.quantization import quantize
from pipeline.types import Float32Array, UInt8Array
from tests.networks import convolutional_graph, dense_graph

BETWEEN_CONVOLUTIONS = {"QLinearConv", "Max", "Concat", "Pad", "MaxPool"}


@pytest.fixture(scope="module")
def crops() -> UInt8Array:
    rng = np.random.default_rng(0)
    smooth = rng.integers(0, 256, (24, 4, 4, 3)).repeat(4, axis=1).repeat(4, axis=2)
    return np.asarray((smooth + rng.integers(-20, 21, (24, 16, 16, 3))).clip(0, 255), np.uint8)


def run(model: onnx.ModelProto, crops: UInt8Array) -> Float32Array:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"pixels": crops})[0])


def operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def constants_of(model: onnx.ModelProto, kind: int) -> list[NDArray[Any]]:
    return [numpy_helper.to_array(one) for one in model.graph.initializer if one.data_type == kind]


def integers_of(model: onnx.ModelProto, crops: UInt8Array) -> onnx.ModelProto:
    made = integer_network(model, crops)
    assert made is not None
    return made


@pytest.mark.parametrize("is_pooled_first", [False, True])
def test_it_scores_as_the_floats_do(crops: UInt8Array, is_pooled_first: bool) -> None:
    given = pool_before_convolution(dense_graph()) if is_pooled_first else dense_graph()

    floats, integers = run(given, crops), run(integers_of(given, crops), crops)

    assert np.ptp(floats, axis=0).max() > 0.25, "the crops have to differ for this to tell anything"
    np.testing.assert_allclose(integers, floats, atol=0.02)


def test_nothing_between_its_convolutions_is_in_floats(crops: UInt8Array) -> None:
    kinds = operators(integers_of(dense_graph(), crops))

    first, last = kinds.index("QLinearConv"), len(kinds) - kinds[::-1].index("QLinearConv")
    assert set(kinds[first:last]) <= BETWEEN_CONVOLUTIONS
    # Four convolutions, and the mean of the transition.
    assert kinds.count("QLinearConv") == 5
    assert "Conv" not in kinds


def test_weights_have_seven_bits(crops: UInt8Array) -> None:
    weights = [one for one in constants_of(integers_of(dense_graph(), crops), TensorProto.INT8) if one.ndim == 4]

    assert max(int(np.abs(one.astype(int)).max()) for one in weights) == 63


def test_a_row_does_not_depend_on_its_neighbours_to_the_bit(crops: UInt8Array) -> None:
    model = integers_of(dense_graph(), crops)

    alone = np.concatenate([run(model, crop[np.newaxis]) for crop in crops])

    np.testing.assert_array_equal(run(model, crops), alone)


def test_a_channel_far_larger_than_the_others_costs_them_nothing(crops: UInt8Array) -> None:
    given = dense_graph()
    for tensor in given.graph.initializer:
        if tensor.name in {"new/w", "new/b"}:
            values = numpy_helper.to_array(tensor).copy()
            values[0] *= 1000
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
        elif tensor.name == "block/a":
            values = numpy_helper.to_array(tensor).copy()
            values[8] /= 1000
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))

    np.testing.assert_allclose(run(integers_of(given, crops), crops), run(given, crops), atol=0.02)


@pytest.mark.parametrize("change", ["grouped", "negative factor", "padded"])
def test_a_network_with_a_convolution_that_bytes_cannot_do_is_none(crops: UInt8Array, change: str) -> None:
    model = dense_graph()
    if change == "grouped":
        node = next(one for one in model.graph.node if "narrow" in one.output)
        node.attribute.append(helper.make_attribute("group", 8))
        weights = next(one for one in model.graph.initializer if one.name == "narrow/w")
        weights.CopyFrom(numpy_helper.from_array(np.ones((8, 1, 1, 1), np.float32), "narrow/w"))
    elif change == "padded":
        node = next(one for one in model.graph.node if "narrow" in one.output)
        node.attribute.append(helper.make_attribute("pads", [1, 1, 1, 1]))
        next(one for one in model.graph.node if "new" in one.output).attribute.pop()
    else:
        factors = next(one for one in model.graph.initializer if one.name == "pooled/a")
        factors.CopyFrom(numpy_helper.from_array(-numpy_helper.to_array(factors), "pooled/a"))

    assert integer_network(model, crops) is None


def test_another_network_gets_its_convolutions_quantised_alone(crops: UInt8Array) -> None:
    given = convolutional_graph()

    quantized = quantize(given, crops)

    assert {"QuantizeLinear", "DequantizeLinear", "Conv"} <= set(operators(quantized))
    np.testing.assert_allclose(run(quantized, crops), run(given, crops), atol=0.05)
