"""One clip of a stranger, judged as any recording is: by a lane of its own."""

import threading
from collections.abc import Callable
from pathlib import Path

from pipeline.app import DetectionOptions, Engine
from pipeline.config.uploads import UploadConfig
from pipeline.examiner.messages import CheckClip, ClipMoved, ClipRead
from pipeline.sinks.people import PeopleTally, Person
from pipeline.sinks.prometheus import NoTelemetry
from pipeline.sources.visitor_clip import VisitorClip
from pipeline.stages.classify import CardedClassifier
from pipeline.types import FrameResult, SourceInfo
from pipeline.upload import CheckedPerson

STEP = 0.01
"""Of progress: smaller ones are not told."""


class ProgressSink:
    """Tells how far a clip is. Used by one thread."""

    def __init__(self, info: SourceInfo, tell: Callable[[ClipMoved], None]) -> None:
        self._info = info
        self._tell = tell
        self._told = -STEP

    def write(self, result: FrameResult) -> None:
        """Take a frame's result."""
        duration_s = self._info.duration_s or 0.0
        progress = min(1.0, result.frame.media_s / duration_s) if duration_s else 0.0
        if progress >= self._told + STEP:
            self._told = progress
            self._tell(ClipMoved(progress, duration_s, result.frame.width, result.frame.height))

    def close(self) -> None:
        """Nothing is held."""


def examine_clip(
    order: CheckClip, path: Path, classifier: CardedClassifier, limits: UploadConfig, tell: Callable[[ClipMoved], None]
) -> ClipRead:
    """Return what is said of the clip at `path`; raise an UploadError.

    `tell` is called by a thread of the lane.
    """
    source = VisitorClip(path, order.name, limits)
    people = PeopleTally()
    with Engine(classifier, NoTelemetry()) as engine:
        lane = engine.lane(source, (people, ProgressSink(source.info, tell)), DetectionOptions())
        ended = threading.Event()
        lane.start(ended.set)
        ended.wait()
        lane.join()
    if lane.error is not None:
        raise lane.error
    persons = tuple(_checked(person) for person in people.people)
    return ClipRead(people.duration_s, persons, people.tally.compliance, "; ".join(source.warnings))


def _checked(person: Person) -> CheckedPerson:
    verdict = person.verdict
    return CheckedPerson(
        person.person_id,
        person.first_seen_s,
        person.last_seen_s,
        verdict.state,
        verdict.confidence,
        verdict.votes,
        person.best_face_px,
    )
