"""Answering only where the network is sure: thresholds by risk, and what they cost in coverage.

Risk is the share of wrong answers among those given, coverage the share of faces that are answered; confidence is the
largest probability. `labels` are (N,) class indices, `probabilities` (N, C) float32.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from pipeline.types import Float32Array

ALLOWED_RISK = 0.03
"""Share of wrong verdicts among those given, which the `unknown` threshold keeps to on the validation split."""

MIN_CONFIDENCE = 0.5
"""Less than all other states together is no verdict, however seldom the validation split has it wrong."""


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """What each threshold leaves: (T,) confidences, falling, and the faces answered and answered wrongly from there."""

    thresholds: NDArray[np.float64]
    answered: NDArray[np.int64]
    wrong: NDArray[np.int64]

    @property
    def risks(self) -> NDArray[np.float64]:
        return np.asarray(self.wrong / self.answered)

    @property
    def coverages(self) -> NDArray[np.float64]:
        return np.asarray(self.answered / self.answered[-1])

    @property
    def area(self) -> float:
        """The area under the curve of risk over coverage, each face a step (Geifman, Uziel and El-Yaniv, 2019)."""
        steps = np.diff(self.answered, prepend=0)
        return float((steps * self.risks).sum() / self.answered[-1])


@dataclass(frozen=True, slots=True)
class Threshold:
    """A confidence to answer from, and what it means on the faces that it was chosen or judged on.

    `highest_risk` bounds the risk from above with 95 % confidence, one-sided, faces taken as independent (Clopper and
    Pearson, 1934).
    """

    confidence: float
    coverage: float
    risk: float
    highest_risk: float


NO_ANSWER = Threshold(confidence=1.0, coverage=0.0, risk=0.0, highest_risk=1.0)


def risk_coverage(labels: NDArray[np.integer], probabilities: Float32Array) -> RiskCoverage:
    """Return risk and coverage at every threshold (El-Yaniv and Wiener, 2010); one confidence is answered as one."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(-confidence, kind="stable")
    ranked = confidence[order]
    wrong = np.cumsum((probabilities.argmax(axis=1) != labels)[order])
    last_of_tie = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    return RiskCoverage(ranked[last_of_tie], last_of_tie + 1, wrong[last_of_tie])


def at_threshold(labels: NDArray[np.integer], probabilities: Float32Array, confidence: float) -> Threshold:
    """Return what answering from `confidence` on gives; without an answer the risk is 0 and bounded by 1."""
    is_answered = probabilities.max(axis=1) >= confidence
    answered = int(is_answered.sum())
    wrong = int((probabilities.argmax(axis=1) != labels)[is_answered].sum())
    risk = wrong / answered if answered else 0.0
    return Threshold(confidence, answered / len(labels), risk, binomial_upper_bound(wrong, answered))


def risk_threshold(
    labels: NDArray[np.integer], probabilities: Float32Array, risk: float, at_least: float = 0.0
) -> Threshold:
    """Return the smallest confidence, `at_least` or more, from which at most `risk` of the answers are wrong.

    It is `at_least` itself where that will do, and `NO_ANSWER` where no threshold does. Selective classification by the
    largest probability: Geifman and El-Yaniv, Selective Classification for Deep Neural Networks, 2017.
    """
    curve = risk_coverage(labels, probabilities)
    eligible = np.flatnonzero(curve.thresholds >= at_least)
    allowed = eligible[curve.risks[eligible] <= risk]
    if not len(allowed):
        return NO_ANSWER
    takes_all = allowed[-1] == eligible[-1]
    return at_threshold(labels, probabilities, at_least if takes_all else float(curve.thresholds[allowed[-1]]))


def unknown_threshold(labels: NDArray[np.integer], probabilities: Float32Array) -> Threshold:
    """Return the confidence below which a verdict is `unknown`: the least that keeps to `ALLOWED_RISK`."""
    found = risk_threshold(labels, probabilities, ALLOWED_RISK, at_least=MIN_CONFIDENCE)
    # Rounded down, so that no face that it was chosen with falls out.
    return at_threshold(labels, probabilities, math.floor(found.confidence * 1e6) / 1e6)


def guaranteed_threshold(
    labels: NDArray[np.integer], probabilities: Float32Array, risk: float, confidence: float = 0.95
) -> Threshold:
    """Return the threshold whose risk is at most `risk` on new faces of the same kind, with that `confidence`.

    Selection with guaranteed risk (Geifman and El-Yaniv 2017, algorithm 1): a binary search over thresholds, each step
    bounding the risk with its part of the allowed failures. `NO_ANSWER` where no step is allowed.
    """
    curve = risk_coverage(labels, probabilities)
    steps = max(1, math.ceil(math.log2(len(curve.thresholds))))
    per_step = 1 - (1 - confidence) / steps
    low, high, best = 0, len(curve.thresholds) - 1, None
    for _ in range(steps):
        middle = (low + high + 1) // 2
        bound = binomial_upper_bound(int(curve.wrong[middle]), int(curve.answered[middle]), per_step)
        if bound <= risk:
            low, best = (
                middle,
                Threshold(
                    float(curve.thresholds[middle]), float(curve.coverages[middle]), float(curve.risks[middle]), bound
                ),
            )
        else:
            high = max(low, middle - 1)
    return best or NO_ANSWER


def binomial_upper_bound(successes: int, trials: int, confidence: float = 0.95) -> float:
    """Return the one-sided upper bound of a binomial rate (Clopper and Pearson, 1934), in [0, 1]; 1 without a trial."""
    if successes >= trials:
        return 1.0
    return float(beta.ppf(confidence, successes + 1, trials - successes))
