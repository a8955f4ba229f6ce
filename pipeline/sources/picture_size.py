"""The size that a picture file claims to have, read from its header alone: nothing is decoded.

A file of 100 bytes can claim 30,000 x 30,000 pixels, for which a decoder would ask for 2.7 GB.
"""

import struct
from collections.abc import Callable, Mapping
from typing import TypeAlias

Size: TypeAlias = tuple[int, int]
Reader: TypeAlias = Callable[[bytes], Size]

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""

_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_FORMATS = {3: "H", 4: "I"}


def picture_size(data: bytes) -> Size | None:
    """Return the width and height in pixels, before any rotation, that a file claims; None where it claims none.

    Read are JPEG, PNG, WebP, GIF, BMP and TIFF; of a file with several pictures it is the size of the first.
    """
    read = next((read for magic, read in _READERS.items() if data.startswith(magic)), None)
    if read is None:
        return None
    try:
        width, height = read(data)
    except (struct.error, IndexError, KeyError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _png(data: bytes) -> Size:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif(data: bytes) -> Size:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _bmp(data: bytes) -> Size:
    (header_bytes,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header_bytes == 12 else "<ii", data, 18)
    return width, abs(height)  # below 0: the first row is the topmost


def _webp(data: bytes) -> Size:
    chunk = data[12:16]
    if chunk == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _jpeg(data: bytes) -> Size:
    place = 2
    while True:
        if data[place] != 0xFF:
            raise IndexError(place)
        marker = data[place + 1]
        if marker == 0xFF:  # filling
            place += 1
        elif marker in _JPEG_BARE:
            place += 2
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        else:
            place += 2 + struct.unpack_from(">H", data, place + 2)[0]


def _tiff(data: bytes) -> Size:
    order = "<" if data.startswith(b"II") else ">"
    (directory,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, directory)
    found: dict[int, int] = {}
    for index in range(count):
        place = directory + 2 + 12 * index
        tag, kind = struct.unpack_from(f"{order}HH", data, place)
        if tag in (_TIFF_WIDTH, _TIFF_HEIGHT):
            (value,) = struct.unpack_from(f"{order}{_TIFF_FORMATS[kind]}", data, place + 8)
            found[tag] = max(value, found.get(tag, 0))
    return found[_TIFF_WIDTH], found[_TIFF_HEIGHT]


_READERS: Mapping[bytes, Reader] = {
    b"\x89PNG": _png,
    b"\xff\xd8": _jpeg,
    b"GIF8": _gif,
    b"BM": _bmp,
    b"RIFF": _webp,
    b"II*\0": _tiff,
    b"MM\0*": _tiff,
}
