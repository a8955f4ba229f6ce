"""Rates and how sure they are."""

import math

NORMAL_QUANTILE_95 = 1.959963984540054
"""The standard normal quantile of a two-sided 95 % interval."""


def compliance(masked: int, incorrect: int, unmasked: int) -> float | None:
    """Return the share of judged persons who wear a mask as they should, in [0, 1]; None where nobody was judged."""
    if min(masked, incorrect, unmasked) < 0:
        raise ValueError(f"counts of persons are 0 or more, got {masked}, {incorrect} and {unmasked}")
    judged = masked + incorrect + unmasked
    return masked / judged if judged else None


def wilson_interval(successes: int, trials: int, quantile: float = NORMAL_QUANTILE_95) -> tuple[float, float]:
    """Return the score interval of a binomial rate (Wilson 1927), within [0, 1]; (0, 1) without a trial.

    It keeps its coverage for few trials and for rates near 0 and 1, where compliance lies.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"successes lie between 0 and the trials, got {successes} of {trials}")
    if trials == 0:
        return 0.0, 1.0
    rate, spread = successes / trials, quantile**2 / trials
    middle = (rate + spread / 2) / (1 + spread)
    half = math.sqrt(rate * (1 - rate) * spread + spread**2 / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)
