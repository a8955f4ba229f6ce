"""How often a recording is looked at: by what happens in it, and never by the clock."""

from dataclasses import dataclass
from math import inf

from pipeline.stages.cadence import Scene
from pipeline.types import Box, UInt8Array
from pipeline.vision.change import changed_cells, luma_cells, persons_cells

TIME_TOLERANCE_S = 1e-6
"""Media times are sums of frame durations."""


@dataclass(frozen=True, slots=True)
class SceneCadenceSettings:
    """Media time from one look to the next, by what is going on.

    `unsettled_s`: a face may turn out a person, or a person was just missed. `stirred_s`: `stirred_cells` cells of the
    picture have changed where nobody is known to move. `usual_s`: somebody is in view, or something has changed.
    `still_s`: nobody is, and nothing has.
    """

    unsettled_s: float = 0.04
    stirred_s: float = 0.2
    usual_s: float = 0.4
    still_s: float = 1.0
    stirred_cells: int = 2


class SceneCadence:
    """Looks at a recording as often as its content asks: the same frames on any machine, at any load."""

    def __init__(self, settings: SceneCadenceSettings | None = None) -> None:
        self._settings = settings or SceneCadenceSettings()
        self._looked_s = -inf
        self._cells: UInt8Array | None = None
        self._boxes: tuple[Box, ...] = ()

    def is_due(self, scene: Scene) -> bool:
        """Return whether to look at the frame of `scene`, and take it that it is looked at where so."""
        if not self._asks_for_look(scene, scene.frame.media_s - self._looked_s + TIME_TOLERANCE_S):
            return False
        self._looked_s, self._boxes = scene.frame.media_s, scene.boxes
        self._cells = luma_cells(scene.frame)
        return True

    def looked(self, took_s: float) -> None:
        """The cost changes nothing."""

    def _asks_for_look(self, scene: Scene, waited_s: float) -> bool:
        """Go by the picture only where that may tell: reading it costs as much as following everybody in it."""
        settings = self._settings
        if self._cells is None or scene.is_unsettled:
            return waited_s >= settings.unsettled_s
        if waited_s < settings.stirred_s:
            return False
        longest_s = settings.usual_s if scene.boxes else settings.still_s
        return waited_s >= longest_s or self._shows_news(scene, waited_s, self._cells)

    def _shows_news(self, scene: Scene, waited_s: float, cells: UInt8Array) -> bool:
        changed = changed_cells(cells, luma_cells(scene.frame))
        if waited_s >= self._settings.usual_s:
            return bool(changed.any())
        # Whoever walks changes the place they leave, too.
        strange = changed & ~persons_cells((*self._boxes, *scene.boxes), scene.frame)
        return int(strange.sum()) >= self._settings.stirred_cells
