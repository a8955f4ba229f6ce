"""What every `FaceDetector` promises."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.inference.detector_pool import DetectorPool
from pipeline.inference.detectors import MIN_SCORE, OpenDetector, open_detector
from pipeline.ports import FaceDetector
from pipeline.types import Box, UInt8Array
from pipeline.vision.overlap import iou

Open = Callable[[], FaceDetector]

ASTRONAUT_FACE = Box(179.0, 64.0, 266.0, 178.0)
"""Forehead to chin in scikit-image's picture of Eileen Collins (NASA, public domain), boxed by hand."""

WORST_IOU = 0.6


def _opener(opened: OpenDetector, name: str, folder: Path) -> Open:
    if name != "yunet":
        return lambda: opened(name)
    pytest.importorskip("onnx", reason="onnx writes the stand-in for YuNet")
    from tests.yunet import write_bright_cell_yunet

    path = folder / "bright_cells.onnx"
    write_bright_cell_yunet(path)
    return lambda: opened("yunet", model_path=path)


@pytest.fixture(params=sorted(MIN_SCORE))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["alone", "shared"])
def open_one(request: pytest.FixtureRequest, name: str, tmp_path: Path) -> Open:
    return _opener(DetectorPool(1).open if request.param == "shared" else open_detector, name, tmp_path)


@pytest.fixture
def detector(open_one: Open) -> Iterator[FaceDetector]:
    one = open_one()
    yield one
    one.close()


@pytest.fixture(scope="module")
def astronaut() -> UInt8Array:
    data = pytest.importorskip("skimage.data", reason="scikit-image carries the picture of a face")
    return np.asarray(data.astronaut(), np.uint8)


@pytest.fixture(scope="module")
def noise() -> UInt8Array:
    return np.random.default_rng(7).integers(0, 256, (211, 333, 3), np.uint8)


def test_an_empty_picture_has_no_face(detector: FaceDetector) -> None:
    assert detector.detect(np.full((270, 480, 3), 110, np.uint8)) == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 3), (33, 17)])
def test_a_picture_may_be_of_any_size(detector: FaceDetector, size: tuple[int, int]) -> None:
    for face in detector.detect(np.zeros((*size, 3), np.uint8)):
        assert face.box.size_px <= 3 * max(size)


def test_boxes_lie_about_the_picture_and_scores_fall(
    detector: FaceDetector, noise: UInt8Array, astronaut: UInt8Array
) -> None:
    for picture in (noise, astronaut):
        height, width = picture.shape[:2]
        faces = detector.detect(picture)
        assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)
        for face in faces:
            x, y = face.box.center
            assert -0.5 * width <= x <= 1.5 * width
            assert -0.5 * height <= y <= 1.5 * height


def test_no_face_scores_below_the_lowest_score(detector: FaceDetector, name: str, astronaut: UInt8Array) -> None:
    assert all(face.score >= MIN_SCORE[name] for face in detector.detect(astronaut))


def test_the_same_picture_gives_the_same_faces(
    detector: FaceDetector, noise: UInt8Array, astronaut: UInt8Array
) -> None:
    first = detector.detect(astronaut)
    detector.detect(noise)
    assert detector.detect(astronaut) == first


def test_the_picture_stays_as_it_was_and_may_be_a_read_only_view(detector: FaceDetector, astronaut: UInt8Array) -> None:
    view = astronaut[:300, 50:400]
    view.flags.writeable = False
    before = view.copy()
    assert detector.detect(view) == detector.detect(before)
    assert np.array_equal(view, before)


def test_closing_twice_is_allowed(open_one: Open) -> None:
    detector = open_one()
    detector.close()
    detector.close()


def test_a_detector_outlives_another(open_one: Open, astronaut: UInt8Array) -> None:
    one, other = open_one(), open_one()
    expected = one.detect(astronaut)
    other.close()
    assert one.detect(astronaut) == expected
    one.close()


def test_the_size_it_works_at_is_a_whole_number_of_pixels(detector: FaceDetector) -> None:
    assert 64 <= detector.input_size_px <= 1920
    assert detector.input_size_px % detector.model_size_px == 0


class TestOnARealFace:
    """The stand-in for YuNet knows no faces, so it has no part in this."""

    @pytest.fixture(params=sorted({*MIN_SCORE} - {"yunet"}))
    def name(self, request: pytest.FixtureRequest) -> str:
        return str(request.param)

    def test_the_face_is_boxed_from_forehead_to_chin(self, detector: FaceDetector, astronaut: UInt8Array) -> None:
        best = detector.detect(astronaut)[0]
        assert iou(best.box, ASTRONAUT_FACE) >= WORST_IOU
        assert best.box.height > best.box.width

    def test_key_points_are_in_the_order_of_the_type(self, detector: FaceDetector, astronaut: UInt8Array) -> None:
        points = detector.detect(astronaut)[0].key_points
        if points:
            right_eye, left_eye, nose, mouth, right_ear, left_ear = points
            assert right_ear[0] < right_eye[0] < nose[0] < left_eye[0] < left_ear[0]
            assert max(right_eye[1], left_eye[1]) < nose[1] < mouth[1]

    def test_a_mirrored_face_is_found_where_it_is(self, detector: FaceDetector, astronaut: UInt8Array) -> None:
        width = astronaut.shape[1]
        box = detector.detect(astronaut[:, ::-1])[0].box
        assert iou(Box(width - box.x2, box.y1, width - box.x1, box.y2), ASTRONAUT_FACE) >= WORST_IOU
