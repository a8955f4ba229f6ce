"""What the parent is told of the persons of one stream: what is said of them, and that they left."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from pipeline.config.streams import StreamConfig
from pipeline.sinks.people import Person
from pipeline.stream_history import DepartedPerson, VerdictChange
from pipeline.types import UNDECIDED, Box, Frame, FrameResult, MaskState, Verdict
from pipeline.vision.encoding import encoded_jpeg
from pipeline.vision.thumbnail import face_thumbnail
from pipeline.worker.allowance import Allowance
from pipeline.worker.messages import PersonLeft, Report, VerdictTold

CHANGES_PER_S = 20.0
"""Of a crowd whose verdicts change all at once, the others' follow: nobody reads more."""

THUMBNAILS_PER_S = 2.0
"""Cutting and encoding one takes 0.1 to 0.4 ms of CPU (faces of 60 and 200 px), and nobody looks at more."""

JPEG_QUALITY = 75


class PersonReports:
    """A sink that tells of each change of a verdict once, and of each person who left, also by the end of the lane.

    `now_s` is monotonic, in seconds.
    """

    def __init__(
        self, config: StreamConfig, report: Callable[[Report], None], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._config = config
        self._report = report
        self._persons: dict[int, Person] = {}
        self._told: dict[int, MaskState] = {}
        self._changes = Allowance(CHANGES_PER_S, now_s)
        self._thumbnails = Allowance(THUMBNAILS_PER_S, now_s)

    def write(self, result: FrameResult) -> None:
        """Tell what has changed with the next result of the stream."""
        for track in result.tracks:
            person = self._persons.get(track.track_id) or Person.newcomer(track, result.frame)
            verdict = result.verdicts.get(track.track_id, UNDECIDED)
            self._persons[track.track_id] = replace(person.seen(track, result.frame), verdict=verdict)
            if verdict.state is not self._told.get(track.track_id, MaskState.UNKNOWN):
                self._tell_change(track.track_id, verdict, result.frame, track.face.box)
        for person_id in result.closed_ids:
            if person_id in self._persons:
                self._tell_end(person_id, result.verdicts.get(person_id))

    def close(self) -> None:
        """Tell that those who are in view are followed no longer."""
        for person_id in tuple(self._persons):
            self._tell_end(person_id)

    def _tell_change(self, person_id: int, verdict: Verdict, frame: Frame, box: Box) -> None:
        """Tell of a change, or leave it to the next frame where too many were told."""
        if not self._changes.take():
            return
        before = self._told.get(person_id, MaskState.UNKNOWN)
        self._told[person_id] = verdict.state
        change = VerdictChange(0, person_id, before, verdict.state, verdict.confidence, _utc(frame.captured_utc))
        self._report(VerdictTold(self._config.id, change, self._thumbnail(frame, box)))

    def _tell_end(self, person_id: int, verdict: Verdict | None = None) -> None:
        person = self._persons.pop(person_id)
        self._told.pop(person_id, None)
        last = verdict or person.verdict
        first_seen_utc, last_seen_utc = _utc(person.first_seen_utc), _utc(person.last_seen_utc)
        self._report(
            PersonLeft(
                DepartedPerson(
                    self._config.id, person_id, first_seen_utc, last_seen_utc, last.state, last.confidence, last.votes
                )
            )
        )

    def _thumbnail(self, frame: Frame, box: Box) -> bytes | None:
        if self._config.thumbnails == "off" or not self._thumbnails.take():
            return None
        is_sharp = self._config.thumbnails == "sharp" and self._config.blur == "off"
        return encoded_jpeg(face_thumbnail(frame, box, sharp=is_sharp), JPEG_QUALITY)


def _utc(captured: datetime | None) -> datetime:
    """Return when a frame was taken; one that does not say so was taken just now."""
    return captured or datetime.now(UTC)
