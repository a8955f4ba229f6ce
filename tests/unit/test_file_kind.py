from pathlib import Path

import pytest

from pipeline.sources.file_kind import Kind, kind_of
from tests.media import Clip, Sound, write_audio, write_clip


@pytest.mark.parametrize(
    ("head", "kind", "name"),
    [
        (b"\xff\xd8\xff\xe0", Kind.PICTURE, "a JPEG picture"),
        (b"\x89PNG\r\n\x1a\n", Kind.PICTURE, "a PNG picture"),
        (b"GIF89a", Kind.PICTURE, "a GIF picture"),
        (b"RIFF\1\2\3\4WEBPVP8 ", Kind.PICTURE, "a WebP picture"),
        (b"RIFF\1\2\3\4WAVEfmt ", Kind.OTHER, "a sound file"),
        (b"\0\0\0\x18ftypheic", Kind.OTHER, "a HEIC picture"),
        (b"\0\0\0\x18ftypmp42", Kind.VIDEO, "an MP4 or QuickTime video"),
        (b"PK\3\4", Kind.OTHER, "a ZIP archive"),
        (b"%PDF-1.7", Kind.OTHER, "a PDF"),
        (b"\n#EXTM3U\n/etc/passwd", Kind.OTHER, "a playlist"),
        (b"ffconcat version 1.0", Kind.OTHER, "a playlist"),
        (b'<?xml version="1.0"?><svg>', Kind.OTHER, "an SVG drawing"),
        (b"<!DOCTYPE html><script>", Kind.OTHER, "a web page"),
        ("Grüße\n".encode(), Kind.OTHER, "a text"),
        (b"", Kind.OTHER, "empty"),
        (b"\0", Kind.OTHER, "of no kind that is known here"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(head: bytes, kind: Kind, name: str) -> None:
    found = kind_of(head)
    assert (found.kind, found.name) == (kind, name)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "avi", "ts", "webm"])
def test_clips_are_videos(tmp_path: Path, suffix: str) -> None:
    clip = Clip(codec="libvpx-vp9" if suffix == "webm" else "libx264", sound=Sound.NONE)
    assert kind_of(write_clip(tmp_path / f"a.{suffix}", clip).read_bytes()).kind is Kind.VIDEO


def test_sound_alone_in_a_container_of_its_own_is_none(tmp_path: Path) -> None:
    assert kind_of(write_audio(tmp_path / "a.m4a").read_bytes()).name == "a sound file"
