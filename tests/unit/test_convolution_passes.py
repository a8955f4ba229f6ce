import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types
import pytest
from onnx import helper, numpy_helper

from exporters.convolution_passes import pool_before_convolution, threshold_normalizations
from pipeline.types import Float32Array
from tests.networks import convolutional_graph, dense_graph


def run(model: onnx.ModelProto) -> Float32Array:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    crops = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    return np.asarray(session.run(None, {session.get_inputs()[0].name: crops})[0])


def operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def made(model: onnx.ModelProto, name: str) -> onnx.NodeProto:
    node: onnx.NodeProto = next(node for node in model.graph.node if name in node.output)
    return node


def test_the_mean_moves_ahead_of_a_convolution_of_single_pixels() -> None:
    before = dense_graph()

    after = pool_before_convolution(before)

    kinds = operators(after)
    assert kinds.index("AveragePool") == kinds.index("Concat") + 3
    assert kinds[kinds.index("AveragePool") + 1] == "Conv"
    onnx.checker.check_model(after, full_check=True)
    np.testing.assert_allclose(run(after), run(before), atol=1e-6)


@pytest.mark.parametrize("change", ["strides", "pads", "auto_pad", "read twice"])
def test_a_mean_that_is_not_of_the_same_pixels_stays(change: str) -> None:
    model = dense_graph()
    convolution, pooling = made(model, "halved"), made(model, "small")
    if change == "strides":
        convolution.attribute.append(helper.make_attribute("strides", [2, 2]))
    elif change == "pads":
        pooling.attribute.append(helper.make_attribute("pads", [1, 1, 1, 1]))
    elif change == "auto_pad":
        pooling.attribute.append(helper.make_attribute("auto_pad", "SAME_UPPER"))
    else:
        model.graph.output.append(helper.make_tensor_value_info("halved", onnx.TensorProto.FLOAT, None))

    assert operators(pool_before_convolution(model)) == operators(model)


@pytest.mark.parametrize("is_pooled_first", [False, True])
def test_normalisations_ahead_of_convolutions_become_thresholds(is_pooled_first: bool) -> None:
    before = pool_before_convolution(dense_graph()) if is_pooled_first else dense_graph()

    after = threshold_normalizations(before)

    assert operators(after).count("Max") == 3
    # The last one has no convolution behind it to take its factors.
    assert operators(after).count("BatchNormalization") == 1
    assert operators(after).count("Relu") == 2
    onnx.checker.check_model(after, full_check=True)
    np.testing.assert_allclose(run(after), run(before), atol=1e-6)


def test_a_normalisation_ahead_of_a_padded_convolution_stays_behind_its_threshold() -> None:
    before = dense_graph()
    made(before, "narrow").attribute.append(helper.make_attribute("pads", [1, 1, 1, 1]))
    made(before, "new").attribute.remove(next(one for one in made(before, "new").attribute if one.name == "pads"))

    after = threshold_normalizations(before)

    assert operators(after).count("BatchNormalization") == 2
    np.testing.assert_allclose(run(after), run(before), atol=1e-6)


def test_a_factor_that_is_not_positive_stays() -> None:
    model = dense_graph()
    factors = next(tensor for tensor in model.graph.initializer if tensor.name == "pooled/a")
    changed = numpy_helper.to_array(factors).copy()
    changed[2] = -changed[2]
    factors.CopyFrom(numpy_helper.from_array(changed, "pooled/a"))

    after = threshold_normalizations(model)

    assert operators(after).count("Max") == 2
    np.testing.assert_allclose(run(after), run(model), atol=1e-6)


def test_a_normalisation_with_statistics_of_its_own_stays() -> None:
    model = dense_graph()
    next(tensor for tensor in model.graph.initializer if tensor.name == "block/m").CopyFrom(
        numpy_helper.from_array(np.full(12, 0.1, np.float32), "block/m")
    )

    assert operators(threshold_normalizations(model)).count("Max") == 2


def test_the_given_model_is_left_alone() -> None:
    given = dense_graph()
    bytes_before = given.SerializeToString(deterministic=True)

    threshold_normalizations(pool_before_convolution(given))

    assert given.SerializeToString(deterministic=True) == bytes_before


def test_a_network_without_such_parts_is_the_same() -> None:
    model = convolutional_graph()

    assert threshold_normalizations(pool_before_convolution(model)) == model
