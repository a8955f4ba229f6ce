"""Pictures that nobody sends with good intentions, and some that are odd and sound: each with what it must come to.

All of them are made here, in a second; nothing is read or fetched.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from PIL import Image

from pipeline.upload_errors import UploadError, UploadTooLargeError, UploadTypeError, UploadUnreadableError
from tests.media import jpeg_with_orientation, quadrants

WIDTH, HEIGHT = 64, 48
SIZE = WIDTH, HEIGHT
TURNED = HEIGHT, WIDTH
PICTURE = quadrants(WIDTH, HEIGHT)
HUGE = 30_000

Outcome: TypeAlias = tuple[int, int] | type[UploadError]

SHOWN = Image.fromarray(PICTURE)
ANIMATION = [Image.fromarray(np.roll(PICTURE, 8 * step, axis=1)) for step in range(1, 4)]


@dataclass(frozen=True, slots=True)
class HostileFile:
    """A file by its name, what is in it, and what it may come to: the size of the upright picture, or an error."""

    name: str
    data: bytes
    outcomes: tuple[Outcome, ...]


def encoded(kind: str, picture: Image.Image = SHOWN, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_claiming(width: int, height: int, *chunks: bytes) -> bytes:
    """Return a PNG of one bit a pixel whose content is left to the `chunks`."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + png_chunk(b"IEND", b"")


def png_bomb(side: int) -> bytes:
    """Return a sound PNG that grows by a factor of 1000: `side` x `side` black pixels."""
    row = bytes(1 + (side + 7) // 8)
    return png_claiming(side, side, png_chunk(b"IDAT", zlib.compress(row * side, 9)))


def png_with_text_bomb() -> bytes:
    """Return a sound small PNG with a comment of 100 MB in 100 KB."""
    bomb = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9))
    whole = encoded("PNG")
    return whole[:33] + bomb + whole[33:]


def jpeg_claiming(width: int, height: int) -> bytes:
    whole = encoded("JPEG")
    place = whole.index(b"\xff\xc0") + 5
    return whole[:place] + struct.pack(">HH", height, width) + whole[place + 4 :]


def tiff_of(**tags: tuple[int, int]) -> bytes:
    """Return a little-endian TIFF of tags, each a number and a value, without any pixels."""
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.values()))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)


def bmp_claiming(width: int, height: int) -> bytes:
    return b"BM" + struct.pack("<IHHI", 70, 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, *[0] * 6)


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as content:
        content.writestr("face.jpg", encoded("JPEG"))
    return file.getvalue()


def looping_exif() -> bytes:
    """Return a JPEG whose EXIF directory is followed by itself."""
    exif = b"Exif\0\0MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 8)
    whole = encoded("JPEG")
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + whole[2:]


def of_other_kinds() -> Iterator[tuple[str, bytes]]:
    """Yield what is no picture, whatever its name says."""
    yield "empty.jpg", b""
    yield "one-byte.jpg", b"\xff"
    yield "noise.jpg", np.random.default_rng(7).bytes(10_000)
    yield "text.png", b"hello, I am a picture\n"
    yield "page.jpg", b"<!DOCTYPE html><script>alert(1)</script>"
    yield "drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    yield "laughs.png", b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><svg>&b;</svg>'
    yield "archive.jpg", archive()
    yield "packed.jpg", gzip.compress(encoded("JPEG"))
    yield "paper.jpg", b"%PDF-1.7\n" + encoded("JPEG")
    yield "program.png", b"\x7fELF" + bytes(200)
    yield "playlist.jpg", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    yield "phone.heic", b"\0\0\0\x18ftypheic" + bytes(100)
    yield "new.avif", b"\0\0\0\x1cftypavif" + bytes(100)
    yield "clip.jpg", b"\0\0\0\x18ftypmp42" + bytes(100)
    yield "icon.png", b"\0\0\1\0\1\0" + bytes(100)
    yield "layers.psd", b"8BPS\0\1" + bytes(100)
    yield "magick.jpg", b"push graphic-context\nfill 'url(https://127.0.0.1/x.jpg\"|id\")'\npop graphic-context"
    yield "postscript.jpg", b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n"


def that_claim_too_much() -> Iterator[tuple[str, bytes]]:
    yield "huge.png", png_claiming(HUGE, HUGE)
    yield "bomb.png", png_bomb(HUGE)
    yield "huge.jpg", jpeg_claiming(HUGE, HUGE)
    yield "huge.tiff", tiff_of(width=(256, HUGE), height=(257, HUGE))
    yield "huge.bmp", bmp_claiming(HUGE, HUGE)
    yield "upside-down.bmp", bmp_claiming(HUGE, -HUGE)
    yield "huge.gif", b"GIF89a" + struct.pack("<HH", HUGE, HUGE) + bytes(20)
    yield "huge.webp", b"RIFF\x40\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + (HUGE - 1).to_bytes(3, "little") * 2 + bytes(40)
    yield "endless.png", png_claiming(2**31 - 1, 2**31 - 1)
    yield "negative.png", png_claiming(2**32 - 1, 5)


def that_are_damaged() -> Iterator[tuple[str, bytes]]:
    for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"):
        yield f"cut-in-the-head.{kind.lower()}", encoded(kind)[:22]
    yield "no-pixels.png", png_claiming(*SIZE)
    yield "nothing.png", png_claiming(0, 0)
    yield "noise-inside.png", png_claiming(*SIZE, png_chunk(b"IDAT", np.random.default_rng(1).bytes(500)))
    yield "no-strips.tiff", tiff_of(width=(256, WIDTH), height=(257, HEIGHT))
    yield "samples.tiff", tiff_of(width=(256, WIDTH), height=(257, HEIGHT), samples=(277, 65_535), strips=(273, 8))
    yield "far-away.tiff", b"II*\0" + struct.pack("<I", 2**32 - 8) + bytes(20)
    yield "own-tail.tiff", b"II*\0" + struct.pack("<IHI", 8, 0, 8)
    yield "noise-inside.webp", b"RIFF\xff\0\0\0WEBPVP8 \xf0\0\0\0\x10\0\0\x9d\x01\x2a\x40\0\x30\0" + bytes(200)


def that_are_sound() -> Iterator[tuple[str, bytes, tuple[int, int]]]:
    """Yield what is odd, and right: with the size of the upright picture."""
    for orientation in range(1, 9):
        size = TURNED if orientation > 4 else SIZE
        yield f"orientation-{orientation}.jpg", jpeg_with_orientation(PICTURE, orientation), size
    yield "orientation-9.jpg", jpeg_with_orientation(PICTURE, 9), SIZE
    for kind in ("GIF", "WEBP", "PNG"):
        yield f"moves.{kind.lower()}", encoded(kind, save_all=True, append_images=ANIMATION), SIZE
    yield "pages.tiff", encoded("TIFF", save_all=True, append_images=ANIMATION), SIZE
    yield "cmyk.jpg", encoded("JPEG", SHOWN.convert("CMYK")), SIZE
    yield "cmyk.tiff", encoded("TIFF", SHOWN.convert("CMYK")), SIZE
    yield "progressive.jpg", encoded("JPEG", progressive=True), SIZE
    yield "grey.jpg", encoded("JPEG", SHOWN.convert("L")), SIZE
    yield "grey-alpha.png", encoded("PNG", SHOWN.convert("LA")), SIZE
    yield "alpha.png", encoded("PNG", SHOWN.convert("RGBA")), SIZE
    yield "palette.png", encoded("PNG", SHOWN.convert("P")), SIZE
    yield "one-bit.png", encoded("PNG", SHOWN.convert("1")), SIZE
    for kind in ("PNG", "TIFF"):
        deep = Image.fromarray(PICTURE[..., 0].astype(np.uint16) * 257)
        yield f"16-bit.{kind.lower()}", encoded(kind, deep), SIZE
    yield "one-pixel.png", encoded("PNG", Image.new("RGB", (1, 1))), (1, 1)
    yield "line.png", encoded("PNG", Image.new("RGB", (20_000, 1))), (20_000, 1)
    yield "column.jpg", encoded("JPEG", Image.new("RGB", (1, 60_000))), (1, 60_000)
    yield "comment-bomb.png", png_with_text_bomb(), SIZE
    yield "jpeg-and-zip.jpg", encoded("JPEG") + archive(), SIZE
    yield "png-and-page.html", encoded("PNG") + b"<script>alert(1)</script>", SIZE
    yield "gif-and-script.js", encoded("GIF") + b"/**/=1;alert(1)//", SIZE
    yield "../../../etc/passwd", encoded("JPEG"), SIZE
    yield "C:\\Windows\\win.ini", encoded("PNG"), SIZE
    yield "a\r\nSet-Cookie: b=c\0.jpg", encoded("JPEG"), SIZE
    yield "<img src=x onerror=alert(1)>.png", encoded("PNG"), SIZE
    yield "x" * 5000, encoded("PNG"), SIZE


def in_between() -> Iterator[tuple[str, bytes]]:
    """Yield what decoders may make something of, or not."""
    yield "cut.jpg", encoded("JPEG", quality=95)[:900]
    yield "cut.png", encoded("PNG")[:150]
    yield "cut.gif", encoded("GIF")[:1200]
    yield "cut.webp", encoded("WEBP")[:200]
    yield "cut.tiff", encoded("TIFF")[:4000]
    yield "wrong-sum.png", encoded("PNG")[:-20] + bytes(20)
    yield "looping-exif.jpg", looping_exif()
    yield "floats.tiff", encoded("TIFF", Image.fromarray(PICTURE[..., 0].astype(np.float32)))


def hostile_pictures() -> Iterator[HostileFile]:
    for name, data in of_other_kinds():
        yield HostileFile(name, data, (UploadTypeError,))
    for name, data in that_claim_too_much():
        yield HostileFile(name, data, (UploadTooLargeError,))
    for name, data in that_are_damaged():
        yield HostileFile(name, data, (UploadUnreadableError,))
    for name, data, size in that_are_sound():
        yield HostileFile(name, data, (size,))
    for name, data in in_between():
        yield HostileFile(name, data, (SIZE, TURNED, UploadUnreadableError))
