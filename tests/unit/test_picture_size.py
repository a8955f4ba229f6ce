"""Sizes read from headers, beside what a decoder makes of the same files."""

import struct

import cv2
import numpy as np
import pytest

from pipeline.sources.picture_size import picture_size
from tests.media import jpeg_with_orientation, quadrants

WIDTH, HEIGHT = 70, 48
PICTURE = quadrants(WIDTH, HEIGHT)


def encoded(suffix: str, *options: int) -> bytes:
    return cv2.imencode(suffix, cv2.cvtColor(PICTURE, cv2.COLOR_RGB2BGR), options)[1].tobytes()


@pytest.mark.parametrize(
    "data",
    [
        encoded(".png"),
        encoded(".jpg"),
        encoded(".jpg", cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        encoded(".bmp"),
        encoded(".tiff"),
        encoded(".gif"),
        encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 60),
        encoded(".webp", cv2.IMWRITE_WEBP_QUALITY, 101),
        jpeg_with_orientation(PICTURE, 6),
    ],
    ids=["png", "jpeg", "progressive", "bmp", "tiff", "gif", "webp", "lossless webp", "jpeg with exif"],
)
def test_the_size_is_that_of_the_file(data: bytes) -> None:
    assert picture_size(data) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tiff", ".gif", ".webp"])
def test_a_header_that_is_cut_off_tells_none(suffix: str) -> None:
    data = encoded(suffix)
    sizes = {picture_size(data[:length]) for length in range(len(data))}
    assert sizes == {None, (WIDTH, HEIGHT)} or sizes == {None}


def test_noise_behind_a_magic_number_never_raises() -> None:
    noise = np.random.default_rng(0)
    for magic in (b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM", b"RIFF", b"II*\0", b"MM\0*"):
        for _ in range(200):
            picture_size(magic + noise.bytes(64))


def test_extended_webp_and_a_big_endian_tiff() -> None:
    webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + (29_999).to_bytes(3, "little") * 2
    entries = struct.pack(">HHIHH", 256, 3, 1, 300, 0) + struct.pack(">HHII", 257, 4, 1, 200)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 2) + entries
    assert picture_size(webp) == (30_000, 30_000)
    assert picture_size(tiff) == (300, 200)
    assert picture_size(b"%PDF-1.7") is None
