import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.detection import MISSED, macro_f1_with_misses
from benchmarks.scenes import AnnotatedFace, fits, load_scenes, match
from pipeline.errors import SourceError
from pipeline.types import Box, Face

LEFT, RIGHT = AnnotatedFace(Box(0, 0, 40, 50), 0), AnnotatedFace(Box(100, 0, 140, 50), 2)


def test_each_annotated_face_is_matched_once() -> None:
    found = [Face(Box(2, 0, 42, 50), 0.9), Face(Box(0, 0, 40, 50), 0.8), Face(Box(101, 0, 141, 50), 0.7)]
    assert match([LEFT, RIGHT], found) == [0, None, 1]


def test_a_face_takes_the_annotation_that_it_covers_best() -> None:
    behind = AnnotatedFace(Box(20, 0, 60, 50), 1)
    assert match([LEFT, behind], [Face(Box(18, 0, 58, 50), 0.9)]) == [1]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Box(0, 0, 40, 50), True),
        (Box(0, 0, 40, 16), True),
        (Box(8, 10, 32, 34), True),
        (Box(15, 20, 25, 30), False),
        (Box(30, 30, 70, 80), False),
    ],
    ids=["the same", "a third of it", "its middle", "a speck in it", "beside it"],
)
def test_a_box_fits_by_overlap_or_by_centre_and_size(found: Box, expected: bool) -> None:
    assert fits(found, LEFT.box) is expected


def test_a_missed_face_counts_against_its_class() -> None:
    counts = np.zeros((3, MISSED + 1), np.int64)
    counts[0, 0] = counts[1, 1] = counts[2, 2] = 1
    assert macro_f1_with_misses(counts) == 1.0
    counts[0, MISSED] = 1
    assert macro_f1_with_misses(counts) == pytest.approx((2 / 3 + 1 + 1) / 3)


def test_scenes_are_read_with_their_faces_in_pixels_of_the_frame(tmp_path: Path) -> None:
    path = tmp_path / "scenes.zip"
    picture = cv2.imencode(".png", np.full((30, 50, 3), 90, np.uint8))[1].tobytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", picture)
        archive.writestr("scenes.csv", "file,label,x1,y1,x2,y2\na.png,incorrect,1.0,2.0,11.0,14.0\n")
    (scene,) = load_scenes(path)
    assert (scene.frame.width, scene.frame.height) == (50, 30)
    assert scene.faces == (AnnotatedFace(Box(1, 2, 11, 14), 1),)


@pytest.mark.parametrize("content", [None, b"", b"text"])
def test_what_is_no_zip_of_scenes_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "scenes.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=r"scenes\.zip is no zip of annotated scenes"):
        load_scenes(path)


def test_a_zip_without_its_table_is_named() -> None:
    with zipfile.ZipFile(empty := io.BytesIO(), "w"):
        pass
    empty.seek(0)
    with pytest.raises(SourceError, match="no zip of annotated scenes"):
        load_scenes(empty)  # type: ignore[arg-type]  # a zip file is opened from a path or a stream alike
