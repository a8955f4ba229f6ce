"""The body of a lane's `faces` thread: detect, track, ask."""

import time
from dataclasses import dataclass, field

from pipeline.ports import FrameDetector, Telemetry
from pipeline.runtime.channel import Channel
from pipeline.stages.cadence import Cadence, EveryNthFrame, Scene
from pipeline.stages.look import Extent, Look
from pipeline.stages.lookout import Lookout
from pipeline.stages.pending import PendingResult
from pipeline.stages.questions import Questions
from pipeline.stages.timing import timed
from pipeline.types import Box, Face, Frame, Sight
from pipeline.vision.track import Tracker, TrackUpdate


@dataclass(frozen=True, slots=True, eq=False)
class FaceTools:
    """What the stage works with, each used by its thread alone; a `lookout` where faces are to be hidden."""

    detector: FrameDetector
    tracker: Tracker
    questions: Questions
    cadence: Cadence = field(default_factory=EveryNthFrame)
    lookout: Lookout | None = None


class FacesStage:
    """Turns frames into pending results, one each, in order."""

    def __init__(self, tools: FaceTools, telemetry: Telemetry) -> None:
        self._tools = tools
        self._telemetry = telemetry
        self._size: tuple[int, int] | None = None

    def run(self, frames: Channel[Frame], pending: Channel[PendingResult]) -> None:
        try:
            for frame in frames:
                pending.put(self.step(frame, len(frames)))
        finally:
            self._tools.detector.close()
            if self._tools.lookout is not None:
                self._tools.lookout.close()
            pending.close()

    def step(self, frame: Frame, waiting_frames: int = 0) -> PendingResult:
        """Return what is known of `frame`, behind which so many wait, and what was asked about it."""
        update = self._follow(frame, waiting_frames)
        asked = self._tools.questions.about(frame, update.tracks, update.closed_ids)
        return PendingResult(frame, update.tracks, asked, update.closed_ids, self._sight(frame))

    def _follow(self, frame: Frame, waiting_frames: int) -> TrackUpdate:
        self._adapt_size(frame)
        tracker = self._tools.tracker
        tracker.advance(frame.media_s)
        scene = Scene(frame, waiting_frames, tracker.faces, tracker.unsettled_faces)
        look = self._tools.cadence.look_due(scene)
        if look is None:
            return tracker.coast(frame.media_s)
        try:
            faces = self._look(look, scene)
        except Exception:  # where faces are hidden, a picture without any look at it is still one to show
            if self._tools.lookout is None or not self._tools.lookout.bears(frame):
                raise
            return tracker.coast(frame.media_s)
        update = tracker.update_unsettled if look.extent is Extent.UNSETTLED else tracker.update
        with timed(self._telemetry, "track"):
            return update(faces, frame.media_s, Box(0, 0, frame.width, frame.height))

    def _look(self, look: Look, scene: Scene) -> tuple[Face, ...]:
        started_s = time.perf_counter()
        with timed(self._telemetry, "detect"):
            faces = self._found(look, scene)
        self._tools.cadence.looked(time.perf_counter() - started_s)
        lookout = self._tools.lookout
        return faces if lookout is None else lookout.looked(look, scene, faces)

    def _sight(self, frame: Frame) -> Sight | None:
        lookout = self._tools.lookout
        return None if lookout is None else lookout.sight(frame, self._tools.tracker.faces)

    def _found(self, look: Look, scene: Scene) -> tuple[Face, ...]:
        detector = self._tools.detector
        match look.extent:
            case Extent.UNSETTLED:
                return detector.follow(scene.frame, scene.unsettled)
            case Extent.PART:
                return detector.search(scene.frame, scene.faces, look.around)
            case Extent.ALL:
                return detector.detect(scene.frame)

    def _adapt_size(self, frame: Frame) -> None:
        size = (frame.width, frame.height)
        if self._size is not None and size != self._size:
            self._tools.tracker.rescale(size[0] / self._size[0], size[1] / self._size[1])
        self._size = size
