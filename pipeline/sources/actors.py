"""The persons of a drawn clip: what each wears, and where each is at any time."""

import math
from dataclasses import dataclass

import numpy as np

from pipeline.sources.looks import Look
from pipeline.sources.mask_drawing import MaskStyle, MaskWear
from pipeline.sources.sprite import Placement
from pipeline.types import Box, MaskState

STEPS_PER_S = 1.8
BOB_SHARE = 0.025
"""How far a walking head moves up and down, as a share of the face's height."""

SWAY_DEG = 2.0
SWAY_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Waypoint:
    """Where the middle of a face is at a time, in pixels of the frame, and how high the face is drawn."""

    time_s: float
    x: float
    y: float
    face_px: float


@dataclass(frozen=True, slots=True)
class Actor:
    """One person: a name, a mask and how it is worn, a look, and a path of at least two waypoints in time order.

    The style of who wears no mask does not show. Who walks `behind_wall` is hidden below by the corridor's parapet,
    everybody else is in front of it.
    """

    name: str
    wear: MaskWear
    style: MaskStyle
    look: Look
    path: tuple[Waypoint, ...]
    behind_wall: bool = False

    def __post_init__(self) -> None:
        times = [point.time_s for point in self.path]
        if len(times) < 2 or times != sorted(set(times)):
            raise ValueError(f"{self.name} needs two waypoints or more, in time order, got times {times}")

    @property
    def state(self) -> MaskState:
        return self.wear.state

    def placement(self, time_s: float) -> Placement | None:
        """Return where the actor is at that time, None before the path begins and after it ends."""
        times = [point.time_s for point in self.path]
        if not times[0] <= time_s <= times[-1]:
            return None
        x, y, face_px = (
            float(np.interp(time_s, times, [getattr(point, name) for point in self.path]))
            for name in ("x", "y", "face_px")
        )
        stride = 2 * math.pi * STEPS_PER_S * (time_s - times[0])
        sway = math.sin(stride / 2)
        x += SWAY_SHARE * face_px * sway
        y -= BOB_SHARE * face_px * abs(math.sin(stride / 2 + math.pi / 4))
        return Placement(x, y, face_px, SWAY_DEG * sway)


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """The truth of one face on one frame: whose it is, how the mask is worn, and its box in pixels of the frame."""

    actor: str
    wear: MaskWear
    box: Box

    @property
    def state(self) -> MaskState:
        return self.wear.state
