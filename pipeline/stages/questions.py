"""What a lane asks the classifier: crops of the faces that are worth it, and how sure the answers have made it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from pipeline.ports import Telemetry
from pipeline.stages.pending import AskedCrop, ScoresFuture
from pipeline.stages.timing import timed
from pipeline.types import Frame, Track, UInt8Array
from pipeline.vision.crop import crop_frame_face
from pipeline.vision.pick import TIME_TOLERANCE_S, Pick, Picker
from pipeline.vision.quality import face_sharpness, view_quality
from pipeline.vision.vote import Ballot


@dataclass(frozen=True, slots=True)
class QuestionSettings:
    """How large crops are and how soon scores come back to `pick`.

    Recorded input waits for the scores of crops `feedback_lag_frames` ago, or `feedback_lag_s` of media time where that
    is less as in a skimmed recording, and uses no later ones, so that its tables do not depend on timing; live input
    (`waits_for_scores` false) uses what is there.
    """

    crop_size_px: int
    feedback_lag_frames: int = 8
    feedback_lag_s: float = 0.3
    waits_for_scores: bool = True


class Questions:
    """Asks about the persons of one stream. Used by its `faces` thread.

    `submit(crop, urgency)` sends a crop to the classifier; a future that is done with None was skipped, and is asked
    about again. While an answer is on its way, no doubt asks for another.
    """

    def __init__(
        self,
        picker: Picker,
        new_ballot: Callable[[], Ballot],
        submit: Callable[[UInt8Array, float], ScoresFuture],
        settings: QuestionSettings,
        telemetry: Telemetry,
    ) -> None:
        self._picker = picker
        self._new_ballot = new_ballot
        self._submit = submit
        self._settings = settings
        self._telemetry = telemetry
        self._ballots: dict[int, Ballot] = {}
        self._on_the_way: list[tuple[int, AskedCrop]] = []
        self._seen_frames = 0

    def about(self, frame: Frame, tracks: Sequence[Track], closed_ids: Sequence[int]) -> tuple[AskedCrop, ...]:
        """Return what is asked about the next frame, its persons being `tracks`; those of `closed_ids` are forgotten.

        Nothing is worth it on a frame that nobody looked at.
        """
        self._learn(frame.media_s)
        is_looked_at = not all(track.missed_frames for track in tracks)
        asked = self._ask_about(frame, tracks) if is_looked_at else ()
        self._on_the_way += [(self._seen_frames, crop) for crop in asked if not self._was_skipped(crop)]
        self._forget(closed_ids)
        self._seen_frames += 1
        return asked

    def _learn(self, media_s: float) -> None:
        """Count the scores that have come back into the doubts, by the rule of `QuestionSettings`."""
        on_the_way, self._on_the_way = self._on_the_way, []
        for asked_at, crop in on_the_way:
            if self._is_answer_due(asked_at, crop, media_s):
                self._take_answer(crop)
            else:
                self._on_the_way.append((asked_at, crop))

    def _is_answer_due(self, asked_at: int, crop: AskedCrop, media_s: float) -> bool:
        settings = self._settings
        if not settings.waits_for_scores:
            return crop.scores.done()
        is_late = media_s - crop.media_s + TIME_TOLERANCE_S >= settings.feedback_lag_s
        return is_late or asked_at <= self._seen_frames - settings.feedback_lag_frames

    def _was_skipped(self, crop: AskedCrop) -> bool:
        """Return whether the crop was skipped at once; take its pick back where so."""
        is_skipped = crop.scores.done() and crop.scores.result() is None
        if is_skipped:
            self._picker.take_back(crop.track_id)
        return is_skipped

    def _take_answer(self, crop: AskedCrop) -> None:
        scores = crop.scores.result()
        if scores is None:
            self._picker.take_back(crop.track_id)
        elif crop.track_id in self._ballots:
            self._ballots[crop.track_id].add(scores, crop.quality, crop.face_px, crop.media_s)

    def _ask_about(self, frame: Frame, tracks: Sequence[Track]) -> tuple[AskedCrop, ...]:
        waiting = {crop.track_id for _, crop in self._on_the_way}
        doubts = {track_id: ballot.doubt for track_id, ballot in self._ballots.items() if track_id not in waiting}
        picks = self._picker.choose(tracks, frame.media_s, doubts, partial(face_sharpness, frame))
        if not picks:
            return ()
        with timed(self._telemetry, "crop"):
            return tuple(self._ask(frame, pick) for pick in picks)

    def _ask(self, frame: Frame, pick: Pick) -> AskedCrop:
        track, face = pick.track, pick.track.face
        pixels = crop_frame_face(frame, face.box, self._settings.crop_size_px)
        self._ballots.setdefault(track.track_id, self._new_ballot())
        scores = self._submit(pixels, pick.urgency)
        quality = view_quality(face, pixels)
        return AskedCrop(track.track_id, quality, face.box.size_px, scores, frame.media_s, pick.reason)

    def _forget(self, track_ids: Sequence[int]) -> None:
        self._picker.forget(track_ids)
        for track_id in track_ids:
            self._ballots.pop(track_id, None)
