"""What looks close up show: of faces that are known, where they must be, and of new ones, where something moves."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from benchmarks.moving_scenes import Effort, moving_scenes
from pipeline.inference.close_up import find_again, look_at_places
from pipeline.inference.detectors import DOUBTFUL_SCORE, open_detector, open_frame_detector
from pipeline.inference.frame_detector import strangers
from pipeline.ports import FrameDetector
from pipeline.sources.recording import Recording
from pipeline.stages.cadence import Scene
from pipeline.stages.look import Extent, Look
from pipeline.stages.scene_cadence import SceneCadence
from pipeline.types import Box, Face
from pipeline.vision.tiles import shows_same_face
from pipeline.vision.track import Tracker

Figures: TypeAlias = dict[str, int]
KNOWN, BY_ITSELF, SIDE_BY_SIDE = "known faces", "found by themselves", "found side by side"
NEW, BY_FULL, BY_SHORT, BY_EITHER = "new faces at places", "found by full", "found by short", "found by either"


def run(data: Path, effort: Effort) -> Figures:
    """Return counts over the moving clips of `policy`; raises SourceError or ConfigError where something is missing."""
    with TemporaryDirectory(prefix="maskstream-close-ups-") as folder, closing(CloseUps()) as close_ups:
        for scene in moving_scenes(data, Path(folder), effort):
            close_ups.watch(scene.path)
        return close_ups.figures


class CloseUps:
    """Follows clips as the product does, and tries other looks at the frames that it searches."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        with ExitStack() as opened:
            self._detector: FrameDetector = opened.enter_context(closing(open_frame_detector()))
            self._full, self._short = (
                opened.enter_context(closing(open_detector(name, min_score=DOUBTFUL_SCORE)))
                for name in ("full", "short")
            )
            self.close = opened.pop_all().close

    @property
    def figures(self) -> Figures:
        names = (KNOWN, BY_ITSELF, SIDE_BY_SIDE, NEW, BY_FULL, BY_SHORT, BY_EITHER)
        return {name: self._counts[name] for name in names}

    def watch(self, clip: Path) -> None:
        tracker, cadence = Tracker(), SceneCadence()
        with closing(Recording(clip, clip.stem)) as recording:
            for frame in recording.frames():
                tracker.advance(frame.media_s)
                scene = Scene(frame, 0, tracker.faces, tracker.unsettled_faces)
                look = cadence.look_due(scene)
                if look is None:
                    tracker.coast(frame.media_s)
                    continue
                if look.extent is Extent.PART:
                    self._count_known(scene)
                if look.around:
                    self._count_new(scene, look)
                update = tracker.update_unsettled if look.extent is Extent.UNSETTLED else tracker.update
                update(self._found(look, scene), frame.media_s, Box(0, 0, frame.width, frame.height))

    def _found(self, look: Look, scene: Scene) -> Sequence[Face]:
        match look.extent:
            case Extent.UNSETTLED:
                return self._detector.follow(scene.frame, scene.unsettled)
            case Extent.PART:
                return self._detector.search(scene.frame, scene.faces, look.around)
            case Extent.ALL:
                return self._detector.detect(scene.frame)

    def _count_known(self, scene: Scene) -> None:
        boxes = [face.box for face in scene.faces]
        if len(boxes) > 1:  # one by itself is alone on its picture
            alone = [find_again(self._short, scene.frame, [box])[0] for box in boxes]
            self._counts[KNOWN] += len(boxes)
            self._counts[BY_ITSELF] += sum(face is not None for face in alone)
            beside = find_again(self._short, scene.frame, boxes)
            self._counts[SIDE_BY_SIDE] += sum(face is not None for face in beside)

    def _count_new(self, scene: Scene, look: Look) -> None:
        """Count faces that a look everywhere shows, and nobody knows, in those places that are looked at."""
        seen = strangers(self._detector.detect(scene.frame), scene.faces)
        new = [face for face in seen if any(_holds(place, face.box) for place in look.around)]
        full, short = (look_at_places(one, scene.frame, look.around) for one in (self._full, self._short))
        self._counts[NEW] += len(new)
        for name, found in ((BY_FULL, full), (BY_SHORT, short), (BY_EITHER, [*full, *short])):
            self._counts[name] += sum(any(shows_same_face(one.box, face.box) for one in found) for face in new)


def _holds(place: Box, box: Box) -> bool:
    x, y = box.center
    return place.x1 <= x <= place.x2 and place.y1 <= y <= place.y2


def table(figures: Figures) -> str:
    """Return the counts as a Markdown table."""
    wholes = {name: KNOWN if name in (BY_ITSELF, SIDE_BY_SIDE) else NEW for name in figures}
    lines = ["| faces | count | share |", "| --- | --- | --- |"]
    for name, count in figures.items():
        whole = figures[wholes[name]] or 1
        lines.append(f"| {name} | {count} | {'' if name in (KNOWN, NEW) else f'{count / whole:.1%}'} |")
    return "\n".join(lines)


def as_json(figures: Figures) -> str:
    """Return the counts as one line of JSON."""
    return json.dumps(figures)
