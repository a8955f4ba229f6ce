"""The body of a lane's `publish` thread: scores to votes, votes to verdicts, results to the sinks."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import wait

from pipeline.ports import Sink, Telemetry
from pipeline.runtime.channel import Channel
from pipeline.sinks.closing import close_all
from pipeline.stages.pending import AskedCrop, PendingResult
from pipeline.stages.report import ResultReport
from pipeline.stages.timing import timed
from pipeline.types import SCORED_STATES, UNDECIDED, FrameResult, Scores, Verdict
from pipeline.vision.vote import Ballot


class PublishStage:
    """Gives each frame its verdicts and each sink each frame, in order.

    With `deadline_s` None a frame waits for all its scores. Otherwise it is published at the latest that long
    after its capture, and late scores count from the next frame on.
    """

    def __init__(
        self,
        sinks: Sequence[Sink],
        new_ballot: Callable[[], Ballot],
        telemetry: Telemetry,
        deadline_s: float | None = None,
        report: ResultReport | None = None,
    ) -> None:
        self._sinks = sinks
        self._new_ballot = new_ballot
        self._telemetry = telemetry
        self._deadline_s = deadline_s
        self._report = report or ResultReport(telemetry)
        self._ballots: dict[int, Ballot] = {}
        self._late: deque[AskedCrop] = deque()
        self._stream = ""
        self.frames_published = 0

    def run(self, pending: Channel[PendingResult]) -> None:
        try:
            for item in pending:
                self.step(item)
            self._close_persons(tuple(self._ballots))
            self._report.ended()
        finally:
            close_all(self._sinks)

    def step(self, item: PendingResult) -> None:
        """Publish one frame."""
        self._stream = item.frame.stream
        for track in item.tracks:
            if track.track_id not in self._ballots:
                self._ballots[track.track_id] = self._new_ballot()
        self._late.extend(item.asked)
        self._count_votes(item)
        shown = {*(track.track_id for track in item.tracks), *item.closed_ids}
        verdicts = {track_id: self._verdict(track_id) for track_id in sorted(shown)}
        result = FrameResult(item.frame, item.tracks, verdicts, item.closed_ids, item.sight)
        with timed(self._telemetry, "sinks"):
            for sink in self._sinks:
                sink.write(result)
        self._close_persons(item.closed_ids)
        self.frames_published += 1
        self._telemetry.frame_done(self._stream, "processed")
        self._report.published(result)

    def _count_votes(self, item: PendingResult) -> None:
        if not self._late:
            return
        if self._deadline_s is not None:
            left_s = item.frame.captured_monotonic_s + self._deadline_s - time.monotonic()
            wait([crop.scores for crop in self._late], timeout=max(0.0, left_s))
        still_late: deque[AskedCrop] = deque()
        for crop in self._late:
            if self._deadline_s is not None and not crop.scores.done():
                still_late.append(crop)
            else:
                self._count_vote(crop, crop.scores.result())
        self._late = still_late

    def _count_vote(self, crop: AskedCrop, scores: Scores | None) -> None:
        self._telemetry.crop_done("skipped" if scores is None else "scored", crop.reason.name.lower())
        if scores is None or crop.track_id not in self._ballots:
            return
        self._ballots[crop.track_id].add(scores, crop.quality, crop.face_px, crop.media_s)
        best = max(zip(scores.as_tuple(), SCORED_STATES, strict=True), key=lambda pair: pair[0])[1]
        self._telemetry.faces_scored(self._stream, (best.value,))

    def _verdict(self, track_id: int) -> Verdict:
        ballot = self._ballots.get(track_id)
        return ballot.verdict() if ballot else UNDECIDED

    def _close_persons(self, track_ids: tuple[int, ...]) -> None:
        for track_id in track_ids:
            self._telemetry.person_closed(self._stream, self._verdict(track_id).state.value)
            self._ballots.pop(track_id, None)
