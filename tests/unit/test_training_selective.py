import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.types import Float32Array
from tests.verdicts import random_case
from training.selective import (
    MIN_CONFIDENCE,
    NO_ANSWER,
    at_threshold,
    binomial_upper_bound,
    guaranteed_threshold,
    risk_coverage,
    risk_threshold,
    unknown_threshold,
)


def of_confidences(*confidences: float) -> Float32Array:
    """Return (N, 3) probabilities whose first class has those."""
    return np.array([[value, 1 - value, 0] for value in confidences], np.float32)


def test_a_threshold_keeps_the_risk_and_answers_as_many_as_it_can() -> None:
    labels, probabilities = random_case()

    found = risk_threshold(labels, probabilities, risk=0.2)

    confidence, wrong = probabilities.max(axis=1), probabilities.argmax(axis=1) != labels
    answered = confidence >= found.confidence
    assert (answered.mean(), wrong[answered].mean()) == (found.coverage, found.risk)
    assert found.risk <= 0.2
    lower = np.unique(confidence[confidence < found.confidence])
    assert len(lower)
    assert all(wrong[confidence >= value].mean() > 0.2 for value in lower)


def test_no_threshold_is_found_where_the_surest_answer_is_wrong() -> None:
    assert risk_threshold(np.array([1, 1, 1]), of_confidences(0.9, 0.9, 0.9), risk=0.1) == NO_ANSWER


def test_faces_of_one_confidence_are_answered_together() -> None:
    assert risk_threshold(np.array([0, 0, 1, 1]), of_confidences(0.9, 0.9, 0.9, 0.9), risk=0.1) == NO_ANSWER


def test_a_floor_is_the_threshold_where_all_above_it_are_right() -> None:
    found = risk_threshold(np.array([0, 0, 1]), of_confidences(0.9, 0.8, 0.6), risk=0.1, at_least=0.7)

    assert (found.confidence, found.risk) == (0.7, 0)
    assert found.coverage == pytest.approx(2 / 3)


def test_a_floor_may_lie_where_the_risk_is_too_high() -> None:
    """Less is allowed from 0.7 on than from 0.6 on, where two more right answers come in."""
    labels, probabilities = np.array([0, 1, 0, 0]), of_confidences(0.9, 0.75, 0.62, 0.61)

    assert risk_threshold(labels, probabilities, risk=0.3).coverage == 1
    assert risk_threshold(labels, probabilities, risk=0.3, at_least=0.7).coverage == 0.25


def test_a_verdict_needs_half_of_the_confidence_even_where_all_are_right() -> None:
    found = unknown_threshold(np.array([0, 0]), np.array([[0.9, 0.1, 0], [0.4, 0.3, 0.3]], np.float32))

    assert (found.confidence, found.coverage, found.risk) == (MIN_CONFIDENCE, 0.5, 0)


def test_the_face_that_sets_the_threshold_is_answered() -> None:
    """Its confidence has more digits than a threshold is written with."""
    labels, probabilities = np.array([0] * 50 + [1] * 5), of_confidences(*[0.7 + 1e-7] * 50, *[0.6] * 5)

    found = unknown_threshold(labels, probabilities)

    assert found.confidence == 0.7
    assert found.coverage == pytest.approx(50 / 55)


def test_the_curve_of_a_small_case() -> None:
    curve = risk_coverage(np.array([0, 1, 0, 0]), of_confidences(0.9, 0.8, 0.8, 0.7))

    np.testing.assert_allclose(curve.thresholds, [0.9, 0.8, 0.7], rtol=1e-6)
    np.testing.assert_allclose(curve.coverages, [0.25, 0.75, 1])
    np.testing.assert_allclose(curve.risks, [0, 1 / 3, 1 / 4])
    assert curve.area == pytest.approx((0 + 2 / 3 + 1 / 4) / 4)


def test_the_area_does_not_depend_on_the_order_of_the_faces() -> None:
    labels, probabilities = random_case()
    probabilities = probabilities.round(1)
    order = np.random.default_rng(1).permutation(len(labels))

    assert risk_coverage(labels[order], probabilities[order]).area == pytest.approx(
        risk_coverage(labels, probabilities).area
    )


@given(st.integers(1, 200), st.floats(0, 1))
def test_the_answered_are_those_at_or_above_the_threshold(count: int, confidence: float) -> None:
    labels, probabilities = random_case(count)

    found = at_threshold(labels, probabilities, confidence)

    answered = probabilities.max(axis=1) >= confidence
    assert found.coverage == pytest.approx(answered.mean())
    assert found.risk <= found.highest_risk <= 1


def test_a_guarantee_costs_coverage() -> None:
    labels, probabilities = random_case(5000)

    plain, guaranteed = (find(labels, probabilities, 0.3) for find in (risk_threshold, guaranteed_threshold))

    assert 0 < guaranteed.coverage < plain.coverage
    assert guaranteed.risk < guaranteed.highest_risk <= 0.3


def test_few_faces_guarantee_nothing() -> None:
    assert guaranteed_threshold(np.zeros(20, np.int64), of_confidences(*np.linspace(0.5, 0.9, 20)), 0.03) == NO_ANSWER


def test_a_guarantee_holds_on_new_faces_as_often_as_it_says() -> None:
    risk, population = 0.3, random_case(50_000, seed=1)

    found = [guaranteed_threshold(*random_case(600, seed=seed + 2), risk) for seed in range(60)]

    broken = [at_threshold(*population, one.confidence).risk > risk for one in found]
    assert all(one.coverage > 0 for one in found)
    assert sum(broken) <= 0.05 * len(found)


def test_the_bound_is_that_of_the_rule_of_three() -> None:
    """Without a failure in n trials the 95 % bound is 1 - 0.05 ** (1 / n), about 3 / n."""
    assert binomial_upper_bound(0, 100) == pytest.approx(1 - 0.05**0.01)
    assert binomial_upper_bound(0, 0) == 1
    assert binomial_upper_bound(4, 4) == 1
