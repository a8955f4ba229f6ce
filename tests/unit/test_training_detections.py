"""What the detector saw becomes the crop of training; the detectors themselves are tested elsewhere."""

import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from pipeline.inference.detectors import open_frame_detector
from pipeline.types import Box, Face, Frame, UInt8Array
from pipeline.vision.crop import crop_frame_face
from pipeline.vision.overlap import iou
from tests.faces import FACE_BOX, encoded, face_picture, face_zip
from training import detections
from training.crops import serving_crops
from training.detections import with_detections
from training.faces import LabelledFace, decode_picture, load_faces
from training.frames import frame_of

KEY_POINTS = tuple((float(10 + i), float(12 + i)) for i in range(6))
CLOSE_BOX = Box(9, 8, 41, 40)


class Serving:
    """A frame detector that sees a face at `box` in each frame, and counts its looks."""

    def __init__(self, box: Box | None) -> None:
        self.box, self.looks = box, 0

    def detect(self, _frame: Frame) -> tuple[Face, ...]:
        self.looks += 1
        return () if self.box is None else (Face(self.box, 0.9, KEY_POINTS),)

    def close(self) -> None:
        pass


class Near:
    """A picture detector that sees a face in the middle half of each picture."""

    input_size_px = 128
    model_size_px = 128

    def detect(self, picture: UInt8Array) -> tuple[Face, ...]:
        height, width = picture.shape[:2]
        box = Box(0.28 * width, 0.28 * height, 0.72 * width, 0.72 * height)
        points = tuple((x / 48 * width, y / 48 * height) for x, y in KEY_POINTS)
        return (Face(box, 0.4, points),)

    def close(self) -> None:
        pass


def patched(monkeypatch: pytest.MonkeyPatch, box: Box | None) -> Serving:
    serving = Serving(box)
    monkeypatch.setattr(detections, "open_frame_detector", lambda: serving)
    monkeypatch.setattr(detections, "open_detector", lambda _name, **_options: Near())
    return serving


@pytest.fixture
def faces(tmp_path: Path) -> list[LabelledFace]:
    return load_faces(face_zip(tmp_path / "faces.zip", {"train": {"masked": 2}}))


def test_the_box_that_serving_would_crop_takes_the_place_of_the_annotator_s(
    monkeypatch: pytest.MonkeyPatch, faces: list[LabelledFace]
) -> None:
    patched(monkeypatch, CLOSE_BOX)

    found = with_detections(faces)

    assert [face.box for face in found] == [CLOSE_BOX] * 2
    assert found[0].key_points == pytest.approx(np.array(KEY_POINTS, np.float32))


def test_another_face_in_the_picture_is_not_taken_for_the_labelled_one(
    monkeypatch: pytest.MonkeyPatch, faces: list[LabelledFace]
) -> None:
    patched(monkeypatch, Box(30, 30, 47, 47))

    assert [face.box for face in with_detections(faces)] == [Box(*FACE_BOX)] * 2


def test_a_tight_picture_keeps_its_box_and_gains_key_points(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    patched(monkeypatch, None)
    (tmp_path / "masked").mkdir()
    (tmp_path / "masked" / "tight.png").write_bytes(encoded(face_picture("masked", 0)))

    (found,) = with_detections(load_faces(tmp_path))

    assert found.box == Box(0, 0, 48, 48)
    # A point a quarter of the padded picture from its edge, moved back by the padding.
    padded_px = 48 + 2 * round(0.4 * 48)
    assert found.key_points is not None
    assert found.key_points[0] == pytest.approx([10 / 48 * padded_px - 19, 12 / 48 * padded_px - 19], abs=0.1)


def test_what_was_seen_is_kept_for_the_next_run(
    monkeypatch: pytest.MonkeyPatch, faces: list[LabelledFace], tmp_path: Path
) -> None:
    serving = patched(monkeypatch, CLOSE_BOX)
    first = with_detections(faces, tmp_path / "kept.npz")
    looks = serving.looks

    again = with_detections(faces, tmp_path / "kept.npz")
    others = with_detections(faces[:1], tmp_path / "kept.npz")

    assert serving.looks == looks + 1
    assert [face.box for face in again] == [face.box for face in first]
    assert len(others) == 1


@pytest.mark.parametrize("box", [Box(8, 6, 40, 42), Box(-3.2, 5.1, 30.7, 44.4), Box(20, 20, 60, 70)])
def test_a_training_crop_is_the_serving_crop_of_the_stored_picture_to_the_pixel(tmp_path: Path, box: Box) -> None:
    (tmp_path / "masked").mkdir()
    stored = face_picture("masked", 3)
    (tmp_path / "masked" / "face.png").write_bytes(encoded(stored))
    (loaded,) = load_faces(tmp_path)

    (trained_on,) = serving_crops([LabelledFace(loaded.name, loaded.picture, box, 0, "", "")], 32)

    np.testing.assert_array_equal(trained_on, crop_frame_face(frame_of(stored), box, 32))


def test_the_crop_of_a_real_face_is_what_serving_makes_of_its_picture(shared_data: Path) -> None:
    """The stored bytes, the runtime's detector, its box, the planes, the resize: all as `maskstream` does it."""
    faces = with_detections(load_faces(shared_data / "faces.zip", ["val"])[:12])
    with zipfile.ZipFile(shared_data / "faces.zip") as archive, closing(open_frame_detector()) as detector:
        frames = [frame_of(decode_picture(archive.read(face.name), face.name)) for face in faces]
        seen = [[found.box for found in detector.detect(frame)] for frame in frames]

    for face, frame in zip(faces, frames, strict=True):
        np.testing.assert_array_equal(serving_crops([face], 96)[0], crop_frame_face(frame, face.box, 96))
    served = [max((iou(box, face.box) for box in boxes), default=0.0) for face, boxes in zip(faces, seen, strict=True)]
    assert sum(share > 0.97 for share in served) > 3
