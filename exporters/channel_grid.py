"""How bytes stand for the values of a tensor, channel by channel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.types import UInt8Array

Vector = NDArray[np.float64]

LARGEST_BYTE = 255
SMALLEST_SPAN = 1e-6
"""A channel that is always the same still gets steps of some size."""


@dataclass(frozen=True, slots=True, eq=False)
class ChannelGrid:
    """In channel c of C, byte b stands for `scale[c] * b + low[c]`; both (C,), `scale` positive."""

    scale: Vector
    low: Vector

    @classmethod
    def spanning(cls, low: Vector, high: Vector) -> "ChannelGrid":
        """Return the grid whose bytes reach from `low` to `high`, (C,) each."""
        return cls(np.maximum(high - low, SMALLEST_SPAN) / LARGEST_BYTE, low)

    @classmethod
    def joined(cls, grids: Sequence["ChannelGrid"]) -> "ChannelGrid":
        """Return the grid of the channels of all `grids`, one after the other."""
        return cls(np.concatenate([one.scale for one in grids]), np.concatenate([one.low for one in grids]))

    def bytes_of(self, values: Vector) -> UInt8Array:
        """Return the bytes that stand for a value in each channel, (C,); beyond the ends, the end."""
        return np.rint((values - self.low) / self.scale).clip(0, LARGEST_BYTE).astype(np.uint8)
