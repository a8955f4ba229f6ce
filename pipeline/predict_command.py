"""`maskstream predict`, from its request to what it prints."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipeline.app import DetectionOptions
from pipeline.console import say, tell_error
from pipeline.errors import ExitCode, SourceError
from pipeline.inference.onnx_classifier import OnnxClassifier, open_classifier
from pipeline.picture_judge import PictureJudge
from pipeline.predict import prediction
from pipeline.process import exit_code
from pipeline.sinks.pictures_table import JudgedFace
from pipeline.sources.pictures import load_picture


@dataclass(frozen=True, slots=True)
class PredictRequest:
    """The arguments of one call."""

    pictures: tuple[Path, ...]
    detection: DetectionOptions
    model: Path | None
    device: str
    crops: bool
    as_json: bool


def run_predict(request: PredictRequest) -> ExitCode:
    """Judge and print every picture; one that can't be read costs the others nothing."""
    errors: list[SourceError] = []
    with (
        closing(open_classifier(request.model, request.device)) as classifier,
        PictureJudge(classifier, request.detection, whole_picture=request.crops) as judge,
    ):
        for path in request.pictures:
            try:
                faces = judge.judge(load_picture(path))
            except SourceError as error:
                tell_error(error)
                errors.append(error)
            else:
                _print(path, faces, classifier, request.as_json)
    return exit_code(errors, len(request.pictures))


def _print(path: Path, faces: Sequence[JudgedFace], classifier: OnnxClassifier, as_json: bool) -> None:
    if as_json:
        say(json.dumps(prediction(str(path), faces, classifier.card)))
        return
    if not faces:
        say(f"{path}: no face")
    for face in faces:
        box = face.box
        place = f"{box.x1:.0f},{box.y1:.0f} to {box.x2:.0f},{box.y2:.0f}"
        say(f"{path}: {face.verdict.state.value} {face.verdict.confidence:.0%} at {place}")
