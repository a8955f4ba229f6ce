"""The body of a lane's `faces` thread: detect, track, pick, crop."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.ports import FrameDetector, Telemetry
from pipeline.runtime.channel import Channel
from pipeline.stages.cadence import Cadence, EveryNthFrame, Scene
from pipeline.stages.look import Extent, Look
from pipeline.stages.lookout import Lookout
from pipeline.stages.pending import AskedCrop, PendingResult, ScoresFuture
from pipeline.stages.timing import timed
from pipeline.types import Box, Face, Frame, Sight, Track, UInt8Array
from pipeline.vision.crop import crop_frame_face
from pipeline.vision.pick import Picker
from pipeline.vision.quality import view_quality
from pipeline.vision.track import Tracker, TrackUpdate
from pipeline.vision.vote import Ballot


@dataclass(frozen=True, slots=True)
class FacesSettings:
    """How large crops are and how soon scores come back to `pick`.

    Recorded input waits for the scores of crops up to `feedback_lag_frames` ago and uses no later ones, so that
    its tables do not depend on timing; live input (`waits_for_scores` false) uses what is there.
    """

    crop_size_px: int
    feedback_lag_frames: int = 8
    waits_for_scores: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class FaceTools:
    """What the stage works with, each used by its thread alone.

    `submit` sends a crop to the classifier; a future that is done with None was skipped, and is asked about again.
    There is a `lookout` where faces are to be hidden.
    """

    detector: FrameDetector
    tracker: Tracker
    picker: Picker
    new_ballot: Callable[[], Ballot]
    submit: Callable[[UInt8Array], ScoresFuture]
    cadence: Cadence = field(default_factory=EveryNthFrame)
    lookout: Lookout | None = None


class FacesStage:
    """Turns frames into pending results, one each, in order."""

    def __init__(self, tools: FaceTools, settings: FacesSettings, telemetry: Telemetry) -> None:
        self._tools = tools
        self._settings = settings
        self._telemetry = telemetry
        self._ballots: dict[int, Ballot] = {}
        self._on_the_way: deque[tuple[int, AskedCrop]] = deque()
        self._seen_frames = 0
        self._size: tuple[int, int] | None = None

    def run(self, frames: Channel[Frame], pending: Channel[PendingResult]) -> None:
        try:
            for frame in frames:
                pending.put(self.step(frame, len(frames)))
        finally:
            self._tools.detector.close()
            pending.close()

    def step(self, frame: Frame, waiting_frames: int = 0) -> PendingResult:
        """Return what is known of `frame`, behind which so many wait, and what was asked about it."""
        self._learn()
        update = self._follow(frame, waiting_frames)
        asked = self._ask_about(frame, update.tracks)
        self._on_the_way.extend((self._seen_frames, crop) for crop in asked)
        self._forget(update.closed_ids)
        self._seen_frames += 1
        return PendingResult(frame, update.tracks, asked, update.closed_ids, self._sight(frame))

    def _learn(self) -> None:
        """Count the scores that have come back into the doubts, by the rule of `FacesSettings`."""
        newest = self._seen_frames - self._settings.feedback_lag_frames
        while self._on_the_way and self._on_the_way[0][0] <= newest:
            crop = self._on_the_way[0][1]
            if not (self._settings.waits_for_scores or crop.scores.done()):
                return
            self._on_the_way.popleft()
            scores = crop.scores.result()
            if scores is not None and crop.track_id in self._ballots:
                self._ballots[crop.track_id].add(scores, crop.quality, crop.face_px)

    def _follow(self, frame: Frame, waiting_frames: int) -> TrackUpdate:
        self._adapt_size(frame)
        tracker = self._tools.tracker
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

    def _ask_about(self, frame: Frame, tracks: Sequence[Track]) -> tuple[AskedCrop, ...]:
        """Ask about the faces that are worth it; nothing is worth it on a frame that nobody looked at."""
        if all(track.missed_frames for track in tracks):
            return ()
        doubts = {track_id: ballot.doubt for track_id, ballot in self._ballots.items()}
        picks = self._tools.picker.choose(tracks, frame.media_s, doubts)
        if not picks:
            return ()
        with timed(self._telemetry, "crop"):
            return tuple(self._ask(frame, pick.track) for pick in picks)

    def _ask(self, frame: Frame, track: Track) -> AskedCrop:
        pixels = crop_frame_face(frame, track.face.box, self._settings.crop_size_px)
        self._ballots.setdefault(track.track_id, self._tools.new_ballot())
        scores = self._tools.submit(pixels)
        if scores.done() and scores.result() is None:
            self._tools.picker.take_back(track.track_id)
        return AskedCrop(track.track_id, view_quality(track.face, pixels), track.face.box.size_px, scores)

    def _forget(self, track_ids: tuple[int, ...]) -> None:
        self._tools.picker.forget(track_ids)
        for track_id in track_ids:
            self._ballots.pop(track_id, None)
