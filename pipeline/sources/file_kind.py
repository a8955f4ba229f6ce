"""What a file is by its first bytes, whatever its name or its sender says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

HEAD_BYTES = 1024
"""So much of a file is looked at."""


class Kind(Enum):
    """What is done with a file."""

    PICTURE = "picture"
    VIDEO = "video"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file, with the name that people have for it: "a PNG picture"."""

    kind: Kind
    name: str


_UNKNOWN = FileKind(Kind.OTHER, "of no kind that is known here")
_MAGIC: tuple[tuple[bytes, Kind, str], ...] = (
    (rb"\xff\xd8\xff", Kind.PICTURE, "a JPEG picture"),
    (rb"\x89PNG\r\n\x1a\n", Kind.PICTURE, "a PNG picture"),
    (rb"RIFF.{4}WEBP", Kind.PICTURE, "a WebP picture"),
    (rb"GIF8[79]a", Kind.PICTURE, "a GIF picture"),
    (rb"BM.{8}", Kind.PICTURE, "a BMP picture"),
    (rb"II\*\x00|MM\x00\*", Kind.PICTURE, "a TIFF picture"),
    (rb".{4}ftyp(heic|heix|hevc|mif1|msf1|heim)", Kind.OTHER, "a HEIC picture"),
    (rb".{4}ftyp(avif|avis)", Kind.OTHER, "an AVIF picture"),
    (rb".{4}(ftyp(M4A|M4B)|M4A )", Kind.OTHER, "a sound file"),
    (rb".{4}(ftyp|moov|mdat|wide|free|skip)", Kind.VIDEO, "an MP4 or QuickTime video"),
    (rb"\x1aE\xdf\xa3", Kind.VIDEO, "a Matroska or WebM video"),
    (rb"RIFF.{4}AVI ", Kind.VIDEO, "an AVI video"),
    (rb"G.{187}G", Kind.VIDEO, "an MPEG transport stream"),
    (rb"\x00\x00\x01\xba", Kind.VIDEO, "an MPEG programme stream"),
    (rb"RIFF.{4}WAVE|ID3|\xff[\xfb\xf3\xf2\xf1\xf9]|fLaC|OggS", Kind.OTHER, "a sound file"),
    (rb"PK(\x03\x04|\x05\x06)", Kind.OTHER, "a ZIP archive"),
    (rb"\x1f\x8b|7z\xbc\xaf|BZh|\xfd7zXZ|Rar!", Kind.OTHER, "an archive"),
    (rb"%PDF", Kind.OTHER, "a PDF"),
    (rb"\x7fELF|MZ", Kind.OTHER, "a program"),
    (rb"\s*#EXTM3U|\s*ffconcat|\s*\[playlist\]", Kind.OTHER, "a playlist"),
    (rb"(?i)\s*(<\?xml[^>]*>\s*|<!--.*?-->\s*|<!doctype svg[^>]*>\s*)*<svg", Kind.OTHER, "an SVG drawing"),
    (rb"(?i)\s*(<!doctype html|<html|<head|<body|<script)", Kind.OTHER, "a web page"),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), FileKind(kind, name)) for pattern, kind, name in _MAGIC)


def kind_of(head: bytes) -> FileKind:
    """Return the kind of the file that begins with `head`, of which `HEAD_BYTES` are enough."""
    return next(_matching(head[:HEAD_BYTES]))


def _matching(head: bytes) -> Iterator[FileKind]:
    if not head:
        yield FileKind(Kind.OTHER, "empty")
    for pattern, kind in _PATTERNS:
        if pattern.match(head):
            yield kind
    if _is_text(head):
        yield FileKind(Kind.OTHER, "a text")
    yield _UNKNOWN


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError:
        return False
    return all(sign.isprintable() or sign.isspace() for sign in text)
