"""Clips that nobody sends with good intentions, and some that are odd and sound: each with what it must come to."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.types import UInt8Array
from pipeline.upload_errors import (
    UploadError,
    UploadTooLargeError,
    UploadTooLongError,
    UploadTypeError,
    UploadUnreadableError,
)
from tests.hostile_pictures import HostileFile, archive, encoded
from tests.media import Clip, Sound, damaged, truncated, write_audio, write_clip

SIZE = 64, 48
LARGE = 7200
"""The side of 52 million pixels."""

LOCAL = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
REMOTE = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
LIST = "ffconcat version 1.0\nfile '/etc/hostname'\n"
DASH = '<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>'

SUBTITLES = b"\x1a\x45\xdf\xa3\x84\x42\x82\x81webm\x18\x53\x80\x67\xff"  # a Matroska header, cut before any track


def flat(_index: int, width: int, height: int) -> UInt8Array:
    return np.full((height, width, 3), 90, np.uint8)


def of_other_kinds() -> Iterator[tuple[str, bytes]]:
    yield "empty.mp4", b""
    yield "one-byte.mp4", b"\0"
    yield "text.mp4", b"hello, I am a clip\n"
    yield "page.mp4", b"<html><video src='file:///etc/passwd'></html>"
    yield "archive.mp4", archive()
    yield "picture.mp4", encoded("JPEG")
    yield "moves.mp4", encoded("GIF")
    yield "song.mp4", b"ID3\x04\0\0\0\0\0\0" + bytes(200)
    for name, text in (("local.m3u8", LOCAL), ("remote.mp4", REMOTE), ("list.mp4", LIST), ("dash.mp4", DASH)):
        yield name, text.encode()


def that_are_broken(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what begins as a video, and is none that can be read."""
    whole = write_clip(folder / "whole.mp4").read_bytes()
    yield "no-index.mp4", whole[: len(whole) // 2]
    yield "head-alone.mp4", whole[:40]
    yield "head-alone.mkv", write_clip(folder / "whole.mkv").read_bytes()[:60]
    yield "no-track.webm", SUBTITLES
    yield "sound-alone.mp4", write_audio(folder / "sound.mp4").read_bytes()
    for name, magic in (
        ("mp4", b"\0\0\0\x14ftypisom\0\0\0\0isom"),
        ("mkv", b"\x1aE\xdf\xa3"),
        ("avi", b"RIFF\xff\xff\xff\x7fAVI LIST"),
        ("mpg", b"\0\0\x01\xba"),
        ("ts", (b"G" + bytes(187)) * 3),
    ):
        yield f"noise.{name}", magic + np.random.default_rng(3).bytes(5000)
        yield f"list-inside.{name}", magic + b"\n" + LOCAL.encode()


def with_hours_declared(folder: Path) -> bytes:
    data = bytearray(write_clip(folder / "hours.mkv").read_bytes())
    place = data.index(b"\x44\x89\x88") + 3  # the duration, a number of 8 bytes, in milliseconds
    data[place : place + 8] = struct.pack(">d", 1e12)
    return bytes(data)


def that_are_too_much(folder: Path) -> Iterator[tuple[str, bytes, type[UploadError]]]:
    large = Clip(LARGE, LARGE, codec="mjpeg", pixel_format="yuvj420p", times_s=[0.0], picture=flat)
    yield "large.avi", write_clip(folder / "large.avi", large).read_bytes(), UploadTooLargeError
    yield "hours.mkv", with_hours_declared(folder), UploadTooLongError
    minutes = Clip(times_s=[float(second) for second in range(90)])
    yield "minutes.mp4", write_clip(folder / "minutes.mp4", minutes).read_bytes(), UploadTooLongError
    rare = Clip(codec="huffyuv", pixel_format="yuv422p")
    yield "rare.avi", write_clip(folder / "rare.avi", rare).read_bytes(), UploadTypeError


def that_are_sound(folder: Path) -> Iterator[tuple[str, bytes, tuple[int, int]]]:
    whole = write_clip(folder / "sound-too.mp4", Clip(sound=Sound.FIRST_STREAM)).read_bytes()
    yield "with-sound.mp4", whole, SIZE
    yield "and-a-page.html", whole + b"<script>alert(1)</script>", SIZE
    yield "../../../etc/passwd", whole, SIZE
    turned = Clip(rotation_deg=90)
    yield "turned.mp4", write_clip(folder / "turned.mp4", turned).read_bytes(), (48, 64)
    one = Clip(times_s=[0.0])
    yield "one-frame.mp4", write_clip(folder / "one.mp4", one).read_bytes(), SIZE
    long = Clip(times_s=[index / 10 for index in range(60)])
    yield "cut.mkv", truncated(write_clip(folder / "cut.mkv", long), 0.7).read_bytes(), SIZE
    yield "damaged.mkv", damaged(write_clip(folder / "hurt.mkv", long)).read_bytes(), SIZE


def hostile_clips(folder: Path) -> Iterator[HostileFile]:
    """Yield the clips, encoded in `folder`."""
    for name, data in of_other_kinds():
        yield HostileFile(name, data, (UploadTypeError,))
    for name, data in that_are_broken(folder):
        yield HostileFile(name, data, (UploadUnreadableError,))
    for name, data, error in that_are_too_much(folder):
        yield HostileFile(name, data, (error,))
    for name, data, size in that_are_sound(folder):
        yield HostileFile(name, data, (size,))
