"""How fast memory grows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.churn_figures import Sample, process_names

_FEWEST = 4
"""Of fewer samples no error can be told."""


@dataclass(frozen=True, slots=True)
class Slope:
    """The straight line through the memory of a process by least squares; `error` is its standard error."""

    process: str
    mb_per_hour: float
    error_mb_per_hour: float

    def __str__(self) -> str:
        error = self.error_mb_per_hour
        return f"Memory of {self.process}: {self.mb_per_hour:+.1f} MB an hour, standard error {error:.1f}."


def memory_slopes(samples: Sequence[Sample]) -> list[Slope]:
    """Return the slope of each process, none where the samples are too few."""
    if len(samples) < _FEWEST:
        return []
    hours = np.array([sample.elapsed_s for sample in samples]) / 3600
    return [_slope(name, hours, index, samples) for index, name in enumerate(process_names(samples))]


def _slope(process: str, hours: NDArray[np.float64], index: int, samples: Sequence[Sample]) -> Slope:
    memory_mb = [sample.usages[index].memory_mb for sample in samples]
    (per_hour, _), covariance = np.polyfit(hours, memory_mb, 1, cov=True)
    return Slope(process, float(per_hour), float(np.sqrt(covariance[0, 0])))
