"""How often a lane looks for faces; between two looks the tracker carries them."""

import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from pipeline.stages.look import EVERYWHERE, IN_PART, Look
from pipeline.types import Face, Frame

BUDGET_SHARE = 0.4
"""Of the cores: the rest decodes, tracks, classifies, draws and encodes.

Eight cameras on two cores that had other work as well: 0.2, 0.4 and 0.6 gave 1.6, 2.5 and 3.2 looks a second at each,
alike in frames published (24 a second) and age; less than two looks a second are too few (see `LONGEST_S`).
"""

LONGEST_S = 0.5
"""At 8, 4 and 2 looks everywhere a second each person of the shared clips is one track; at one, one is missed.

At equal cost looks at parts show more: 8 a second 88 to 96 % of what a look at each frame would, 4 everywhere 79 to 96.
At two a second by parts one person of the clips is never found; looks everywhere, where they have become rare, make
them rarer still: 16 cameras on two cores then had 24 to 34 a second instead of 38 to 58, and lost more frames.
"""

LONGEST_BEHIND_S = 1.0
"""The same for a lane that can't keep up: a frame late is better than a frame lost."""

MOST_CREDIT_S = 0.05
"""Frames come when they come: what was put off by less than a frame is made up for."""

REMEMBERED_LOOKS = 32
LOW_QUANTILE = 0.25
"""A look takes longer the busier the machine is; the faster ones tell what it costs."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What a cadence may go by: the next frame and how many wait behind it already, and what the tracker knows.

    `faces` are those that are followed, where they are believed to be; of the `unsettled` another look would soon tell.
    """

    frame: Frame
    waiting_frames: int = 0
    faces: tuple[Face, ...] = ()
    unsettled: tuple[Face, ...] = ()


class Cadence(Protocol):
    """Decides frame by frame whether to look, and at how much. Used by one thread."""

    def look_due(self, scene: Scene) -> Look | None:
        """Return the look that the next frame gets; None where it gets none."""
        ...

    def looked(self, took_s: float) -> None:
        """Take that a look was had, and how long it took."""
        ...


class EveryNthFrame:
    """Looks everywhere in each Nth frame from the first on, whatever it costs and whatever it shows."""

    def __init__(self, every_frames: int = 1) -> None:
        self._every_frames = every_frames
        self._frames = 0

    def look_due(self, scene: Scene) -> Look | None:  # noqa: ARG002  # the port's
        index, self._frames = self._frames, self._frames + 1
        return None if index % self._every_frames else EVERYWHERE

    def looked(self, took_s: float) -> None:
        """The cost changes nothing."""


class DetectionBudget:
    """The time that all lanes together may spend on looks: so many `cores`' worth. Used by every lane's thread.

    A leaky bucket (Turner 1986): each look reserves its cost, divided by the cores, at the end of a queue in time, and
    the lane's next one is due when that end comes. So lanes take turns instead of looking all at once, a camera that
    sends nothing leaves its turns to the others, and one alone looks at every frame if that is within the budget.
    """

    def __init__(self, cores: float, now_s: Callable[[], float] = monotonic) -> None:
        if cores <= 0:
            raise ValueError(f"looks need a share of a core, got {cores}")
        self._cores = cores
        self._now_s = now_s
        self._reserved_until_s = -math.inf
        self._lock = threading.Lock()

    def reserve(self, cost_s: float) -> float:
        """Take a look that costs so much CPU time off the budget; return when the next one is due, by `now_s`."""
        with self._lock:
            now_s = self.now_s()
            begins_s = max(self._reserved_until_s, now_s - MOST_CREDIT_S)
            self._reserved_until_s = min(begins_s + cost_s / self._cores, now_s + LONGEST_S)
            return self._reserved_until_s

    def now_s(self) -> float:
        return self._now_s()


class AdaptiveCadence:
    """Looks as often as the shared budget allows, at least once in `LONGEST_S` and at most at every frame.

    While frames wait the lane is behind and puts the look off, until the last one is `LONGEST_BEHIND_S` ago. Looks
    are at parts of the frame.
    """

    def __init__(self, budget: DetectionBudget) -> None:
        self._budget = budget
        self._costs_s: deque[float] = deque(maxlen=REMEMBERED_LOOKS)
        self._due_s = self._overdue_s = -math.inf

    def look_due(self, scene: Scene) -> Look | None:
        now_s = self._budget.now_s()
        return IN_PART if now_s >= (self._overdue_s if scene.waiting_frames else self._due_s) else None

    def looked(self, took_s: float) -> None:
        self._costs_s.append(took_s)
        self._due_s = self._budget.reserve(self._cost_s())
        self._overdue_s = self._budget.now_s() + LONGEST_BEHIND_S

    def _cost_s(self) -> float:
        costs_s = sorted(self._costs_s)
        return costs_s[int(LOW_QUANTILE * (len(costs_s) - 1))]
