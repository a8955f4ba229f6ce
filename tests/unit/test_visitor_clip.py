"""Clips of strangers: what is taken of them, and what is refused by which error."""

import struct
from pathlib import Path

import pytest

from pipeline.config.uploads import UploadConfig
from pipeline.errors import SourceError
from pipeline.sources.visitor_clip import VisitorClip
from pipeline.upload_errors import (
    UploadError,
    UploadTooLargeError,
    UploadTooLongError,
    UploadTypeError,
    UploadUnreadableError,
)
from tests.hostile_clips import hostile_clips
from tests.hostile_pictures import HostileFile, Outcome
from tests.media import Clip, truncated, write_audio, write_clip

LIMITS = UploadConfig()


def opened(path: Path, **limits: float) -> VisitorClip:
    return VisitorClip(path, "party.mp4", LIMITS.model_copy(update=limits))


def refused(path: Path, kind: type[SourceError], words: str, **limits: float) -> None:
    with pytest.raises(kind, match=words) as told:
        list(opened(path, **limits).frames())
    assert str(told.value).startswith("party.mp4 ")
    assert str(path) not in str(told.value)


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        ("mp4", "libx264"),
        ("mov", "mpeg4"),
        ("mkv", "libx265"),
        ("webm", "libvpx-vp9"),
        ("avi", "mjpeg"),
        ("ts", "libx264"),
    ],
)
def test_what_phones_and_browsers_write_is_taken(tmp_path: Path, suffix: str, codec: str) -> None:
    clip = Clip(codec=codec, pixel_format="yuvj420p" if codec == "mjpeg" else "yuv420p")
    source = opened(write_clip(tmp_path / f"a.{suffix}", clip))
    assert source.info.name == "party.mp4"
    assert [frame.index for frame in source.frames()] == list(range(10))


def test_a_clip_cut_off_is_taken_as_far_as_it_goes(tmp_path: Path) -> None:
    clip = Clip(times_s=[index / 10 for index in range(50)])
    source = opened(truncated(write_clip(tmp_path / "a.mkv", clip), 0.6))
    assert 0 < len(list(source.frames())) < 50
    assert source.warnings


def test_more_than_is_allowed_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4")
    refused(path, UploadTooLongError, "lasts 1 s; at most 0.5 s and 3600 frames", max_clip_s=0.5)
    refused(path, UploadTooLongError, "has more than 4 frames", max_clip_frames=4)
    refused(path, UploadTooLargeError, "claims 64 x 48 pixels", max_pixels=3000)


def test_a_clip_that_declares_no_length_is_measured_as_it_is_read(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv", Clip(container_options={"live": "1"}))
    assert opened(path).info.duration_s is None
    refused(path, UploadTooLongError, "lasts more than 0.5 s", max_clip_s=0.5)


def test_a_clip_that_declares_hours_is_refused_unread(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mkv")
    data = bytearray(path.read_bytes())
    place = data.index(b"\x44\x89\x88") + 3  # the duration, a number of 8 bytes, in milliseconds
    data[place : place + 8] = struct.pack(">d", 1e9)
    path.write_bytes(data)
    refused(path, UploadTooLongError, r"lasts \d{5,} s")


PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile '{}'\n",
    "xspf": '<?xml version="1.0"?><playlist><trackList><track><location>{}</location></track></trackList></playlist>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n{}",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
def test_a_playlist_is_refused_though_what_it_names_is_there(tmp_path: Path, kind: str) -> None:
    target = write_clip(tmp_path / "secret.ts")
    playlist = tmp_path / "a.mp4"
    playlist.write_text(PLAYLISTS[kind].format(target))
    refused(playlist, UploadTypeError, "is a (playlist|text)")


@pytest.mark.parametrize("magic", [b"\0\0\0\x14ftypisom", b"\x1aE\xdf\xa3", b"RIFF\xff\0\0\0AVI ", b"\0\0\x01\xba"])
def test_a_playlist_behind_the_first_bytes_of_a_video_is_no_video(tmp_path: Path, magic: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(magic + b"\n" + PLAYLISTS["m3u8"].format("/etc/hostname").encode())
    refused(path, UploadUnreadableError, "can't be opened|holds no video|can be decoded")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\0", "no kind that is known"),
        (b"hello", "is a text"),
        (b"\xff\xd8\xff\xe0", "check it as a picture"),
    ],
)
def test_what_is_no_video_is_refused_by_its_kind(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    refused(path, UploadTypeError, words)


def test_each_hostile_clip_comes_to_what_it_should(tmp_path: Path) -> None:
    files = list(hostile_clips(tmp_path))
    assert {file.name: outcome_of(tmp_path, file) for file in files} == {file.name: file.outcomes[0] for file in files}


def outcome_of(folder: Path, file: HostileFile) -> Outcome:
    path = folder / "hers"
    path.write_bytes(file.data)
    try:
        source = opened(path)
        for _ in source.frames():
            pass
    except UploadError as error:
        return type(error)
    return source.info.width, source.info.height


def test_sound_alone_and_rare_codecs_are_refused(tmp_path: Path) -> None:
    refused(write_audio(tmp_path / "a.mp4"), UploadUnreadableError, r"holds no video .*\(its streams: audio\)")
    rare = write_clip(tmp_path / "a.avi", Clip(codec="huffyuv", pixel_format="yuv422p"))
    refused(rare, UploadTypeError, "is encoded as huffyuv")
