"""How small a face may be: what a model loses on faces that were reduced, and the smallest that is still judged."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import ModelError
from pipeline.types import STATE_COUNT, Box, UInt8Array
from training.answers import JudgedModel
from training.calibration import Calibration
from training.faces import LabelledFace
from training.metrics import macro_f1
from training.run_folder import CALIBRATED, CALIBRATION, read_record, write_record

SIZES_PX = (64, 48, 32, 28, 24, 20, 16, 12)
"""From the largest to the smallest."""

HEAD = f"{'face, px':>9}{'reduced':>9}{'accuracy':>10}{'macro-F1':>10}"

ALLOWED_LOSS = 0.01
"""Macro-F1 that the smallest face may cost against faces as they are stored."""

Answer = Callable[[Sequence[LabelledFace]], JudgedModel]


@dataclass(frozen=True, slots=True)
class SizeFigures:
    """How a model does on faces of at most `face_px`, None for as they are stored; `reduced` of them were larger."""

    face_px: int | None
    reduced: int
    accuracy: float
    macro_f1: float


def reduced_face(face: LabelledFace, face_px: int) -> LabelledFace:
    """Return `face` in a picture so reduced that its longer side is `face_px`; a smaller one is returned as it is.

    Reduced by area, as a distant face is by the camera; serving then enlarges the crop to the network's input.
    """
    scale = face_px / face.box.size_px
    if scale >= 1:
        return face
    height, width = face.picture.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picture: UInt8Array = np.asarray(cv2.resize(face.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    across, down = size[0] / width, size[1] / height
    box = Box(face.box.x1 * across, face.box.y1 * down, face.box.x2 * across, face.box.y2 * down)
    return replace(face, picture=picture, box=box)


def size_figures(faces: Sequence[LabelledFace], answer: Answer) -> Iterator[SizeFigures]:
    """Yield how the model behind `answer` does on `faces` as they are stored, then at each of `SIZES_PX`.

    Faces of classes that the model does not know are left out.
    """
    yield _figures(None, faces, answer)
    for size in SIZES_PX:
        yield _figures(size, faces, answer)


def smallest_face_px(rows: Sequence[SizeFigures]) -> int:
    """Return the smallest size down to which no size loses `ALLOWED_LOSS` of macro-F1; raise ModelError without one."""
    stored, *reduced = rows
    kept = list(takewhile(lambda row: stored.macro_f1 - row.macro_f1 < ALLOWED_LOSS, reduced))
    if not kept or kept[-1].face_px is None:
        raise ModelError(f"the model loses {ALLOWED_LOSS} of macro-F1 or more on faces of {SIZES_PX[0]} px already")
    return kept[-1].face_px


def note_smallest_face(model: Path, face_px: int) -> Path | None:
    """Write the size into the calibration beside a run's calibrated model, and return it; None for any other model."""
    record = model.parent / CALIBRATION
    if model.name != CALIBRATED or not record.exists():
        return None
    write_record(read_record(record, Calibration).model_copy(update={"smallest_face_px": float(face_px)}), record)
    return record


def row_text(row: SizeFigures) -> str:
    """Return one row of the table under `HEAD`."""
    name = "stored" if row.face_px is None else str(row.face_px)
    return f"{name:>9}{row.reduced:>9}{row.accuracy:>10.4f}{row.macro_f1:>10.4f}"


def _figures(face_px: int | None, faces: Sequence[LabelledFace], answer: Answer) -> SizeFigures:
    shown = faces if face_px is None else [reduced_face(face, face_px) for face in faces]
    answers = answer(shown)
    labels = np.array([face.label for face in faces])
    is_known = answers.knows(labels)
    labels, predicted = labels[is_known], answers.probabilities.argmax(axis=1)[is_known]
    return SizeFigures(
        face_px=face_px,
        reduced=sum(face is not other for face, other in zip(faces, shown, strict=True)),
        accuracy=float((labels == predicted).mean()),
        macro_f1=macro_f1(labels, predicted, STATE_COUNT),
    )
