"""What looks close up show: of faces that are known, where they must be, and of new ones, where something moves."""

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from benchmarks.moving_scenes import Effort, moving_scenes
from pipeline.inference.close_up import find_again, look_at_places
from pipeline.inference.detectors import DOUBTFUL_SCORE, open_detector, open_frame_detector
from pipeline.inference.frame_detector import strangers
from pipeline.ports import FrameDetector
from pipeline.sinks.prometheus import NoTelemetry
from pipeline.sources.recording import Recording
from pipeline.stages.faces import FacesStage, FaceTools
from pipeline.stages.pending import ScoresFuture
from pipeline.stages.questions import Questions, QuestionSettings
from pipeline.stages.scene_cadence import SceneCadence
from pipeline.types import Box, Face, Frame, UInt8Array
from pipeline.vision.pick import Picker
from pipeline.vision.tiles import shows_same_face
from pipeline.vision.track import Tracker
from pipeline.vision.vote import Ballot

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
    """The `FrameDetector` of the product, which tries other looks at the frames that it searches; it counts faces."""

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
        """Look at a recording as the product does, and ask the classifier about nobody."""
        telemetry = NoTelemetry()
        questions = Questions(Picker(), Ballot, _unasked, QuestionSettings(crop_size_px=96), telemetry)
        stage = FacesStage(FaceTools(self, Tracker(), questions, SceneCadence()), telemetry)
        with closing(Recording(clip, clip.stem)) as recording:
            for frame in recording.frames():
                stage.step(frame)

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        return self._detector.detect(frame)

    def follow(self, frame: Frame, known: Sequence[Face]) -> tuple[Face, ...]:
        return self._detector.follow(frame, known)

    def search(self, frame: Frame, known: Sequence[Face], around: Sequence[Box] = ()) -> tuple[Face, ...]:
        self._count_known(frame, [face.box for face in known])
        if around:
            self._count_new(frame, known, around)
        return self._detector.search(frame, known, around)

    def _count_known(self, frame: Frame, boxes: Sequence[Box]) -> None:
        if len(boxes) > 1:  # one by itself is alone on its picture
            alone = [find_again(self._short, frame, [box])[0] for box in boxes]
            self._counts[KNOWN] += len(boxes)
            self._counts[BY_ITSELF] += sum(face is not None for face in alone)
            self._counts[SIDE_BY_SIDE] += sum(face is not None for face in find_again(self._short, frame, boxes))

    def _count_new(self, frame: Frame, known: Sequence[Face], around: Sequence[Box]) -> None:
        """Count faces that a look everywhere shows, and nobody knows, in those places that are looked at."""
        seen = strangers(self._detector.detect(frame), known)
        new = [face for face in seen if any(_holds(place, face.box) for place in around)]
        full, short = (look_at_places(one, frame, around) for one in (self._full, self._short))
        self._counts[NEW] += len(new)
        for name, found in ((BY_FULL, full), (BY_SHORT, short), (BY_EITHER, [*full, *short])):
            self._counts[name] += sum(any(shows_same_face(one.box, face.box) for one in found) for face in new)


def _unasked(_crop: UInt8Array, _urgency: float) -> ScoresFuture:
    skipped: ScoresFuture = Future()
    skipped.set_result(None)
    return skipped


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
