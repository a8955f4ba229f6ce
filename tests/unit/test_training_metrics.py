import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as reference  # type: ignore[import-untyped]  # ships no types

from pipeline.types import Float32Array
from training.crops import softmax
from training.metrics import (
    confusion,
    expected_calibration_error,
    macro_f1,
    negative_log_likelihood,
    precision_recall,
    risk_threshold,
)

ANSWERS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60)


def random_case(count: int = 200) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Float32Array]:
    """Return labels and probabilities that are right more often than not."""
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 3, count)
    logits = rng.normal(0, 1, (count, 3)).astype(np.float32)
    logits[np.arange(count), labels] += 1
    return labels, softmax(logits)


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


def test_a_threshold_keeps_the_risk_and_answers_as_many_as_it_can() -> None:
    labels, probabilities = random_case()

    threshold, coverage = risk_threshold(labels, probabilities, risk=0.2)

    confidence, wrong = probabilities.max(axis=1), probabilities.argmax(axis=1) != labels
    answered = confidence >= threshold
    assert answered.mean() == coverage
    assert wrong[answered].mean() <= 0.2
    lower = np.unique(confidence[confidence < threshold])
    assert all(wrong[confidence >= value].mean() > 0.2 for value in lower)


def test_no_threshold_is_found_where_the_surest_answer_is_wrong() -> None:
    probabilities = np.array([[0.9, 0.1, 0]] * 3, np.float32)

    assert risk_threshold(np.array([1, 1, 1]), probabilities, risk=0.1) == (1.0, 0.0)


def test_faces_of_one_confidence_are_answered_together() -> None:
    probabilities = np.array([[0.9, 0.1, 0]] * 4, np.float32)

    assert risk_threshold(np.array([0, 0, 1, 1]), probabilities, risk=0.1) == (1.0, 0.0)
