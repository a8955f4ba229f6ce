"""How often a recording is looked at: by what happens in it, and never by the clock."""

from dataclasses import dataclass
from math import inf

from pipeline.stages.cadence import Scene
from pipeline.stages.look import AT_UNSETTLED, EVERYWHERE, IN_PART, Extent, Look
from pipeline.types import Box, Frame, UInt8Array
from pipeline.vision.change import News, changed_cells, luma_cells, news_in, places

TIME_TOLERANCE_S = 1e-6
"""Media times are sums of frame durations."""


@dataclass(frozen=True, slots=True)
class SceneCadenceSettings:
    """Media time from one look to the next, by what is going on.

    `unsettled_s`: a face may turn out a person, or a person was just missed; then only that is looked at. `stirred_s`:
    `stirred_cells` cells of the picture have changed beside everybody who is known. `body_s`: below their busts, where
    it may be the body of one of them. Each such look that shows nobody new makes the next one come later by the factor
    `patience`, up to `stirred_most_s` and to `usual_s`: somebody is in view. `still_s`: nobody is. `other_scene_s`:
    where `other_scene_share` of the cells have changed it is another scene, or a camera that moves.
    """

    unsettled_s: float = 0.04
    stirred_s: float = 0.12
    stirred_most_s: float = 0.16
    body_s: float = 0.2
    patience: float = 1.5
    usual_s: float = 0.4
    still_s: float = 0.5
    stirred_cells: int = 2
    other_scene_s: float = 0.2
    other_scene_share: float = 0.4


class SceneCadence:
    """Looks at a recording as often as its content asks: the same frames on any machine, at any load."""

    def __init__(self, settings: SceneCadenceSettings | None = None) -> None:
        self._settings = settings or SceneCadenceSettings()
        self._looked_s = self._searched_s = -inf
        self._cells: UInt8Array | None = None
        self._boxes: tuple[Box, ...] = ()
        self._newest: tuple[int, UInt8Array] | None = None
        self._known = 0
        self._stirred_s, self._body_s = self._settings.stirred_s, self._settings.body_s

    def look_due(self, scene: Scene) -> Look | None:
        """Return the look that the frame of `scene` gets, and take it that it gets it."""
        now_s = scene.frame.media_s + TIME_TOLERANCE_S
        look = self._search_due(scene, now_s)
        if look is not None:
            self._searched_s = scene.frame.media_s
            self._boxes, self._cells = _boxes(scene), self._cells_of(scene.frame)
        elif scene.unsettled and now_s - self._looked_s >= self._settings.unsettled_s:
            look = AT_UNSETTLED
        if look is not None:
            self._looked_s = scene.frame.media_s
        return look

    def looked(self, took_s: float) -> None:
        """The cost changes nothing."""

    def _search_due(self, scene: Scene, now_s: float) -> Look | None:
        """Go by the picture only where that may tell: reading it costs as much as following everybody in it."""
        settings = self._settings
        if self._cells is None:
            return EVERYWHERE
        waited_s = now_s - self._searched_s
        if waited_s < settings.stirred_s:
            return None
        changed = changed_cells(self._cells, self._cells_of(scene.frame))
        # Whoever walks changes the place they leave, too.
        news = news_in(changed, scene.frame, (*self._boxes, *_boxes(scene)), settings.stirred_cells)
        if news.share >= settings.other_scene_share:
            return EVERYWHERE if waited_s >= settings.other_scene_s else None
        if waited_s < self._patience_s(news, scene):
            return None
        if news.beside or news.below:
            self._stirred_s = min(settings.stirred_most_s, settings.patience * self._stirred_s)
            self._body_s = min(settings.usual_s, settings.patience * self._body_s)
            return Look(Extent.PART, places((*news.beside, *news.below), scene.frame))
        return IN_PART if waited_s >= (settings.usual_s if scene.faces else settings.still_s) else None

    def _patience_s(self, news: News, scene: Scene) -> float:
        """Return how long `news` may wait: ever longer while the same persons are all that it shows."""
        is_other_cast = len(scene.faces) != self._known
        if is_other_cast or news.beside:
            self._body_s = self._settings.body_s
        if is_other_cast or not news.beside:
            self._stirred_s = self._settings.stirred_s
        self._known = len(scene.faces)
        return self._stirred_s if news.beside else self._body_s

    def _cells_of(self, frame: Frame) -> UInt8Array:
        """Return the cells of `frame`, which is read once: where it shows news, the next ones are held against it."""
        if self._newest is None or self._newest[0] != frame.index:
            self._newest = frame.index, luma_cells(frame)
        return self._newest[1]


def _boxes(scene: Scene) -> tuple[Box, ...]:
    """Return where persons are: what may yet turn out to be none hides nobody."""
    unsettled = {face.box for face in scene.unsettled}
    return tuple(face.box for face in scene.faces if face.box not in unsettled)
