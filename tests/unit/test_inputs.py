"""INPUT arguments become inputs, each with an output folder of its own."""

import os
from pathlib import Path

import pytest

from pipeline.sources.inputs import Input, InputKind, expand_inputs


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def expanded(*arguments: str) -> tuple[Input, ...]:
    result = expand_inputs(arguments)
    assert result.errors == ()
    return result.inputs


@pytest.mark.usefixtures("folder")
class TestFiles:
    def test_a_file_is_taken_whatever_its_suffix(self) -> None:
        touch("a.mp4", "b.dat")
        inputs = expanded("a.mp4", "b.dat")
        assert [(item.kind, item.location, item.stem) for item in inputs] == [
            (InputKind.RECORDING, "a.mp4", "a"),
            (InputKind.RECORDING, "b.dat", "b"),
        ]

    def test_the_same_file_is_taken_once(self) -> None:
        touch("clips/a.mp4")
        assert len(expanded("clips/a.mp4", "clips", "clips/*", "./clips/../clips/a.mp4")) == 1

    def test_stems_are_unique_in_any_case(self) -> None:
        touch("a.mp4", "a.mkv", "b/A.mp4", "a-2.mp4")
        inputs = expanded("a.mp4", "a.mkv", "b/A.mp4", "a-2.mp4")
        assert [item.stem for item in inputs] == ["a", "a-2", "A-3", "a-2-2"]

    def test_a_stem_never_leaves_the_output_folder(self) -> None:
        touch("...mp4", "..mp4")
        assert [item.stem for item in expanded("...mp4", "..mp4")] == ["input", "input-2"]

    def test_a_name_with_the_signs_of_a_pattern(self) -> None:
        touch("a[1].mp4")
        assert [item.location for item in expanded("a[1].mp4")] == ["a[1].mp4"]


@pytest.mark.usefixtures("folder")
class TestPictures:
    def test_a_picture(self) -> None:
        touch("faces/a.jpg")
        (item,) = expanded("faces/a.jpg")
        assert (item.kind, item.stem, item.pictures) == (InputKind.PICTURES, "a", (Path("faces/a.jpg"),))

    def test_a_folder_of_pictures_is_one_input(self) -> None:
        touch("faces/b.PNG", "faces/a.jpg", "faces/notes.txt", "faces/.hidden.jpg")
        (item,) = expanded("faces")
        assert (item.kind, item.location, item.stem) == (InputKind.PICTURES, "faces", "faces")
        assert item.pictures == (Path("faces/a.jpg"), Path("faces/b.PNG"))

    def test_pictures_one_by_one_are_grouped_by_folder(self) -> None:
        touch("x/a.jpg", "x/b.jpg", "y/a.jpg")
        inputs = expanded("x/a.jpg", "y/a.jpg", "x/b.jpg")
        assert [(item.stem, len(item.pictures)) for item in inputs] == [("x", 2), ("a", 1)]

    def test_the_pictures_of_the_working_directory_take_its_name(self, folder: Path) -> None:
        touch("a.jpg", "b.jpg")
        (item,) = expanded(".")
        assert item.stem == folder.name


@pytest.mark.usefixtures("folder")
class TestFoldersAndPatterns:
    def test_a_folder_of_both(self) -> None:
        touch("all/b.mp4", "all/a.mkv", "all/c.jpg", "all/d.jpg", "all/below/e.mp4")
        inputs = expanded("all")
        assert [(item.kind, item.stem) for item in inputs] == [
            (InputKind.RECORDING, "a"),
            (InputKind.RECORDING, "b"),
            (InputKind.PICTURES, "all"),
        ]

    def test_a_pattern_is_sorted_and_leaves_out_what_is_no_media(self) -> None:
        touch("c/b.mp4", "c/a.mp4", "c/sums.txt", "c/d/e.mp4")
        assert [item.location for item in expanded("c/**")] == ["c/a.mp4", "c/b.mp4", "c/d/e.mp4"]

    def test_a_pattern_for_another_suffix_is_meant_as_it_stands(self) -> None:
        touch("b.dat", "a.dat")
        assert [item.location for item in expanded("*.dat")] == ["a.dat", "b.dat"]

    def test_a_pattern_may_be_absolute(self, folder: Path) -> None:
        touch("a.mp4")
        assert [item.location for item in expanded(f"{folder}/*.mp4")] == [str(folder / "a.mp4")]


class TestLive:
    @pytest.mark.parametrize(
        ("location", "stem"),
        [
            ("camera:0", "camera-0"),
            ("/dev/video1", "dev-video1"),
            ("rtsp://admin:hunter22@10.0.0.5:554/ch1?token=abc", "10.0.0.5-554-ch1"),
            ("http://host/live.m3u8", "host-live.m3u8"),
        ],
    )
    def test_cameras_and_urls(self, location: str, stem: str) -> None:
        (item,) = expanded(location)
        assert (item.kind, item.location, item.stem) == (InputKind.LIVE, location, stem)
        assert "hunter22" not in repr(item)


@pytest.mark.usefixtures("folder")
class TestErrors:
    def test_every_bad_argument_is_told_and_the_others_are_taken(self) -> None:
        touch("a.mp4", "texts/notes.txt")
        Path("empty").mkdir()
        result = expand_inputs(["missing.mp4", "a.mp4", "empty", "texts", "*.mkv"])
        assert [item.stem for item in result.inputs] == ["a"]
        assert [str(error).split(";")[0] for error in result.errors] == [
            "missing.mp4 does not exist",
            "empty holds no video and no picture",
            "texts holds no video and no picture",
            "no file matches *.mkv",
        ]

    def test_a_url_with_a_slash_too_few_shows_no_password(self) -> None:
        (error,) = expand_inputs(["rtsp:/admin:hunter22@camera/1"]).errors
        assert "hunter22" not in str(error)

    def test_a_folder_that_may_not_be_listed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("closed").mkdir()

        def refuse(_: Path) -> None:
            raise PermissionError(13, os.strerror(13))

        monkeypatch.setattr(Path, "iterdir", refuse)
        (error,) = expand_inputs(["closed"]).errors
        assert str(error) == "closed can't be read: permission denied"
