"""Still pictures of every kind, and folders of them as streams."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.errors import SourceError
from pipeline.sources.pictures import PictureSequence, load_picture
from pipeline.types import UInt8Array
from pipeline.vision.i420 import rgb_frame
from tests.media import jpeg_with_orientation, quadrants

PICTURE = quadrants(64, 48)


def write(path: Path, rgb: UInt8Array = PICTURE) -> Path:
    assert cv2.imwrite(str(path), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    return path


@pytest.mark.parametrize(("suffix", "tolerance"), [("png", 0), ("bmp", 0), ("tiff", 0), ("jpg", 12), ("webp", 6)])
def test_formats(tmp_path: Path, suffix: str, tolerance: int) -> None:
    rgb = load_picture(write(tmp_path / f"a.{suffix}"))
    assert rgb.dtype == np.uint8
    assert rgb.flags.c_contiguous
    np.testing.assert_allclose(inner(rgb), inner(PICTURE), atol=tolerance)


def inner(rgb: UInt8Array) -> list[list[int]]:
    """The middle pixel of each quadrant."""
    height, width = rgb.shape[:2]
    return [
        rgb[y, x].astype(int).tolist() for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)
    ]


@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_transparency_is_dropped_and_16_bits_become_8(tmp_path: Path, suffix: str) -> None:
    bgra = cv2.cvtColor(PICTURE, cv2.COLOR_RGB2BGRA)
    bgra[..., 3] = 200
    assert cv2.imwrite(str(tmp_path / f"a.{suffix}"), bgra)
    assert cv2.imwrite(str(tmp_path / f"b.{suffix}"), cv2.cvtColor(PICTURE, cv2.COLOR_RGB2BGR).astype(np.uint16) * 257)
    for name in ("a", "b"):
        np.testing.assert_allclose(inner(load_picture(tmp_path / f"{name}.{suffix}")), inner(PICTURE), atol=1)


@pytest.mark.parametrize("suffix", ["png", "tiff", "jpg"])
def test_grey_becomes_rgb(tmp_path: Path, suffix: str) -> None:
    assert cv2.imwrite(str(tmp_path / f"a.{suffix}"), np.full((8, 9), 77, np.uint8))
    np.testing.assert_array_equal(load_picture(tmp_path / f"a.{suffix}"), np.full((8, 9, 3), 77))


UPRIGHT = {
    1: PICTURE,
    2: PICTURE[:, ::-1],
    3: PICTURE[::-1, ::-1],
    4: PICTURE[::-1],
    5: PICTURE.transpose(1, 0, 2),
    6: np.rot90(PICTURE, -1),
    7: PICTURE[::-1, ::-1].transpose(1, 0, 2),
    8: np.rot90(PICTURE, 1),
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_exif_orientation(tmp_path: Path, orientation: int) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg_with_orientation(PICTURE, orientation))
    rgb = load_picture(path)
    assert rgb.shape == UPRIGHT[orientation].shape
    np.testing.assert_allclose(inner(rgb), inner(UPRIGHT[orientation]), atol=12)


def test_what_is_no_picture(tmp_path: Path) -> None:
    text, empty = tmp_path / "text.jpg", tmp_path / "empty.png"
    text.write_text("not a picture")
    empty.touch()
    with pytest.raises(SourceError, match=r"text\.jpg is not a picture"):
        load_picture(text)
    with pytest.raises(SourceError, match=r"empty\.png is empty"):
        load_picture(empty)
    with pytest.raises(SourceError, match=r"missing\.png can't be read: no such file"):
        load_picture(tmp_path / "missing.png")


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff"])
def test_a_cut_picture_says_so_in_one_place(tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / f"a.{suffix}", np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(SourceError, match="is not a picture that can be read"):
        load_picture(path)
    assert capfd.readouterr().err == "", "no library's own words reach the user"


class TestSequence:
    @pytest.fixture
    def pictures(self, tmp_path: Path) -> list[Path]:
        """Three pictures, the second of another size."""
        return [write(tmp_path / f"{index}.png", quadrants(64 + 2 * (index % 2), 48)) for index in range(3)]

    def test_times_and_colours(self, pictures: list[Path]) -> None:
        started = datetime(2024, 1, 1, tzinfo=UTC)
        source = PictureSequence(pictures, "s", 5, "folder", started)
        frames = list(source.frames())
        assert [frame.media_s for frame in frames] == [0, 0.2, 0.4]
        assert [frame.duration_s for frame in frames] == [0.2] * 3
        assert frames[2].captured_utc == started + timedelta(seconds=0.4)
        assert [frame.width for frame in frames] == [64, 66, 64]
        np.testing.assert_allclose(inner(rgb_frame(frames[0])), inner(PICTURE), atol=2)
        assert (source.info.frame_count, source.info.duration_s, source.warnings) == (3, 0.6, ())

    def test_what_is_no_picture_is_passed_over_and_told(self, pictures: list[Path]) -> None:
        pictures[0].write_text("not a picture")
        source = PictureSequence(pictures, "s", 5, "folder")
        frames = list(source.frames())
        assert [(frame.index, frame.media_s) for frame in frames] == [(0, 0.2), (1, 0.4)]
        assert "0.png is not a picture" in source.warnings[0]

    def test_nothing_to_show(self, pictures: list[Path]) -> None:
        for path in pictures:
            path.write_text("not a picture")
        with pytest.raises(SourceError, match="folder holds no picture"):
            PictureSequence(pictures, "s", 5, "folder")

    def test_a_rate_must_be_positive(self, pictures: list[Path]) -> None:
        with pytest.raises(ValueError, match="more than 0"):
            PictureSequence(pictures, "s", 0, "folder")
