import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.types import Box, Float32Array, UInt8Array
from tests.faces import FACE_BOX, face_picture
from training.batches import AugmentedBatches, Pool, drawing_weights
from training.config import Pasting, Recipe, Stage
from training.faces import LabelledFace
from training.fit import WarmupCosine
from training.mask_paste import MaskPaster
from training.targets import smoothed

SHARES = (0.5, 0.3, 0.2)
RECIPE = Recipe(
    name="test",
    weights="none",
    batch_size=4,
    images_per_epoch=30,
    class_shares={"masked": 0.5, "incorrect": 0.3, "unmasked": 0.2},
    stages=(Stage(size_px=32, epochs=2),),
)


def faces_of(counts: dict[tuple[int, str], int]) -> list[LabelledFace]:
    """Return `counts[label, source]` faces each."""
    picture = face_picture("masked", 0)
    return [
        LabelledFace(f"{label}-{source}-{index}", picture, Box(*FACE_BOX), label, source, group="")
        for (label, source), count in counts.items()
        for index in range(count)
    ]


MIXED = faces_of({(0, "a"): 8, (0, "b"): 2, (1, "a"): 3, (2, "b"): 7})


def pool_of(faces: list[LabelledFace], weights: NDArray[np.float64], teacher_share: float = 0.0) -> Pool:
    shares = np.full(len(faces), teacher_share, np.float32)
    return Pool(faces, weights, shares, MaskPaster(faces, weights, Pasting()))


EVEN = pool_of(MIXED, np.full(20, 0.05))


def one_sided(crops: UInt8Array) -> Float32Array:
    """Say of every crop that it is of the last class."""
    return np.tile(np.array([0, 0, 1], np.float32), (len(crops), 1))


def test_classes_are_drawn_by_their_shares() -> None:
    weights = drawing_weights(MIXED, [1.0] * len(MIXED), SHARES, source_exponent=0.6)

    labels = np.array([face.label for face in MIXED])
    assert [weights[labels == label].sum() for label in range(3)] == pytest.approx(SHARES)


@pytest.mark.parametrize(("exponent", "share_of_a"), [(1.0, 0.8), (0.0, 0.5), (0.5, 2 / 3)])
def test_sources_inside_a_class_are_drawn_by_their_count_to_a_power(exponent: float, share_of_a: float) -> None:
    weights = drawing_weights(MIXED, [1.0] * len(MIXED), SHARES, exponent)

    assert weights[:8].sum() / weights[:10].sum() == pytest.approx(share_of_a)


def test_the_weight_of_a_split_counts_inside_its_class() -> None:
    weights = drawing_weights(MIXED, [3.0] + [1.0] * (len(MIXED) - 1), SHARES, source_exponent=1.0)

    assert weights[0] == pytest.approx(3 * weights[1])
    assert weights.sum() == pytest.approx(1)


def test_a_class_that_is_absent_leaves_its_share_to_the_others() -> None:
    two = faces_of({(0, "a"): 2, (2, "a"): 2})

    assert drawing_weights(two, [1.0] * 4, SHARES, 1.0) == pytest.approx([0.25 / 0.7] * 2 + [0.1 / 0.7] * 2)


def test_an_epoch_is_whole_batches_of_the_stage_s_size() -> None:
    batches = AugmentedBatches(EVEN, RECIPE, epoch=0)

    assert len(batches) == 8
    crops, targets = batches[7]
    assert crops.shape == (4, 32, 32, 3)
    assert crops.dtype == np.uint8
    assert targets.shape == (4, 3)
    assert targets.sum(axis=1) == pytest.approx(np.ones(4))


def test_each_face_comes_as_often_as_its_weight_asks() -> None:
    batches = AugmentedBatches(EVEN, RECIPE, epoch=0)

    drawn = np.bincount(batches._order, minlength=20)

    assert drawn.sum() == 32
    assert set(drawn) == {1, 2}


def test_a_batch_depends_on_epoch_and_index_alone() -> None:
    first, again, later = (AugmentedBatches(EVEN, RECIPE, epoch) for epoch in (0, 0, 1))
    first[0]

    np.testing.assert_array_equal(first[3][0], again[3][0])
    assert not np.array_equal(first[3][0], later[3][0])


def test_the_rate_warms_up_then_falls_to_a_hundredth() -> None:
    rate = WarmupCosine(peak=2.0, warmup_steps=10, total_steps=110)

    assert [float(rate(step)) for step in (0, 5, 10, 60, 110, 200)] == pytest.approx(
        [0, 1, 2, 1.01, 0.02, 0.02], abs=1e-5
    )
    assert WarmupCosine.from_config(rate.get_config()).get_config() == rate.get_config()


def test_smoothing_moves_a_share_of_the_target_to_all_classes() -> None:
    assert smoothed(np.array([1, 0]), 3, smoothing=0.3) == pytest.approx(np.array([[0.1, 0.8, 0.1], [0.8, 0.1, 0.1]]))


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_a_teacher_has_its_share_in_the_target(share: float) -> None:
    alone = AugmentedBatches(EVEN, RECIPE, epoch=0)[0]
    taught = AugmentedBatches(pool_of(MIXED, EVEN.weights, share), RECIPE, 0, one_sided)[0]

    np.testing.assert_array_equal(taught[0], alone[0])
    assert taught[1] == pytest.approx((1 - share) * alone[1] + share * np.array([[0, 0, 1]]))
