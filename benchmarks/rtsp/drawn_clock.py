"""A frame number drawn into a picture as a row of black and white blocks, coarse enough to survive the encoder."""

from itertools import pairwise

import numpy as np

from pipeline.types import UInt8Array

BITS = 10
COUNT = 1 << BITS
"""How many numbers can be told apart."""


def draw_number(picture: UInt8Array, number: int) -> None:
    """Draw `number`, in [0, COUNT), along the lower edge of (H, W, 3) RGB, in place."""
    if not 0 <= number < COUNT:
        raise ValueError(f"a drawn number lies in [0, {COUNT}), got {number}")
    for bit, block in enumerate(_blocks(picture)):
        block[:] = 235 if number >> bit & 1 else 16


def read_number(y: UInt8Array) -> int:
    """Return the number that is drawn into a picture, given its luma (H, W)."""
    return sum(1 << bit for bit, block in enumerate(_blocks(y)) if _middle(block).mean() > 127)


def _blocks(picture: UInt8Array) -> list[UInt8Array]:
    height, width = picture.shape[:2]
    edges = np.linspace(0, width, BITS + 1).astype(int)
    top = height - max(8, height // 8)
    return [picture[top:, left:right] for left, right in pairwise(edges)]


def _middle(block: UInt8Array) -> UInt8Array:
    height, width = block.shape
    return block[height // 4 : height - height // 4, width // 4 : width - width // 4]
