from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ModelError
from pipeline.types import Box
from tests.verdicts import labelled_faces
from training.answers import JudgedModel
from training.calibration import SMALLEST_FACE_PX, Calibration
from training.faces import LabelledFace
from training.run_folder import read_record, write_record
from training.smallest_face import (
    SIZES_PX,
    SizeFigures,
    note_smallest_face,
    reduced_face,
    size_figures,
    smallest_face_px,
)

FOUND = Calibration(split="val", faces=9, temperature=1, ece_before=0, ece_after=0, unknown_below=0.5, coverage=1)


def rows(*losses: float) -> list[SizeFigures]:
    """Return what a model that loses so much at each size would give."""
    reduced = [SizeFigures(size, 9, 0.9, 0.9 - loss) for size, loss in zip(SIZES_PX, losses, strict=False)]
    return [SizeFigures(None, 0, 0.9, 0.9), *reduced]


def blind_under(face_px: float, faces: Sequence[LabelledFace]) -> JudgedModel:
    """Return the answers of a model that is right from that size on and calls all smaller faces masked."""
    said = [face.label if face.box.size_px >= face_px else 0 for face in faces]
    return JudgedModel("0" * 64, np.eye(3, dtype=np.float32)[said])


@given(st.integers(12, 96), st.integers(30, 120), st.integers(30, 120))
def test_a_reduced_face_has_the_size_asked_for(face_px: int, width: int, height: int) -> None:
    picture = np.zeros((height + 20, width + 20, 3), np.uint8)
    (face,) = (replace(one, picture=picture, box=Box(10, 10, 10 + width, 10 + height)) for one in labelled_faces([0]))

    small = reduced_face(face, face_px)

    assert small.box.size_px == pytest.approx(min(face_px, max(width, height)), abs=0.6)
    assert small.box.width / small.box.height == pytest.approx(width / height, rel=0.15)
    assert small.box.x2 < small.picture.shape[1]


def test_a_tight_face_stays_tight() -> None:
    (face,) = (replace(one, box=Box(0, 0, 48, 48)) for one in labelled_faces([0]))

    small = reduced_face(face, 12)

    assert small.picture.shape == (12, 12, 3)
    assert small.box == Box(0, 0, 12, 12)
    assert small.is_tight


def test_a_face_that_is_smaller_already_is_left_alone() -> None:
    (face,) = labelled_faces([0])

    assert reduced_face(face, 64) is face


def test_the_smallest_is_the_last_before_the_loss() -> None:
    found = list(size_figures(labelled_faces([0, 1, 2] * 2), lambda faces: blind_under(19.5, faces)))

    assert [row.face_px for row in found] == [None, *SIZES_PX]
    assert [row.reduced for row in found[:4]] == [0, 0, 0, 6]  # the faces are 36 px high
    assert (found[0].accuracy, found[0].macro_f1) == (1, 1)
    assert smallest_face_px(found) == 20


def test_a_size_that_does_better_below_a_loss_is_not_taken() -> None:
    assert smallest_face_px(rows(0, 0.005, 0.02, 0, 0)) == SIZES_PX[1]


def test_a_loss_from_the_start_is_an_error() -> None:
    with pytest.raises(ModelError, match=r"loses 0\.01 of macro-F1 or more on faces of 64 px already"):
        smallest_face_px(rows(0.01, 0))


def test_the_size_lands_in_the_calibration_beside_the_model(tmp_path: Path) -> None:
    record = tmp_path / "calibration.json"
    write_record(FOUND, record)
    assert read_record(record, Calibration).smallest_face_px == SMALLEST_FACE_PX

    assert note_smallest_face(tmp_path / "calibrated.keras", 24) == record

    assert read_record(record, Calibration) == FOUND.model_copy(update={"smallest_face_px": 24.0})


def test_a_model_without_a_calibration_has_nowhere_to_note_it(tmp_path: Path) -> None:
    write_record(FOUND, tmp_path / "calibration.json")

    assert note_smallest_face(tmp_path / "model.onnx", 24) is None
    assert note_smallest_face(tmp_path / "elsewhere" / "calibrated.keras", 24) is None
