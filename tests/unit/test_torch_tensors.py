"""Tensors come out of files of `torch.save`; nothing in such a file is ever run."""

import os
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.types import Float32Array
from tests.torch_files import legacy_file, module, pushed, tensor, tree, zip_file
from training.torch_tensors import read_tree, tensors_of

FORMATS = [zip_file, legacy_file]
Write = Callable[[bytes, Mapping[str, Float32Array]], bytes]
ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.mark.parametrize("write", FORMATS)
def test_a_state_dict_is_read_in_its_order(write: Write) -> None:
    bias = np.array([7, 8], np.float32)
    data = write(tree({"weight": tensor("1", ARRAY), "bias": tensor("0", bias)}), {"1": ARRAY, "0": bias})

    found = tensors_of(read_tree(data))

    assert list(found) == ["weight", "bias"]
    np.testing.assert_array_equal(found["weight"], ARRAY)
    np.testing.assert_array_equal(found["bias"], bias)


@pytest.mark.parametrize("write", FORMATS)
def test_a_pickled_module_keeps_its_tensors_and_loses_its_behaviour(write: Write) -> None:
    layer = module("torch.nn\nLinear", tree({"_parameters": tree({"weight": tensor("0", ARRAY), "bias": b"N"})}))
    learner = module("fastai.basic_train\nLearner", tree({"training": b"\x88", "_modules": tree({"0": layer})}))

    found = tensors_of(read_tree(write(learner, {"0": ARRAY})))

    assert list(found) == ["0.weight"]
    np.testing.assert_array_equal(found["0.weight"], ARRAY)


def test_a_view_starts_and_steps_where_it_says() -> None:
    view = np.zeros(2, np.float32)
    data = zip_file(tree({"column": tensor("0", view, offset=1, steps=(3,))}), {"0": ARRAY})

    np.testing.assert_array_equal(tensors_of(read_tree(data))["column"], ARRAY[:, 1])


@pytest.mark.parametrize(("offset", "steps"), [(1, (3, 1)), (0, (4, 1)), (-1, (3, 1)), (3, (-3, 1))])
def test_a_view_beyond_its_storage_is_refused(offset: int, steps: tuple[int, ...]) -> None:
    data = zip_file(tree({"outside": tensor("0", ARRAY, offset, steps)}), {"0": ARRAY})

    with pytest.raises(ModelError, match="reaches beyond its 6 stored values"):
        tensors_of(read_tree(data))


class Command:
    """Unpickled by anything that trusts a pickle, it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self._folder),)


@pytest.mark.parametrize("write", FORMATS)
def test_a_pickle_that_would_run_something_is_refused(write: Write, tmp_path: Path) -> None:
    made = tmp_path / "made"
    pickle.loads(pickle.dumps(Command(made), 2))
    assert made.is_dir(), "the pickle is harmless: the test shows nothing"
    made.rmdir()

    with pytest.raises(ModelError, match=r"refused to load .* names (posix|nt)\.mkdir"):
        read_tree(write(tree({"weight": pushed(Command(made))}), {}))

    assert not made.exists()


@pytest.mark.parametrize("name", ["builtins\neval", "__builtin__\neval", "copyreg\n_reconstructor", "numpy\nload"])
def test_names_outside_torch_are_refused(name: str) -> None:
    with pytest.raises(ModelError, match="refused to load a file of tensors that names"):
        read_tree(zip_file(b"c" + name.encode() + b"\n", {}))


@pytest.mark.parametrize("name", ["torch.hub\nload", "fastai.basics\nload_learner", "functools\npartial"])
def test_a_function_of_torch_does_nothing(name: str, tmp_path: Path) -> None:
    called = b"c" + name.encode() + b"\n(" + pushed(str(tmp_path)) + b"tR"

    assert tensors_of(read_tree(zip_file(tree({"trap": called}), {}))) == {}


def test_storages_of_other_types_are_named() -> None:
    pickled = tensor("0", ARRAY).replace(b"FloatStorage", b"HalfStorage")

    with pytest.raises(ModelError, match="cannot read tensors of HalfStorage"):
        read_tree(zip_file(pickled, {"0": ARRAY}))


@pytest.mark.parametrize("data", [b"", b"hello", pickle.dumps(1, 2) * 3, zip_file(tree({}), {})[:-4]])
def test_another_file_is_named_as_such(data: bytes) -> None:
    with pytest.raises(ModelError, match=r"not a file of torch\.save"):
        read_tree(data)
