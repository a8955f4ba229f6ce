"""Still pictures, each judged by itself: `maskstream predict`, and folders of pictures in `process`."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import SourceError
from pipeline.model_card import ModelCard
from pipeline.picture_judge import PictureJudge
from pipeline.sinks.pictures_table import JudgedFace, PicturesTable
from pipeline.sinks.summary import ModelFacts
from pipeline.sources.pictures import load_picture
from pipeline.types import SCORED_STATES, MaskState


def prediction(name: str, faces: Sequence[JudgedFace], card: ModelCard) -> dict[str, Any]:
    """Return the JSON object of one picture; classes that the model does not know are left out."""
    return {"input": name, "faces": [_face_object(face, card) for face in faces]}


def _face_object(face: JudgedFace, card: ModelCard) -> dict[str, Any]:
    box, scores = face.box, face.scores
    named = zip(SCORED_STATES, scores.as_tuple() if scores else (), strict=False)
    return {
        "box": [round(value, 1) + 0.0 for value in (box.x1, box.y1, box.x2, box.y2)],
        "verdict": face.verdict.state.value,
        "confidence": round(face.verdict.confidence, 4),
        "probabilities": {state.value: round(score, 4) for state, score in named if state.value in card.classes},
    }


class JudgedFolder:
    """The figures of a folder of pictures, as they are judged one by one."""

    def __init__(self) -> None:
        self.pictures = 0
        self.errors: list[SourceError] = []
        self._states: Counter[str] = Counter()

    @property
    def faces(self) -> int:
        return self._states.total()

    def add(self, judge: PictureJudge, path: Path, table: PicturesTable) -> None:
        """Judge one picture into `table`; one that can't be read is kept in `errors`."""
        try:
            faces = judge.judge(load_picture(path))
        except SourceError as error:
            self.errors.append(error)
            return
        table.write(path.name, faces)
        self.pictures += 1
        self._states.update(face.verdict.state.value for face in faces)

    def summary(self, name: str, model: ModelFacts) -> dict[str, Any]:
        """Return the JSON object of the folder; states that the model does not know are left out."""
        return {
            "input": name,
            "pictures": self.pictures,
            "faces": model.known_states({state.value: self._states[state.value] for state in MaskState}),
            "model": model.as_json(),
        }
