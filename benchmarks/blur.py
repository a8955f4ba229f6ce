"""What of people's faces is still seen under `blur: faces`, how much else is hidden, and what it costs."""

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pipeline.app import DetectionOptions
from pipeline.demo_face import face_picture
from pipeline.sinks.veiled import VeiledSinks
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.recording import Recording
from pipeline.sources.synthetic import SyntheticClip
from pipeline.stages.cadence import EveryNthFrame, Scene
from pipeline.types import Box, Frame, FrameResult, Sight
from pipeline.vision.blur import Blur, blurred_frame
from pipeline.vision.overlap import intersection_area
from pipeline.vision.track import Tracker
from pipeline.vision.veil import Veil

CLIPS = (
    "corridor-masked-man-1080p.mp4",
    "single-face.mp4",
    "three-people-walking.mp4",
    "two-people-head-turns.mp4",
    "no-face.mp4",
)
BLOCK_PX = 8
"""A square of so many pixels of which not one has changed is shown as it was: no mean of cells comes out so."""

SEEN_SHARE = 0.1
"""A face of which more than this is shown counts as seen."""

INSIDE_SHARE = 0.5
"""So does no face of which less than this is in the picture."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a clip is looked at: as recorded input, or as live input of which each Nth frame is looked at."""

    every_frames: int
    is_live: bool

    @property
    def name(self) -> str:
        return f"live, each {self.every_frames}" if self.is_live else "recorded"


LOOKS = (Look(1, is_live=False), Look(1, is_live=True), Look(5, is_live=True), Look(10, is_live=True))


@dataclass(frozen=True, slots=True)
class BlurFigures:
    """Of one clip: faces on its frames, each frame's anew, how many of them are seen, and their share that is shown.

    `whole` is the share of frames that are covered altogether, `hidden` that of the picture that is hidden on the
    others. CPU times are milliseconds a frame, those of looking without and those of covering.
    """

    clip: str
    look: str
    faces: int
    seen: int
    shown: float
    whole: float
    hidden: float
    look_ms: float
    cover_ms: float


class Comparison:
    """A sink that compares each covered picture with the one that was covered, given before it in the same order."""

    def __init__(self) -> None:
        self.sources: deque[tuple[Frame, Sequence[Box]]] = deque()
        self.shown: list[float] = []
        self.hidden: list[float] = []
        self.whole = 0
        self.took_s = 0.0

    def write(self, result: FrameResult) -> None:
        began_s = time.process_time()
        source, faces = self.sources.popleft()
        if np.array_equal(result.frame.y, blurred_frame(source).y):
            self.whole += 1
        else:
            picture = Box(0, 0, source.width, source.height)
            self.hidden.append(1 - _shown_share(source, result.frame, picture))
        self.shown += [_shown_share(source, result.frame, face) for face in faces if is_inside(face, source)]
        self.took_s += time.process_time() - began_s

    def close(self) -> None:
        """Nothing is held open."""


def is_inside(face: Box, frame: Frame) -> bool:
    """Tell whether enough of a face lies within the frame to be a face."""
    return intersection_area(face, Box(0, 0, frame.width, frame.height)) >= INSIDE_SHARE * face.area


def _shown_share(source: Frame, covered: Frame, box: Box) -> float:
    """Return the share of the blocks in `box` that are as they were; 0 of a box that holds none."""
    rows, columns = (slice(max(0, int(start)), max(0, int(end))) for start, end in ((box.y1, box.y2), (box.x1, box.x2)))
    same = source.y[rows, columns] == covered.y[rows, columns]
    height, width = (side // BLOCK_PX for side in same.shape)
    blocks = same[: height * BLOCK_PX, : width * BLOCK_PX].reshape(height, BLOCK_PX, width, BLOCK_PX)
    return float(blocks.all(axis=(1, 3)).mean()) if height and width else 0.0


class Watch:
    """Looks at frames as a lane does whose faces are hidden."""

    def __init__(self, every_frames: int) -> None:
        options = DetectionOptions()
        self._cadence = EveryNthFrame(every_frames)
        self._detector = options.with_doubtful.open()
        self._lookout = options.lookout(fault_s=0.0)
        self._tracker = Tracker()

    def sight(self, frame: Frame) -> Sight | None:
        """Return where faces are on the next frame."""
        tracker = self._tracker
        tracker.advance(frame.media_s)
        scene = Scene(frame, 0, tracker.faces, tracker.unsettled_faces)
        look = self._cadence.look_due(scene)
        if look is None:
            tracker.coast(frame.media_s)
        else:
            faces = self._lookout.looked(look, scene, self._detector.detect(frame))
            tracker.update(faces, frame.media_s, Box(0, 0, frame.width, frame.height))
        return self._lookout.sight(frame, tracker.faces)

    def close(self) -> None:
        self._detector.close()
        self._lookout.close()


def measure(clip: str, look: Look, frames: Iterable[tuple[Frame, Sequence[Box]]]) -> BlurFigures:
    """Return the figures of a clip, given as frames with the faces that are on them."""
    comparison = Comparison()
    sinks = VeiledSinks((comparison,), Veil(Blur.FACES, guards_sides=look.is_live), looks_ahead=not look.is_live)
    look_s = cover_s = 0.0
    count = 0
    with closing(Watch(look.every_frames)) as watch:
        for frame, faces in frames:
            count += 1
            comparison.sources.append((frame, faces))
            began_s = time.process_time()
            sight = watch.sight(frame)
            looked_s = time.process_time()
            sinks.write(FrameResult(frame, (), {}, sight=sight))
            look_s, cover_s = look_s + looked_s - began_s, cover_s + time.process_time() - looked_s
        began_s = time.process_time()
        sinks.close()
        cover_s += time.process_time() - began_s - comparison.took_s
    seen = sum(share > SEEN_SHARE for share in comparison.shown)
    shown = float(np.mean(comparison.shown)) if comparison.shown else 0.0
    hidden = float(np.mean(comparison.hidden)) if comparison.hidden else 0.0
    costs_ms = 1e3 * look_s / count, 1e3 * cover_s / count
    return BlurFigures(clip, look.name, len(comparison.shown), seen, shown, comparison.whole / count, hidden, *costs_ms)


def drawn_clip() -> Iterator[tuple[Frame, Sequence[Box]]]:
    """Yield the frames of the demo with the faces drawn on each."""
    clip = SyntheticClip(face_picture(demo_picture()))
    for frame, faces in zip(clip.frames(), clip.truth(), strict=True):
        yield frame, [face.box for face in faces]


def filmed_clip(path: Path) -> Iterator[tuple[Frame, Sequence[Box]]]:
    """Yield the frames of a video with the faces that the default detector finds on each."""
    with closing(DetectionOptions().open()) as detector:
        for frame in Recording(path, path.stem).frames():
            yield frame, [face.box for face in detector.detect(frame)]


def run(data: Path) -> list[BlurFigures]:
    """Measure the demo and the clips of `data`, each at several rates of looks."""
    figures = [measure("demo, drawn", look, drawn_clip()) for look in LOOKS]
    for name in CLIPS:
        path = data / "clips" / name
        figures += [measure(path.stem, look, filmed_clip(path)) for look in LOOKS]
    return figures


def table(figures: Sequence[BlurFigures]) -> str:
    """Return the figures as a Markdown table."""
    head = "| clip | looks | faces | seen | shown of faces | frames whole | hidden of others | look ms | cover ms |"
    rows = [
        f"| {one.clip} | {one.look} | {one.faces} | {one.seen} | {one.shown:.2%} | {one.whole:.0%} | {one.hidden:.0%} "
        f"| {one.look_ms:.1f} | {one.cover_ms:.2f} |"
        for one in figures
    ]
    return "\n".join((head, "| --- " * 9 + "|", *rows))


def as_json(figures: Sequence[BlurFigures]) -> str:
    """Return the figures as one line of JSON."""
    return json.dumps([asdict(one) for one in figures])
