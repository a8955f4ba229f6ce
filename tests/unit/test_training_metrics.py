import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference  # type: ignore[import-untyped]  # ships no types

from tests.verdicts import random_case
from training.crops import softmax
from training.metrics import (
    accuracy_of,
    brier_score,
    confidence_bins,
    confusion,
    expected_calibration_error,
    macro_f1,
    macro_f1_of,
    masked_against_rest,
    negative_log_likelihood,
    precision_recall,
    two_class_hits,
)

ANSWERS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60)


@given(ANSWERS)
def test_figures_are_those_of_scikit_learn(answers: list[tuple[int, int]]) -> None:
    labels, predicted = (np.array(column) for column in zip(*answers, strict=True))
    matrix = confusion(labels, predicted, 3)
    precision, recall = precision_recall(matrix)
    options = {"labels": [0, 1, 2], "average": None, "zero_division": 0}

    np.testing.assert_array_equal(matrix, reference.confusion_matrix(labels, predicted, labels=[0, 1, 2]))
    np.testing.assert_allclose(precision, reference.precision_score(labels, predicted, **options))
    np.testing.assert_allclose(recall, reference.recall_score(labels, predicted, **options))
    assert macro_f1(labels, predicted, 3) == pytest.approx(
        reference.f1_score(labels, predicted, average="macro", zero_division=0)
    )


def test_cross_entropy_is_that_of_scikit_learn() -> None:
    labels, probabilities = random_case()

    for temperature in (1.0, 2.5):
        expected = reference.log_loss(labels, softmax(np.asarray(np.log(probabilities) / temperature, np.float32)))
        assert negative_log_likelihood(labels, np.log(probabilities), temperature) == pytest.approx(expected, rel=1e-4)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    probabilities = np.array([[0.8, 0.1, 0.1]] * 10, np.float32)
    labels = np.array([0] * 5 + [1] * 5)

    assert expected_calibration_error(labels, probabilities, bins=1) == pytest.approx(0.3)


def test_calibration_error_counts_both_directions() -> None:
    probabilities = np.array([[0.6, 0.4, 0]] * 4 + [[0.9, 0.1, 0]] * 4, np.float32)
    labels = np.array([0, 0, 0, 0, 0, 0, 1, 1])

    assert expected_calibration_error(labels, probabilities, bins=2) == pytest.approx(0.4)


def test_calibration_error_does_not_depend_on_the_order_of_the_faces() -> None:
    labels, probabilities = random_case()
    probabilities = probabilities.round(1)  # many faces of one confidence
    order = np.random.default_rng(1).permutation(len(labels))

    shuffled = expected_calibration_error(labels[order], probabilities[order])

    assert shuffled == pytest.approx(expected_calibration_error(labels, probabilities))


@given(st.integers(1, 200), st.integers(1, 20))
def test_bins_hold_every_face_once_and_as_evenly_as_can_be(count: int, bins: int) -> None:
    labels, probabilities = random_case(count)

    found = confidence_bins(labels, probabilities, bins)

    assert sum(part.faces for part in found) == count
    assert max(part.faces for part in found) - min(part.faces for part in found) <= 1
    assert len(found) == min(bins, count)
    assert [part.confidence for part in found] == sorted(part.confidence for part in found)


def test_one_confidence_is_one_bin() -> None:
    probabilities = np.array([[0.75, 0.25, 0]] * 8, np.float32)

    (part,) = confidence_bins(np.array([0, 1] * 4), probabilities, bins=5)

    assert (part.faces, part.confidence, part.accuracy) == (8, 0.75, 0.5)


def test_the_brier_score_of_a_certainty_is_0_or_2() -> None:
    certain = np.eye(3, dtype=np.float32)

    assert brier_score(np.array([0, 1, 2]), certain) == 0
    assert brier_score(np.array([1, 2, 0]), certain) == 2


def test_the_brier_score_is_that_of_scikit_learn() -> None:
    labels, probabilities = random_case()

    expected = reference.brier_score_loss(labels, probabilities, labels=[0, 1, 2])
    assert brier_score(labels, probabilities) == pytest.approx(expected, rel=1e-5)


def test_two_classes_are_told_apart_whatever_the_third_gets() -> None:
    probabilities = np.array([[0.3, 0.6, 0.1], [0.1, 0.6, 0.3], [0.2, 0.6, 0.2], [0.9, 0.1, 0]], np.float32)

    is_judged, is_told = two_class_hits(np.array([0, 0, 2, 1]), probabilities)

    assert is_judged.tolist() == [True, True, True, False]
    assert is_told.tolist() == [True, False, True, False]


def test_against_the_rest_a_mask_worn_wrongly_is_not_masked() -> None:
    assert masked_against_rest(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 2, 1, 2])) == pytest.approx(4 / 6)


@given(st.lists(ANSWERS, min_size=1, max_size=5))
def test_stacked_confusions_give_what_each_gives(cases: list[list[tuple[int, int]]]) -> None:
    columns = [np.array(answers).T for answers in cases]
    stacked = np.stack([confusion(labels, said, 3) for labels, said in columns])

    np.testing.assert_allclose(macro_f1_of(stacked), np.array([macro_f1(labels, said, 3) for labels, said in columns]))
    np.testing.assert_allclose(accuracy_of(stacked), np.array([(labels == said).mean() for labels, said in columns]))
