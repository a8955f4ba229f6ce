"""Which detection belongs to which track: costs from a motion model, solved optimally."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from pipeline.types import Box
from pipeline.vision.motion import Motion, MotionSettings
from pipeline.vision.overlap import iou

SMALLEST_GAIN = 1e-6
"""What a pair that is allowed by overlap alone is worth: any other pair goes before it."""


@dataclass(frozen=True, slots=True)
class GateSettings:
    """When a detection may belong to a track.

    `max_distance` bounds the squared Mahalanobis distance of centre and log size (chi-square, 3 degrees of freedom:
    16.3 keeps 99.9 %), except for boxes that overlap by `min_iou`: they are one face, even after a sudden stop, and
    where two looks box a masked face by half a size apart. A pair within the distance goes before such a one.
    `max_jump_sizes` bounds the step from the predicted place in face sizes, however unsure the prediction.
    """

    max_distance: float = 16.3
    max_jump_sizes: float = 3.0
    min_iou: float = 0.1


def match_gain(motion: Motion, box: Box, motion_settings: MotionSettings, gate: GateSettings) -> float:
    """Return how much better it is to join the two than to leave them apart; 0 where they must not be joined.

    It is twice the log-likelihood of the pair, raised by a constant that keeps every pair within the gate above 0. The
    spread makes a face prefer the track that foretold it sharply to one that might be anywhere by now.
    """
    x, y = box.center
    step = math.hypot(x - motion.x, y - motion.y) / motion.size_px
    if step > gate.max_jump_sizes:
        return 0.0
    growth = math.log(math.sqrt(box.area) / motion.size_px)
    center_var = motion.center_var + motion_settings.position_noise_sizes**2
    size_var = motion.size_var + motion_settings.size_noise_log**2
    distance = step**2 / center_var + growth**2 / size_var
    if distance > gate.max_distance and iou(motion.box, box) < gate.min_iou:
        return 0.0
    log_spread = 2 * math.log(center_var) + math.log(size_var)
    return max(SMALLEST_GAIN, 2 * gate.max_distance - distance - log_spread)


def assign(gains: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Return the (row, column) pairs of an N x M table of non-negative `gains` with the greatest sum, in row order.

    A pair without gain is never made (Kuhn 1955, as solved by Crouse 2016 in SciPy).
    """
    table = np.asarray(gains, np.float64)
    if table.size == 0:
        return []
    rows, columns = linear_sum_assignment(table, maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if table[row, column] > 0]
