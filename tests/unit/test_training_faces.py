import zipfile
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import ConfigError, SourceError
from pipeline.types import Box
from tests.faces import FACE_BOX, class_folders, encoded, face_picture, face_zip
from training.faces import LABEL_INDEX, load_faces
from training.frames import as_served

COUNTS = {"train": {"masked": 3, "incorrect": 1, "unmasked": 2}, "val": {"masked": 1}, "weak": {"masked": 1}}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return face_zip(tmp_path / "faces.zip", COUNTS)


def replace_table(archive: Path, table: str) -> Path:
    """Return a zip of the same pictures with another faces.csv."""
    result = archive.with_name("other.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(result, "w") as new:
        for name in old.namelist():
            new.writestr(name, table if name == "faces.csv" else old.read(name))
    return result


def test_a_zip_gives_the_faces_of_the_split(archive: Path) -> None:
    faces = load_faces(archive, ["train"])

    assert [face.label for face in faces] == [0, 0, 0, 1, 2, 2]
    assert faces[0].box == Box(*FACE_BOX)
    assert (faces[0].source, faces[0].group, faces[0].note) == ("source-0", "train/masked-0.png", "")
    np.testing.assert_array_equal(faces[0].picture, as_served(face_picture("masked", seed=0)))


def test_without_a_split_all_faces_come(archive: Path) -> None:
    assert len(load_faces(archive)) == 8


def test_an_unpacked_zip_is_the_same(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "unpacked")

    names = [face.name for face in load_faces(tmp_path / "unpacked", ["train"])]

    assert names == [face.name for face in load_faces(archive, ["train"])]


@pytest.mark.parametrize(
    "names",
    [
        {"masked": "masked", "incorrect": "incorrect", "unmasked": "unmasked"},
        {"Masked": "masked", "Incorrectly_worn_mask": "incorrect", "without_mask": "unmasked"},
        {"WithMask": "masked", "WithoutMask": "unmasked"},
        {"With Mask": "masked", "no-mask": "unmasked"},
    ],
)
def test_class_folders_go_by_many_names(tmp_path: Path, names: dict[str, str]) -> None:
    faces = load_faces(class_folders(tmp_path / "faces", names))

    assert sorted({face.label for face in faces}) == sorted(LABEL_INDEX[label] for label in names.values())
    assert all(face.box == Box(0, 0, 48, 48) and face.is_tight for face in faces)


def test_own_names_of_class_folders_are_added(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "faces", {"Mit Maske": "masked", "unmasked": "unmasked"})

    assert [face.label for face in load_faces(root, aliases={"mit_maske": "masked"})] == [0, 0, 2, 2]


def test_an_alias_of_an_unknown_class_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="stands for one of masked, incorrect, unmasked, got hat"):
        load_faces(tmp_path, aliases={"x": "hat"})


def test_class_folders_in_a_zip_count_too(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "faces", {"masked": "masked"})
    with zipfile.ZipFile(tmp_path / "folders.zip", "w") as archive:
        for file in sorted(root.rglob("*.png")):
            archive.write(file, file.relative_to(tmp_path))

    assert len(load_faces(tmp_path / "folders.zip")) == 2


def test_a_split_of_class_folders_is_the_folder_around_them(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "faces", {"Train/WithMask": "masked", "Test/WithMask": "masked"})

    assert [face.name for face in load_faces(root, ["test"])] == ["Test/WithMask/0.png", "Test/WithMask/1.png"]


def test_a_split_that_is_not_there_is_an_error(archive: Path, tmp_path: Path) -> None:
    root = class_folders(tmp_path / "faces", {"masked": "masked"})

    for data in (archive, root):
        with pytest.raises(SourceError, match="no labelled face of split test"):
            load_faces(data, ["test"])


@pytest.mark.parametrize("content", [None, "", "hello.txt"])
def test_what_holds_no_faces_says_what_is_needed(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "data"
    if content is not None:
        path.mkdir()
    if content:
        (path / content).write_text("hello")

    with pytest.raises(SourceError, match=r"neither a folder nor a zip|faces\.csv, or a folder per class"):
        load_faces(path)


def test_a_broken_picture_is_named(tmp_path: Path) -> None:
    root = class_folders(tmp_path / "faces", {"masked": "masked"})
    (root / "masked" / "2.png").write_bytes(encoded(face_picture("masked", 0))[:60])

    with pytest.raises(SourceError, match=r"masked/2\.png is not a picture"):
        load_faces(root)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("file,label\na.png,masked\n", "lacks the column split"),
        ("file,split,label,x1,y1,x2,y2\ntrain/masked-0.png,train,masked,1,2,3,\n", "row of train/masked-0.png"),
        ("file,split,label,x1,y1,x2,y2\ntrain/masked-0.png,train,masked,9,2,3,4\n", "row of train/masked-0.png"),
        ("file,split,label,x1,y1,x2,y2\ngone.png,train,masked,1,2,3,4\n", r"row of gone\.png"),
    ],
)
def test_a_faulty_table_is_named(archive: Path, table: str, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        load_faces(replace_table(archive, table))


def test_other_classes_than_those_asked_for_are_left_out(archive: Path, tmp_path: Path) -> None:
    root = class_folders(tmp_path / "faces", {"masked": "masked", "incorrect": "incorrect", "unmasked": "unmasked"})

    table_labels = [face.label for face in load_faces(archive, ["train"], classes=("unmasked", "masked"))]
    folder_labels = [face.label for face in load_faces(root, classes=("unmasked", "masked"))]

    assert table_labels == [1, 1, 1, 0, 0]
    assert sorted(folder_labels) == [0, 0, 1, 1]


def test_rows_of_other_labels_are_left_out(archive: Path) -> None:
    table = (
        "file,split,label,x1,y1,x2,y2\ntrain/masked-0.png,weak,covered,1,2,30,40\nval/masked-0.png,weak,dog,1,2,3,4\n"
    )

    faces = load_faces(replace_table(archive, table))

    assert [(face.name, face.label) for face in faces] == [("train/masked-0.png", 0)]
