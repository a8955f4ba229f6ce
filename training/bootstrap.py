"""Intervals by resampling photographs: faces of one photograph are not independent of each other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Resampling:
    """How often to resample, and from which seed."""

    replicates: int = 2000
    seed: int = 1


def resampled_sums(
    values: NDArray[np.number], groups: Sequence[str], resampling: Resampling | None = None
) -> NDArray[np.float64]:
    """Return the (R, K) column sums of (N, K) `values` over R resamplings of whole groups.

    Each resampling draws as many groups as there are, with replacement: the cluster bootstrap (Davison and Hinkley,
    Bootstrap Methods and their Application, 1997, 3.8). Every figure that is a function of sums follows from them.
    """
    how = resampling or Resampling()
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    by_group = np.zeros((len(names), values.shape[1]))
    np.add.at(by_group, member, values)
    rng = np.random.default_rng(how.seed)
    draws = (rng.integers(0, len(names), len(names)) for _ in range(how.replicates))
    return np.stack([np.bincount(drawn, minlength=len(names)) @ by_group for drawn in draws])


def percentile_interval(samples: NDArray[np.floating]) -> Interval | None:
    """Return the 2.5th and 97.5th percentile of (R,) resampled figures (Efron 1979); None where none is defined."""
    defined = samples[np.isfinite(samples)]
    if not len(defined):
        return None
    low, high = np.percentile(defined, (2.5, 97.5))
    return float(low), float(high)
