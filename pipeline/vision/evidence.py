"""How far the looks at a person have settled what they wear: a sequential test of several hypotheses."""

import math

from pipeline.types import SCORED_STATES, MaskState, Scores

LEAST_SHARE = 0.01
"""A score says no less of a state: one crop that is sure of itself, and wrong, must be outweighed by two."""


class Evidence:
    """The logarithm of each state's probability given all looks, up to a constant.

    Wald's sequential probability ratio test (1945) for more than two hypotheses (Baum and Veeravalli 1994): asking
    stops once the posterior of one state is high enough. Theirs multiplies independent observations. Looks at one face
    are not, so each counts by a `weight` of at most 1 in the exponent (logarithmic pool: Genest and Zidek 1986).
    """

    def __init__(self) -> None:
        self._logs = [0.0] * len(SCORED_STATES)

    def add(self, scores: Scores, weight: float, kept: float) -> None:
        """Take calibrated scores by `weight` in [0, 1], after letting the share `kept` of what was known stand."""
        shares = zip(self._logs, scores.as_tuple(), strict=True)
        self._logs = [kept * log + weight * math.log(max(share, LEAST_SHARE)) for log, share in shares]

    def lead(self, state: MaskState) -> float:
        """Return by how much the probability of `state` exceeds that of the likeliest other one, in [-1, 1].

        For `unknown` it is that of the likeliest over the next.
        """
        highest = max(self._logs)
        odds = [math.exp(log - highest) for log in self._logs]
        shares = {name: value / sum(odds) for name, value in zip(SCORED_STATES, odds, strict=True)}
        own = shares.pop(state if state in shares else max(shares, key=shares.__getitem__))
        return own - max(shares.values())
