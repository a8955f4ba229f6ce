"""How often a recording is looked at: by what happens in it, and never by the clock."""

from dataclasses import dataclass
from math import inf

from pipeline.stages.cadence import Scene
from pipeline.stages.look import AT_UNSETTLED, EVERYWHERE, IN_PART, Extent, Look
from pipeline.types import Box, Frame, UInt8Array
from pipeline.vision.change import CellMask, cells_box, changed_cells, largest_patch, luma_cells, persons_cells

TIME_TOLERANCE_S = 1e-6
"""Media times are sums of frame durations."""


@dataclass(frozen=True, slots=True)
class SceneCadenceSettings:
    """Media time from one look to the next, by what is going on.

    `unsettled_s`: a face may turn out a person, or a person was just missed; then only that is looked at, but from
    `astray_s` on, at which a face that walks has left its place, the part of the picture around it. `stirred_s`:
    `stirred_cells` cells of the picture have changed where nobody is known to move. `usual_s`: somebody is in view.
    `still_s`: nobody is. Where `other_scene_share` of the cells have changed it is another scene.
    """

    unsettled_s: float = 0.04
    astray_s: float = 0.1
    stirred_s: float = 0.2
    usual_s: float = 0.4
    still_s: float = 0.5
    stirred_cells: int = 2
    other_scene_share: float = 0.4


class SceneCadence:
    """Looks at a recording as often as its content asks: the same frames on any machine, at any load."""

    def __init__(self, settings: SceneCadenceSettings | None = None) -> None:
        self._settings = settings or SceneCadenceSettings()
        self._looked_s = self._searched_s = -inf
        self._cells: UInt8Array | None = None
        self._boxes: tuple[Box, ...] = ()
        self._newest: tuple[int, UInt8Array] | None = None

    def look_due(self, scene: Scene) -> Look | None:
        """Return the look that the frame of `scene` gets, and take it that it gets it."""
        look = self._look(scene)
        if look is not None:
            self._looked_s = scene.frame.media_s
            if look.extent is not Extent.UNSETTLED:
                self._searched_s = scene.frame.media_s
                self._boxes, self._cells = _boxes(scene), self._cells_of(scene.frame)
        return look

    def looked(self, took_s: float) -> None:
        """The cost changes nothing."""

    def _look(self, scene: Scene) -> Look | None:
        """Go by the picture only where that may tell: reading it costs as much as following everybody in it."""
        settings, now_s = self._settings, scene.frame.media_s + TIME_TOLERANCE_S
        if self._cells is None:
            return EVERYWHERE
        waited_s = now_s - self._searched_s
        longest_s = settings.usual_s if scene.faces else settings.still_s
        if waited_s >= settings.stirred_s:
            strange = self._strange_cells(scene, self._cells)
            if strange.mean() >= settings.other_scene_share:
                return EVERYWHERE
            if strange.sum() >= settings.stirred_cells:
                return Look(Extent.PART, cells_box(largest_patch(strange), scene.frame))
            if waited_s >= longest_s:
                return IN_PART
        return self._look_at_unsettled(scene, now_s - self._looked_s) if scene.unsettled else None

    def _look_at_unsettled(self, scene: Scene, waited_s: float) -> Look | None:
        """Return a look close up, or around one of them where frames are rare: they may be somewhere else by then."""
        if waited_s < self._settings.unsettled_s:
            return None
        return AT_UNSETTLED if waited_s < self._settings.astray_s else Look(Extent.PART, scene.unsettled[0].box)

    def _strange_cells(self, scene: Scene, cells: UInt8Array) -> CellMask:
        """Return which cells have changed where nobody is known: whoever walks changes the place they leave, too."""
        changed = changed_cells(cells, self._cells_of(scene.frame))
        return changed & ~persons_cells((*self._boxes, *_boxes(scene)), scene.frame)

    def _cells_of(self, frame: Frame) -> UInt8Array:
        """Return the cells of `frame`, which is read once: where it shows news, the next ones are held against it."""
        if self._newest is None or self._newest[0] != frame.index:
            self._newest = frame.index, luma_cells(frame)
        return self._newest[1]


def _boxes(scene: Scene) -> tuple[Box, ...]:
    return tuple(face.box for face in scene.faces)
