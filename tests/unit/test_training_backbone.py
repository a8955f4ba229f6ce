from pathlib import Path
from typing import Any

import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np
import pytest

from pipeline.errors import DownloadError, ExitCode, ModelError
from tests.networks import tiny_backbone
from training import backbone
from training.backbone import build_backbone, scaled_pixels
from training.config import Recipe, Scaling, Stage

RECIPE = Recipe(
    name="test",
    backbone="vgg19",
    weights="none",
    class_shares={"masked": 0.5, "incorrect": 0.3, "unmasked": 0.2},
    stages=(Stage(size_px=32, epochs=1),),
)
pytestmark = pytest.mark.filterwarnings(
    # Keras 3.15 with NumPy 2.4, each time that weights are saved.
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(backbone.BACKBONES, "vgg19", tiny_backbone)


def kernels(model: Any) -> list[np.ndarray[Any, Any]]:
    return [layer.kernel.numpy() for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]


@pytest.mark.parametrize(
    ("scaling", "reference"),
    [
        ("symmetric", keras.applications.mobilenet_v2.preprocess_input),
        ("torch", keras.applications.densenet.preprocess_input),
        ("caffe", keras.applications.vgg19.preprocess_input),
        ("unit", lambda pixels: pixels / 255),
    ],
)
def test_each_scaling_is_that_of_the_weights_it_is_named_for(scaling: Scaling, reference: Any) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3)).astype(np.uint8)

    scaled = keras.ops.convert_to_numpy(scaled_pixels(pixels, scaling))

    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, reference(pixels.astype(np.float32)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "scaling"),
    [
        ({"weights": "imagenet"}, "caffe"),
        ({"weights": "imagenet", "backbone": "densenet201"}, "torch"),
        ({"weights": "imagenet", "backbone": "mobilenetv2"}, "symmetric"),
        ({"weights": "some.weights.h5"}, "caffe"),
        ({"weights": "none"}, "symmetric"),
        ({"weights": "imagenet", "scaling": "unit"}, "unit"),
    ],
)
def test_a_recipe_without_scaling_takes_that_of_its_weights(changes: dict[str, str], scaling: Scaling) -> None:
    assert RECIPE.model_copy(update=changes).input_scaling == scaling


@pytest.mark.parametrize("name", ["w.weights.h5", "w.h5"])
def test_weights_come_from_a_file(tmp_path: Path, name: str) -> None:
    source = tiny_backbone(include_top=False, weights=None, input_shape=(None, None, 3))
    path = tmp_path / name
    if name == "w.h5":  # as ImageNet's are stored; Keras 3 reads these files and writes only newer ones
        keras.src.legacy.saving.legacy_h5_format.save_model_to_hdf5(source, str(path))
    else:
        source.save_weights(path)

    loaded = build_backbone(RECIPE.with_weights(str(path)))

    for found, wanted in zip(kernels(loaded), kernels(source), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_a_network_without_normalisation_starts_with_a_signal_that_lasts() -> None:
    """He's variance: two over the number of inputs of a unit; the seed says which draw."""
    first, second, other = (kernels(build_backbone(RECIPE.model_copy(update={"seed": seed})))[1] for seed in (1, 1, 2))

    assert first.std() == pytest.approx((2 / np.prod(first.shape[:3])) ** 0.5, rel=0.15)
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_a_frozen_backbone_has_nothing_to_train(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    tiny_backbone(include_top=False, weights=None, input_shape=(None, None, 3)).save_weights(path)
    frozen = RECIPE.model_copy(update={"weights": str(path), "freeze_backbone": True})

    assert build_backbone(frozen).trainable_variables == []
    assert build_backbone(frozen.with_weights("none")).trainable_variables


def test_a_download_that_fails_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(**_: Any) -> None:
        raise Exception("URL fetch failure on vgg19.h5: None -- [Errno -3] no name server\nmore")  # as Keras does

    monkeypatch.setitem(backbone.BACKBONES, "vgg19", unreachable)

    with pytest.raises(DownloadError, match=r"of vgg19 cannot be fetched .*no name server\): .*--weights none") as info:
        build_backbone(RECIPE.with_weights("imagenet"))
    assert info.value.exit_code == ExitCode.DOWNLOAD


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "which does not exist"), (b"no weights", "does not hold the weights of vgg19 without its top")],
)
def test_a_file_that_is_no_weights_says_so(tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "w.weights.h5"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ModelError, match=said):
        build_backbone(RECIPE.with_weights(str(path)))
