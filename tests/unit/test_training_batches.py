import keras  # type: ignore[import-untyped]  # ships no types
import numpy as np
import pytest

from pipeline.types import Box
from tests.faces import FACE_BOX, face_picture
from training.batches import AugmentedBatches, drawing_weights
from training.config import Recipe, Stage
from training.faces import LabelledFace
from training.fit import SmoothedCrossEntropy, WarmupCosine

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
    batches = AugmentedBatches(MIXED, np.full(20, 0.05), RECIPE, epoch=0)

    assert len(batches) == 8
    crops, labels = batches[7]
    assert crops.shape == (4, 32, 32, 3)
    assert crops.dtype == np.uint8
    assert labels.shape == (4,)


def test_each_face_comes_as_often_as_its_weight_asks() -> None:
    batches = AugmentedBatches(MIXED, np.full(20, 0.05), RECIPE, epoch=0)

    drawn = np.bincount(batches._order, minlength=20)

    assert drawn.sum() == 32
    assert set(drawn) == {1, 2}


def test_a_batch_depends_on_epoch_and_index_alone() -> None:
    weights = np.full(20, 0.05)
    first, again, later = (AugmentedBatches(MIXED, weights, RECIPE, epoch) for epoch in (0, 0, 1))
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
    logits = np.array([[2.0, 0.0, -1.0]], np.float32)
    log_probabilities = logits[0] - np.log(np.exp(logits[0]).sum())

    loss = SmoothedCrossEntropy(3, smoothing=0.3)(np.array([1]), logits)

    assert float(keras.ops.convert_to_numpy(loss)) == pytest.approx(-(log_probabilities @ [0.1, 0.8, 0.1]), rel=1e-5)
