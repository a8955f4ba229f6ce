"""What every mask classifier promises, whatever the model and whatever it runs on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.inference.model_files import shipped_models
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.ports import MaskClassifier
from pipeline.types import STATE_COUNT, Scores, UInt8Array
from tests.models import tiny_model

Open = Callable[[Path], MaskClassifier]


def tiny_on_cpu(folder: Path) -> MaskClassifier:
    return open_classifier(tiny_model(folder), device="cpu", threads=1)


def tiny_on_four_threads(folder: Path) -> MaskClassifier:
    return open_classifier(tiny_model(folder), device="cpu", threads=4)


def two_classes_on_cpu(folder: Path) -> MaskClassifier:
    return open_classifier(tiny_model(folder, ("unmasked", "masked")), device="cpu", threads=1)


def tiny_on_gpu(folder: Path) -> MaskClassifier:
    return open_classifier(tiny_model(folder), device="cuda")


def shipped_on_cpu(_: Path) -> MaskClassifier:
    if not shipped_models():
        pytest.fail("no model is shipped in pipeline/assets")
    return open_classifier(device="cpu", threads=1)


def shipped_on_gpu(_: Path) -> MaskClassifier:
    return open_classifier(device="cuda")


@pytest.fixture(
    params=[
        tiny_on_cpu,
        tiny_on_four_threads,
        two_classes_on_cpu,
        shipped_on_cpu,
        pytest.param(tiny_on_gpu, marks=pytest.mark.needs_gpu),
        pytest.param(shipped_on_gpu, marks=pytest.mark.needs_gpu),
    ]
)
def classifier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MaskClassifier]:
    opened: MaskClassifier = request.param(tmp_path)
    yield opened
    opened.close()


def crops_for(classifier: MaskClassifier, count: int) -> UInt8Array:
    size = classifier.input_size_px
    smooth = np.random.default_rng(7).integers(0, 256, (count, 1, 1, 3))
    noise = np.random.default_rng(8).integers(-40, 41, (count, size, size, 3))
    return np.asarray((smooth + noise).clip(0, 255), np.uint8)


@pytest.mark.parametrize("count", [0, 1, 2, 5, 40])
def test_each_crop_gets_one_row(classifier: MaskClassifier, count: int) -> None:
    scores = classifier.classify(crops_for(classifier, count))

    assert scores.shape == (count, STATE_COUNT)
    assert scores.dtype == np.float32


def test_rows_are_probabilities(classifier: MaskClassifier) -> None:
    for row in classifier.classify(crops_for(classifier, 6)):
        Scores.from_array(row)


def test_a_row_does_not_depend_on_its_neighbours(classifier: MaskClassifier) -> None:
    crops = crops_for(classifier, 5)
    together = classifier.classify(crops)

    np.testing.assert_array_equal(classifier.classify(crops[::-1])[::-1], together)
    for crop, row in zip(crops, together, strict=True):
        np.testing.assert_array_equal(classifier.classify(crop[np.newaxis])[0], row)


def test_different_crops_get_different_scores(classifier: MaskClassifier) -> None:
    scores = classifier.classify(crops_for(classifier, 5))

    assert len(np.unique(scores, axis=0)) == 5


def test_a_view_that_is_not_contiguous_scores_as_its_copy(classifier: MaskClassifier) -> None:
    crops = crops_for(classifier, 4)[:, :, ::-1]

    np.testing.assert_array_equal(classifier.classify(crops), classifier.classify(crops.copy()))


def test_warming_up_changes_nothing(classifier: MaskClassifier) -> None:
    crops = crops_for(classifier, 2)
    before = classifier.classify(crops)
    classifier.warm_up()

    np.testing.assert_array_equal(classifier.classify(crops), before)


def test_the_crops_are_left_alone(classifier: MaskClassifier) -> None:
    crops = crops_for(classifier, 3)
    crops.flags.writeable = False

    classifier.classify(crops)


@pytest.mark.parametrize("change", ["size", "channels", "type", "dimensions"])
def test_other_arrays_are_refused(classifier: MaskClassifier, change: str) -> None:
    crops = crops_for(classifier, 2)
    wrong = {
        "size": crops[:, 1:],
        "channels": crops[..., :2],
        "type": crops.astype(np.float32),
        "dimensions": crops[0],
    }[change]

    with pytest.raises(ValueError, match="crops are"):
        classifier.classify(wrong)


def test_closing_twice_is_allowed(classifier: MaskClassifier) -> None:
    classifier.close()
    classifier.close()
