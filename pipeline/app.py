"""The composition root: what all lanes share, and how one lane is wired."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import Self

from pipeline.inference.detector_pool import DetectorPool
from pipeline.inference.detectors import DEFAULT_DETECTOR, least_score, open_frame_detector
from pipeline.inference.distant_detector import DistantDetector
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.ports import FrameDetector, Sink, Source, Telemetry
from pipeline.runtime.batcher import MicroBatcher
from pipeline.runtime.cores import usable_cores
from pipeline.sinks.summary import ModelFacts
from pipeline.sinks.veiled import VeiledSinks
from pipeline.stages.cadence import BUDGET_SHARE, AdaptiveCadence, Cadence, DetectionBudget, EveryNthFrame
from pipeline.stages.classify import CardedClassifier, score_crops
from pipeline.stages.faces import FacesStage, FaceTools
from pipeline.stages.lane import RECORDED, Lane, LaneSettings
from pipeline.stages.lookout import FAULT_S, Lookout, WholeLooks
from pipeline.stages.pending import ScoresFuture
from pipeline.stages.publish import PublishStage
from pipeline.stages.questions import Questions, QuestionSettings
from pipeline.stages.report import ResultReport
from pipeline.stages.scene_cadence import SceneCadence
from pipeline.types import Scores, UInt8Array
from pipeline.vision.blur import Blur
from pipeline.vision.pick import Picker, PickSettings
from pipeline.vision.track import Tracker
from pipeline.vision.veil import Veil
from pipeline.vision.vote import Ballot, VoteSettings

HIDDEN_SCORE = 0.3
"""A face from this score on is hidden, whether it counts or not.

On scenes.zip, press photographs of crowds, 0.5, 0.4, 0.3 and 0.2 hide 82, 87, 90 and 92 % of the faces, and 0.3, 0.9,
2.0 and 3.0 other things a picture.
"""

PUBLISH_DEADLINE_S = 0.15
"""A live frame is published at the latest this long after its capture, with the verdicts known by then."""

LIVE_LOOKS_PER_CORE = 2
"""A look whose core is taken away for a while keeps others waiting, and their frames don't wait.

12 cameras on two cores that were busy ten times over: with one 17 % of the frames were lost, with two 11 %, as with a
detector for each camera.
"""

USUAL_PICKS = PickSettings()


@dataclass(frozen=True, slots=True)
class DetectionOptions:
    """How faces are looked for.

    `tiles` is (columns, rows), None chooses by the frame's shape; `model` is the file of a detector that brings none.
    With `every_frames` None recorded input is looked at as its content asks, live input as often as the machine allows.
    """

    detector: str = DEFAULT_DETECTOR
    model: Path | None = None
    min_score: float | None = None
    tiles: tuple[int, int] | None = None
    every_frames: int | None = None

    def open(self, shared: DetectorPool | None = None) -> FrameDetector:
        """Return a detector of frames, new or out of what is `shared`; raises ConfigError or ModelError."""
        return open_frame_detector(
            self.detector,
            tiles=self.tiles,
            model_path=self.model,
            min_score=self.min_score,
            open_face_detector=shared.open if shared else None,
        )

    @property
    def least_score(self) -> float:
        """The score from which a face counts."""
        return least_score(self.detector, self.min_score)

    @property
    def with_doubtful(self) -> Self:
        """The same, but for faces that nobody should bet on: those are hidden, too."""
        return replace(self, min_score=min(self.least_score, HIDDEN_SCORE))

    def lookout(self, fault_s: float) -> Lookout:
        """Return what keeps in mind whom to hide; where tiles are chosen for it, it looks at small ones besides."""
        distant = None if self.tiles else DistantDetector(lambda tiles: replace(self, tiles=tiles).open())
        return Lookout(self.least_score, distant, fault_s)


class Engine:
    """What all lanes share: the classifier with the one thread that runs it, detectors, and the budget for their looks.

    The cores are shared with `processes` in all that do the same. Use it as a context: an orderly exit answers what was
    asked, an error discards it.
    """

    def __init__(self, classifier: CardedClassifier, telemetry: Telemetry, processes: int = 1) -> None:
        self.classifier = classifier
        self.telemetry = telemetry
        self._detectors = DetectorPool(ceil(usable_cores()))
        self._live_detectors = DetectorPool(LIVE_LOOKS_PER_CORE * ceil(usable_cores()))
        self._detection_budget = DetectionBudget(BUDGET_SHARE * usable_cores() / processes)
        self._batcher: MicroBatcher[UInt8Array, Scores] = MicroBatcher(
            lambda crops: score_crops(classifier, crops), on_batch=telemetry.batch_ran
        )
        self._unwatch_queue: Callable[[], None] | None = None

    @classmethod
    def open(cls, telemetry: Telemetry, model: Path | None = None, device: str = "auto", processes: int = 1) -> Self:
        """Load the model at `model`, or the shipped one, for `device`; raises ModelError."""
        return cls(open_classifier(model, device), telemetry, processes)

    def __enter__(self) -> Self:
        self.classifier.warm_up()
        self._unwatch_queue = self.telemetry.watch_queue("crops", lambda: len(self._batcher))
        self._batcher.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self._batcher.close()
        else:
            self._batcher.abort()
        if self._unwatch_queue is not None:
            self._unwatch_queue()
        self.classifier.close()

    @property
    def model_facts(self) -> ModelFacts:
        card = self.classifier.card
        return ModelFacts(card.name, self.classifier.sha256, card.precision, self.classifier.provider, card.classes)

    def score(self, crop: UInt8Array) -> "Future[Scores | None]":
        """Return the future scores of an (S, S, 3) uint8 RGB crop that no lane asks about; None at the engine's end.

        Crops of live lanes take turns with it in every batch.
        """
        return self._batcher.submit(crop)

    def new_ballot(self) -> Ballot:
        """Return an empty ballot under the rules of the model's card."""
        return Ballot(vote_settings(self.classifier))

    def lane(
        self,
        source: Source,
        sinks: Sequence[Sink],
        detection: DetectionOptions,
        blur: Blur = Blur.OFF,
        picks: PickSettings = USUAL_PICKS,
    ) -> Lane:
        """Wire the lane of `source`; its threads own what is opened here.

        No sink gets a picture that `blur` does not allow: they all get theirs from the one that covers them.
        """
        is_live = source.info.is_live
        report = ResultReport(self.telemetry, vote_settings(self.classifier).min_face_px)
        deadline_s = PUBLISH_DEADLINE_S if is_live else None
        shown = (
            sinks
            if blur is Blur.OFF
            else (VeiledSinks(sinks, Veil(blur, guards_sides=is_live), looks_ahead=not is_live),)
        )
        publish = PublishStage(shown, self.new_ballot, self.telemetry, deadline_s, report)
        tools = self._tools(detection, blur, self._questions(picks, is_live=is_live), is_live=is_live)
        settings = LaneSettings() if is_live else RECORDED
        return Lane(source, FacesStage(tools, self.telemetry), publish, self.telemetry, settings)

    def _questions(self, picks: PickSettings, *, is_live: bool) -> Questions:
        settings = QuestionSettings(self.classifier.input_size_px, waits_for_scores=not is_live)
        picker = Picker(replace(picks, min_face_px=vote_settings(self.classifier).min_face_px))
        # A live lane waits for nobody: while the classifier is busy its crops are skipped and asked about later.
        submit = self._batcher.offer if is_live else self._submit
        return Questions(picker, self.new_ballot, submit, settings, self.telemetry)

    def _submit(self, crop: UInt8Array, urgency: float) -> ScoresFuture:  # noqa: ARG002  # recorded crops keep their order
        return self._batcher.submit(crop)

    def _tools(self, detection: DetectionOptions, blur: Blur, questions: Questions, *, is_live: bool) -> FaceTools:
        hides_faces = blur is Blur.FACES
        shared = self._live_detectors if is_live else self._detectors
        detector = (detection.with_doubtful if hides_faces else detection).open(shared)
        lookout = detection.lookout(FAULT_S if is_live else 0.0) if hides_faces else None
        cadence = self._cadence(detection.every_frames, is_live=is_live, is_thorough=hides_faces)
        return FaceTools(detector, Tracker(), questions, cadence, lookout)

    def _cadence(self, every_frames: int | None, *, is_live: bool, is_thorough: bool) -> Cadence:
        if every_frames is not None:
            return EveryNthFrame(every_frames)
        if not is_live:
            return EveryNthFrame() if is_thorough else SceneCadence()
        adaptive = AdaptiveCadence(self._detection_budget)
        return WholeLooks(adaptive) if is_thorough else adaptive


def vote_settings(classifier: CardedClassifier) -> VoteSettings:
    """Return how votes are counted under the model's own limits of what it can tell."""
    card = classifier.card
    defaults = VoteSettings()
    below = max(card.unknown_below, 1 / len(card.classes))
    return VoteSettings(
        min_face_px=card.smallest_face_px,
        min_confidence=below,
        keep_confidence=min(defaults.keep_confidence, below),
    )


def project_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("maskstream")
    except PackageNotFoundError:
        return "uninstalled"
