"""How small a face may be: what a model loses on faces that were reduced, and the smallest that is still judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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

SIZES_PX = (12, 16, 20, 24, 28, 32, 40, 48, 64)

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


def size_figures(faces: Sequence[LabelledFace], answer: Answer) -> list[SizeFigures]:
    """Return how the model behind `answer` does on `faces` at each of `SIZES_PX`, and last as they are stored.

    Faces of classes that the model does not know are left out.
    """
    stored = _figures(None, 0, faces, answer)
    sizes = (size for size in SIZES_PX if any(face.box.size_px > size for face in faces))
    rows = [_figures_at(size, faces, answer) for size in sizes]
    return [*rows, stored]


def smallest_face_px(rows: Sequence[SizeFigures]) -> int:
    """Return the smallest size from which on no size loses `ALLOWED_LOSS` of macro-F1; raise ModelError without one."""
    *small, stored = rows
    chosen: int | None = None
    for row in reversed(small):
        if stored.macro_f1 - row.macro_f1 >= ALLOWED_LOSS:
            break
        chosen = row.face_px
    if chosen is None:
        raise ModelError(
            f"the model loses {ALLOWED_LOSS:.0%} of macro-F1 or more at every size up to {SIZES_PX[-1]} px"
        )
    return chosen


def note_smallest_face(model: Path, face_px: int) -> Path | None:
    """Write the size into the calibration beside a run's calibrated model, and return it; None for any other model."""
    record = model.parent / CALIBRATION
    if model.name != CALIBRATED or not record.exists():
        return None
    write_record(read_record(record, Calibration).model_copy(update={"smallest_face_px": float(face_px)}), record)
    return record


def table(rows: Sequence[SizeFigures]) -> str:
    """Return the rows for a person to read, with the size that is chosen by them."""
    stored = rows[-1]
    lines = [f"{'face, px':>9}{'reduced':>9}{'accuracy':>10}{'macro-F1':>10}{'loss':>9}"]
    for row in rows:
        name = "stored" if row.face_px is None else str(row.face_px)
        lost = stored.macro_f1 - row.macro_f1
        lines.append(f"{name:>9}{row.reduced:>9}{row.accuracy:>10.4f}{row.macro_f1:>10.4f}{lost:>9.4f}")
    lines.append(f"smallest face: {smallest_face_px(rows)} px, less than {ALLOWED_LOSS} of macro-F1 lost from there on")
    return "\n".join(lines)


def _figures_at(face_px: int, faces: Sequence[LabelledFace], answer: Answer) -> SizeFigures:
    small = [reduced_face(face, face_px) for face in faces]
    return _figures(face_px, sum(face.box.size_px > face_px for face in faces), small, answer)


def _figures(face_px: int | None, reduced: int, faces: Sequence[LabelledFace], answer: Answer) -> SizeFigures:
    answers = answer(faces)
    labels = np.array([face.label for face in faces])
    is_known = answers.knows(labels)
    labels, predicted = labels[is_known], answers.probabilities.argmax(axis=1)[is_known]
    accuracy = float((labels == predicted).mean())
    return SizeFigures(face_px, reduced, accuracy, macro_f1(labels, predicted, STATE_COUNT))
