import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types
import pytest
from onnx import TensorProto, helper, numpy_helper

from exporters.graph_passes import restore_batch_normalization
from exporters.half_precision import largest_magnitude, to_half
from pipeline.errors import ModelError
from pipeline.types import Float32Array, UInt8Array
from tests.networks import convolutional_graph


@pytest.fixture
def crops() -> UInt8Array:
    return np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)


def run(model: onnx.ModelProto, crops: UInt8Array) -> Float32Array:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"pixels": crops})[0])


def test_weights_are_halves_and_both_ends_stay(crops: UInt8Array) -> None:
    given = restore_batch_normalization(convolutional_graph())

    half = to_half(given)

    assert {tensor.data_type for tensor in half.graph.initializer} == {TensorProto.FLOAT16}
    assert half.graph.input[0] == given.graph.input[0]
    assert half.graph.output[0] == given.graph.output[0]
    assert "BatchNormalization" in [node.op_type for node in half.graph.node]
    np.testing.assert_allclose(run(half, crops), run(given, crops), atol=5e-3)


def test_the_softmax_computes_in_32_bits(crops: UInt8Array) -> None:
    half = to_half(convolutional_graph())

    softmax = half.graph.node[-1]
    (cast,) = [node for node in half.graph.node if softmax.input[0] in node.output]
    assert (softmax.op_type, cast.op_type) == ("Softmax", "Cast")
    assert helper.get_attribute_value(cast.attribute[0]) == TensorProto.FLOAT
    np.testing.assert_allclose(run(half, crops).sum(axis=1), 1, atol=1e-6)


def test_the_file_is_half_as_large() -> None:
    given = convolutional_graph()
    weights = np.random.default_rng(1).normal(0, 0.1, (3, 6, 64, 64)).astype(np.float32)
    next(tensor for tensor in given.graph.initializer if tensor.name == "second").CopyFrom(
        numpy_helper.from_array(weights, "second")
    )
    sizes = [len(model.SerializeToString()) for model in (given, _without_check(given))]

    assert sizes[1] < 0.51 * sizes[0]


def _without_check(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the half model of a graph whose second kernel is larger than its picture: it is only weighed."""
    model.graph.node[7].attribute[0].CopyFrom(helper.make_attribute("kernel_shape", [64, 64]))
    model.graph.node[7].attribute.append(helper.make_attribute("pads", [32, 32, 32, 32]))
    return to_half(model)


def test_the_given_model_is_left_alone() -> None:
    given = convolutional_graph()
    bytes_before = given.SerializeToString(deterministic=True)

    to_half(given)

    assert given.SerializeToString(deterministic=True) == bytes_before


def test_a_graph_without_probabilities_is_refused() -> None:
    given = convolutional_graph()
    given.graph.node[-1].CopyFrom(helper.make_node("Identity", ["logits"], ["probabilities"]))

    with pytest.raises(ModelError, match="end in one softmax or sigmoid"):
        to_half(given)


def test_the_largest_magnitude_is_that_of_any_tensor_inside(crops: UInt8Array) -> None:
    assert largest_magnitude(convolutional_graph(), np.full_like(crops, 255)) >= 255
    given = convolutional_graph()
    bright = numpy_helper.from_array(np.array(-300, np.float32), "per_level")
    next(tensor for tensor in given.graph.initializer if tensor.name == "per_level").CopyFrom(bright)

    assert largest_magnitude(given, np.full_like(crops, 255)) >= 300 * 255
