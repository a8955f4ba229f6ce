import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]  # ships no types
import pytest
from onnx import helper, numpy_helper

from exporters.graph_passes import rename_ends, restore_batch_normalization, without_unused_constants
from pipeline.errors import ModelError
from pipeline.types import Float32Array
from tests.networks import convolutional_graph


def run(model: onnx.ModelProto) -> Float32Array:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    crops = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    return np.asarray(session.run(None, {session.get_inputs()[0].name: crops})[0])


def operators(model: onnx.ModelProto) -> list[str]:
    return [node.op_type for node in model.graph.node]


def test_a_normalisation_written_as_two_operators_becomes_one() -> None:
    before = convolutional_graph()

    after = restore_batch_normalization(before)

    assert operators(after).count("BatchNormalization") == 1
    assert "Add" not in operators(after)
    onnx.checker.check_model(after, full_check=True)
    np.testing.assert_allclose(run(after), run(before), atol=1e-6)


def test_the_given_model_is_left_alone() -> None:
    given = convolutional_graph()
    bytes_before = given.SerializeToString(deterministic=True)

    restore_batch_normalization(given)

    assert given.SerializeToString(deterministic=True) == bytes_before


def test_a_product_that_something_else_reads_too_stays() -> None:
    model = convolutional_graph()
    relu = next(node for node in model.graph.node if node.op_type == "Relu")
    relu.input[0] = "sum"
    model.graph.node.insert(6, helper.make_node("Add", ["normal", "stretched"], ["sum"]))

    after = restore_batch_normalization(model)

    assert "BatchNormalization" not in operators(after)
    np.testing.assert_array_equal(run(after), run(model))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1, 16), (1, 1, 1, 1), (6, 1, 16), (1, 6, 16, 16)])
def test_a_shift_that_is_not_per_channel_stays(shape: tuple[int, ...]) -> None:
    model = convolutional_graph()
    shift = next(tensor for tensor in model.graph.initializer if tensor.name == "shift")
    shift.CopyFrom(numpy_helper.from_array(np.full(shape, 0.5, np.float32), "shift"))

    assert "BatchNormalization" not in operators(restore_batch_normalization(model))


def test_constants_without_a_reader_are_dropped() -> None:
    model = convolutional_graph()
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(3, np.float32), "nobody"))

    names = {tensor.name for tensor in without_unused_constants(model).graph.initializer}

    assert names == {"per_level", "first", "scale", "shift", "second"}


def test_ends_are_renamed_and_take_any_number_of_rows() -> None:
    before = convolutional_graph()

    after = rename_ends(before, "bytes", "shares")

    assert [end.name for end in (*after.graph.input, *after.graph.output)] == ["bytes", "shares"]
    assert after.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "N"
    np.testing.assert_array_equal(run(after), run(before))


def test_a_second_output_is_refused() -> None:
    model = convolutional_graph()
    model.graph.output.append(model.graph.output[0])

    with pytest.raises(ModelError, match="one input and one output, got 1 and 2"):
        rename_ends(model, "bytes", "shares")
