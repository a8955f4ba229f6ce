"""One clip judged in one way, for `python -m benchmarks policy`: who was seen where, which verdicts, what it cost."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.policy_scenes import Scene, Shown
from pipeline.app import USUAL_PICKS, DetectionOptions, Engine
from pipeline.demo import SAME_FACE_OVERLAP
from pipeline.errors import SourceError
from pipeline.input_job import Order, ProcessOptions
from pipeline.process import ProcessRun
from pipeline.sinks.prometheus import NoTelemetry
from pipeline.sources.opening import open_source
from pipeline.types import Box, FrameResult, MaskState
from pipeline.vision.overlap import iou
from pipeline.vision.pick import PickSettings


@dataclass(frozen=True, slots=True)
class Way:
    """How clips are judged: a name, the command's options, and which faces are classified."""

    name: str
    detection: DetectionOptions = field(default_factory=DetectionOptions)
    picks: PickSettings = USUAL_PICKS
    sample_per_s: float | None = None


EVERY_FACE = Way("every face", DetectionOptions(every_frames=1), PickSettings.every_face())
USUAL = Way("the policy")
ASKING = Way("the policy, looking at every frame", DetectionOptions(every_frames=1))
"""What asking seldom does by itself, without what looking for faces seldom adds."""

SAMPLES = (Way("--sample 5", sample_per_s=5.0), Way("--sample 2", sample_per_s=2.0))


@dataclass(frozen=True, slots=True)
class Sight:
    """A person on one frame: the number of its track, its box in pixels, and the verdict so far."""

    track_id: int
    box: Box
    state: MaskState


@dataclass(slots=True)
class Sights:
    """A `Sink` that keeps who was on each frame, by media time, and the last verdict on everybody."""

    frames: list[tuple[float, tuple[Sight, ...]]] = field(default_factory=list)
    verdicts: dict[int, MaskState] = field(default_factory=dict)

    def write(self, result: FrameResult) -> None:
        self.verdicts |= {track_id: verdict.state for track_id, verdict in result.verdicts.items()}
        sights = (Sight(one.track_id, one.face.box, result.verdicts[one.track_id].state) for one in result.tracks)
        self.frames.append((result.frame.media_s, tuple(sights)))

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of one clip: crops that the classifier scored, and the CPU time of the whole run in seconds."""

    sights: Sights
    crops: int
    cpu_s: float


class CropCount(NoTelemetry):
    """Counts the crops that were scored."""

    def __init__(self) -> None:
        self.crops = 0

    def crop_done(self, outcome: str, reason: str) -> None:  # noqa: ARG002  # the port's
        self.crops += outcome == "scored"


class Judge:
    """Judges clips over one engine, one after the other. `folder` gets the files that nobody reads."""

    def __init__(self, engine: Engine, count: CropCount, folder: Path) -> None:
        self._engine = engine
        self._count = count
        self._folder = folder

    def judge(self, clip: Path, way: Way) -> Judged:
        """Raises SourceError where the clip can't be judged to its end."""
        sights = Sights()
        options = ProcessOptions(way.detection, with_video=False, picks=way.picks)
        run = ProcessRun(self._engine, options)
        opener = partial(open_source, str(clip), clip.stem, sample_per_s=way.sample_per_s)
        run.add(Order(clip.stem, self._folder / clip.stem, opener, (sights,)))
        crops, cpu_s = self._count.crops, time.process_time()
        (job,) = [job for job in run.completed() if job is not None]
        if job.error is not None:
            raise SourceError(f"{clip.name}: {job.error}")
        return Judged(sights, self._count.crops - crops, time.process_time() - cpu_s)


@dataclass(frozen=True, slots=True)
class Found:
    """What was made of one person: the last verdict, when the first one came, and how it went on in media time."""

    state: MaskState
    first_verdict_s: float | None
    course: tuple[tuple[float, MaskState], ...]


def found(scene: Scene, sights: Sights) -> dict[str, Found]:
    """Return what was made of each person of `scene` who was followed at all.

    A track shows the face that its box overlaps most; a person's own track is the one that showed them on most frames.
    """
    together: defaultdict[str, Counter[int]] = defaultdict(Counter)
    courses: defaultdict[str, list[tuple[float, MaskState]]] = defaultdict(list)
    for media_s, seen in sights.frames:
        for sight in seen:
            person = _person_at(sight.box, scene.truth[_index(scene, media_s)])
            if person is not None:
                together[person][sight.track_id] += 1
                courses[person].append((media_s, sight.state))
    return {
        person: _found(sights.verdicts[tracks.most_common(1)[0][0]], courses[person])
        for person, tracks in together.items()
    }


def _found(state: MaskState, course: Sequence[tuple[float, MaskState]]) -> Found:
    judged = (media_s for media_s, verdict in course if verdict is not MaskState.UNKNOWN)
    return Found(state, next(judged, None), tuple(course))


def _index(scene: Scene, media_s: float) -> int:
    return min(round(media_s * scene.frames_per_s), len(scene.truth) - 1)


def _person_at(box: Box, shown: Iterable[Shown]) -> str | None:
    best = max(shown, key=lambda face: iou(face.box, box), default=None)
    return best.person if best is not None and iou(best.box, box) >= SAME_FACE_OVERLAP else None
