"""Heads on frozen embeddings: what they minimise, and what each remedy for a rare class makes of the samples."""

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import ConfigError
from training.config import Recipe
from training.heads import Budget, Head, Objective, Standardisation, fit_head, head_gradient, inverse_frequencies
from training.remedies import REMEDIES, Sample, class_weights, focal_loss, nothing, smote

RECIPE = Recipe.model_validate(
    {
        "name": "heads",
        "class_shares": {"masked": 0.4, "incorrect": 0.2, "unmasked": 0.4},
        "stages": [{"size_px": 32, "epochs": 1}],
        "balance": {"neighbors": 3},
    }
)
COUNTS = (40, 5, 20)
SHORT = Budget(steps=300, batch_size=32)


def clusters(spread: float = 0.5) -> Sample:
    """Return three clusters in five dimensions, as many rows as `COUNTS` says."""
    rng = np.random.default_rng(1)
    labels = np.repeat(np.arange(3), COUNTS)
    centres = 2 * np.eye(3, 5)
    return Sample((centres[labels] + rng.normal(0, spread, (len(labels), 5))).astype(np.float32), labels)


def loss(weights: NDArray[np.float64], sample: Sample, objective: Objective) -> float:
    """Return the objective by its formula, in double precision."""
    logits = sample.embeddings.astype(float) @ weights[:-1] + weights[-1]
    chosen = (np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))[np.arange(len(logits)), sample.labels]
    each = objective.class_weights[sample.labels] * -((1 - chosen) ** objective.focal_gamma) * np.log(chosen)
    return float(each.mean() + objective.l2 / 2 * np.square(weights[:-1]).sum())


@pytest.mark.parametrize("focal_gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("class_weights", [(1, 1, 1), (0.5, 4, 1)])
def test_the_gradient_is_that_of_the_formula(focal_gamma: float, class_weights: tuple[float, ...]) -> None:
    sample, step = clusters(), 1e-5
    objective = Objective(np.array(class_weights, np.float32), focal_gamma, l2=0.1)
    weights = np.random.default_rng(2).normal(0, 1, (6, 3))
    found = head_gradient(weights.astype(np.float32), sample.embeddings, sample.labels, objective)

    for place in np.ndindex(weights.shape):
        change = np.zeros_like(weights)
        change[place] = step
        slope = (loss(weights + change, sample, objective) - loss(weights - change, sample, objective)) / (2 * step)
        assert found[place] == pytest.approx(slope, abs=1e-4)


@pytest.mark.parametrize("name", REMEDIES)
def test_every_remedy_tells_clusters_apart(name: str) -> None:
    sample, objective = REMEDIES[name](clusters(), RECIPE, 1)

    head = fit_head(sample.embeddings, sample.labels, objective, Budget(steps=1500, batch_size=32), seed=1)

    given = clusters()
    assert (head.predicted(given.embeddings) == given.labels).mean() > 0.9


def test_a_seed_is_a_head() -> None:
    sample, objective = nothing(clusters(), RECIPE, 1)
    first, again, other = (
        fit_head(sample.embeddings, sample.labels, objective, SHORT, seed).kernel for seed in (1, 1, 2)
    )

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_scaling_is_folded_into_the_head() -> None:
    raw = np.random.default_rng(3).normal((1, 100), (0.1, 50), (200, 2)).astype(np.float32)
    scaling = Standardisation.of(raw)
    head = Head(np.array([[1, -1], [0.5, 2]], np.float32), np.array([0.3, -0.3], np.float32))

    scaled, folded = scaling.applied(raw), scaling.folded_into(head)

    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-4)
    np.testing.assert_allclose(raw @ folded.kernel + folded.bias, scaled @ head.kernel + head.bias, atol=1e-3)


def test_a_dimension_that_never_changes_is_no_division_by_zero() -> None:
    assert np.isfinite(Standardisation.of(np.ones((4, 2), np.float32)).applied(np.ones((4, 2), np.float32))).all()


def test_classes_weigh_the_same_in_all() -> None:
    sample = clusters()
    weights = inverse_frequencies(sample.labels, 3)

    np.testing.assert_allclose(weights * COUNTS, sum(COUNTS) / 3)
    assert weights[sample.labels].mean() == pytest.approx(1)
    np.testing.assert_array_equal(class_weights(sample, RECIPE, 1)[1].class_weights, weights)


def test_a_class_that_is_missing_weighs_nothing_in_the_mean() -> None:
    labels = np.array([0, 0, 2])

    assert inverse_frequencies(labels, 3)[labels].mean() == pytest.approx(1)


def test_smote_fills_up_and_keeps_what_was_given() -> None:
    sample = clusters()
    (first, _), (again, _), (other, _) = (smote(sample, RECIPE, seed) for seed in (1, 1, 2))

    assert np.bincount(first.labels).tolist() == [max(COUNTS)] * 3
    np.testing.assert_array_equal(first.embeddings[: sum(COUNTS)], sample.embeddings)
    np.testing.assert_array_equal(first.embeddings, again.embeddings)
    assert not np.array_equal(first.embeddings, other.embeddings)


def test_too_few_faces_for_smote_is_said() -> None:
    sample = clusters()
    kept = np.r_[0:42, 50:65]

    with pytest.raises(ConfigError, match="SMOTE cannot balance these faces"):
        smote(Sample(sample.embeddings[kept], sample.labels[kept]), RECIPE, 1)


def test_the_focal_loss_is_the_one_of_the_paper() -> None:
    sample = clusters()

    same, objective = focal_loss(sample, RECIPE, 1)

    assert same is sample
    assert objective.focal_gamma == 2
    assert objective.class_weights.tolist() == [1, 1, 1]
