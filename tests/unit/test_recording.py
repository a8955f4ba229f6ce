"""Recordings of every kind come back as the upright pictures, colours and times that were put in."""

import gc
import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import SourceError
from pipeline.sources.recording import Recording
from pipeline.types import ColorMatrix, ColorRange, Frame, UInt8Array
from pipeline.vision.i420 import rgb_frame
from tests.media import (
    COLOURS,
    Clip,
    Sound,
    damaged,
    joined,
    jpeg_with_orientation,
    quadrants,
    true_times_s,
    truncated,
    write_audio,
    write_clip,
)

LOSSLESS_ENOUGH = {"libx264": {"crf": "8"}, "libx265": {"crf": "8"}, "libvpx-vp9": {"crf": "8", "b": "0"}}
COARSE = Fraction(1, 10)
"""The time base of a container whose frames come at an even rate."""

SPARSE_KEYS = {"g": "5", "bf": "2"}


def frames_of(path: Path) -> list[Frame]:
    return list(Recording(path, "test").frames())


def still(_: int, width: int, height: int) -> UInt8Array:
    return quadrants(width, height)


def colours_of(frame: Frame) -> list[tuple[int, ...]]:
    """The mean colour of the middle of each quadrant, in the order of `COLOURS`."""
    rgb, height, width = rgb_frame(frame), frame.height, frame.width
    rows = (slice(height // 8, height * 3 // 8), slice(height * 5 // 8, height * 7 // 8))
    columns = (slice(width // 8, width * 3 // 8), slice(width * 5 // 8, width * 7 // 8))
    return [tuple(rgb[row, column].mean(axis=(0, 1)).round().astype(int)) for row in rows for column in columns]


def assert_colours(frame: Frame, expected: list[int], tolerance: int = 8) -> None:
    """Check the quadrants against `COLOURS`, taken in the order `expected`."""
    np.testing.assert_allclose(colours_of(frame), [COLOURS[index] for index in expected], atol=tolerance)


@pytest.mark.parametrize(
    ("name", "codec", "pixel_format"),
    [
        ("clip.mp4", "libx264", "yuv420p"),
        ("clip.mov", "libx264", "yuv422p"),
        ("clip.mkv", "libx264", "yuv444p"),
        ("clip.ts", "libx264", "yuv420p"),
        ("clip.mp4", "libx264", "yuv420p10le"),
        ("clip.mp4", "libx265", "yuv420p"),
        ("clip.mkv", "libx265", "yuv422p10le"),
        ("clip.webm", "libvpx-vp9", "yuv420p"),
        ("clip.webm", "libvpx-vp9", "yuva420p"),
        ("clip.mp4", "libsvtav1", "yuv420p"),
        ("clip.mkv", "mpeg4", "yuv420p"),
        ("clip.mov", "mjpeg", "yuvj420p"),
        ("clip.mov", "mjpeg", "yuvj422p"),
        ("clip.mkv", "ffv1", "bgr0"),
    ],
)
def test_codecs_and_pixel_formats(tmp_path: Path, name: str, codec: str, pixel_format: str) -> None:
    clip = Clip(codec=codec, pixel_format=pixel_format, options=LOSSLESS_ENOUGH.get(codec, {}), picture=still)
    path = write_clip(tmp_path / name, clip)
    frames = frames_of(path)
    assert [frame.index for frame in frames] == list(range(10))
    np.testing.assert_allclose([frame.media_s for frame in frames], true_times_s(path), atol=1e-6)
    for frame in frames:
        assert_colours(frame, [0, 1, 2, 3], tolerance=12 if codec in {"mpeg4", "libsvtav1"} else 8)


def test_gif(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.gif", Clip(codec="gif", pixel_format="rgb8", time_base=COARSE))
    frames = frames_of(path)
    assert len(frames) == 10
    assert_colours(frames[0], [0, 1, 2, 3], tolerance=45)  # rgb8 has eight levels of red and green, four of blue


def test_avi(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.avi", Clip(codec="mpeg4", time_base=COARSE, picture=still))
    frames = frames_of(path)
    np.testing.assert_allclose([frame.media_s for frame in frames], np.arange(10) / 10)
    assert_colours(frames[-1], [0, 1, 2, 3], tolerance=12)


def test_a_grey_picture_is_grey(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mkv", Clip(codec="ffv1", pixel_format="gray"))
    rgb = rgb_frame(frames_of(path)[0])
    assert (rgb == rgb[..., :1]).all()


@pytest.mark.parametrize("matrix", ColorMatrix)
@pytest.mark.parametrize("color_range", ColorRange)
def test_colour_tags_are_honoured(tmp_path: Path, matrix: ColorMatrix, color_range: ColorRange) -> None:
    clip = Clip(matrix=matrix, color_range=color_range, options={"crf": "4"}, picture=still)
    frame = frames_of(write_clip(tmp_path / "clip.mp4", clip))[5]
    assert (frame.matrix, frame.color_range) == (matrix, color_range)
    assert_colours(frame, [0, 1, 2, 3], tolerance=5)


@pytest.mark.parametrize(("height", "matrix"), [(718, ColorMatrix.BT601), (720, ColorMatrix.BT709)])
def test_untagged_colour_goes_by_the_lines(tmp_path: Path, height: int, matrix: ColorMatrix) -> None:
    clip = Clip(width=64, height=height, times_s=(0, 0.1), picture=still, options={"crf": "4"})
    frame = frames_of(write_clip(tmp_path / "clip.mp4", clip))[0]
    assert (frame.matrix, frame.color_range) == (matrix, ColorRange.LIMITED)
    assert_colours(frame, [0, 1, 2, 3], tolerance=5)


@pytest.mark.parametrize(
    ("rotation_deg", "mirrored", "expected"),
    [
        (0, False, [0, 1, 2, 3]),
        (90, False, [1, 3, 0, 2]),
        (-90, False, [2, 0, 3, 1]),
        (180, False, [3, 2, 1, 0]),
        (0, True, [1, 0, 3, 2]),
        (180, True, [2, 3, 0, 1]),
        (90, True, [3, 1, 2, 0]),
        (-90, True, [0, 2, 1, 3]),
    ],
)
@pytest.mark.parametrize(("width", "height"), [(64, 48), (65, 49)])
def test_the_display_matrix_turns_the_picture_upright(
    tmp_path: Path, rotation_deg: int, mirrored: bool, expected: list[int], width: int, height: int
) -> None:
    codec = "libvpx-vp9" if width % 2 else "libx264"
    clip = Clip(
        width,
        height,
        codec,
        rotation_deg=rotation_deg,
        mirrored=mirrored,
        picture=still,
        options=LOSSLESS_ENOUGH[codec],
    )
    recording = Recording(write_clip(tmp_path / "clip.mp4", clip), "test")
    frame = next(recording.frames())
    upright = (height, width) if rotation_deg in {90, -90} else (width, height)
    assert (frame.width, frame.height) == upright == (recording.info.width, recording.info.height)
    assert_colours(frame, expected)
    recording.close()


@pytest.mark.parametrize(
    ("orientation", "expected"), [(1, [0, 1, 2, 3]), (3, [3, 2, 1, 0]), (6, [2, 0, 3, 1]), (8, [1, 3, 0, 2])]
)
def test_exif_turns_motion_jpeg(tmp_path: Path, orientation: int, expected: list[int]) -> None:
    path = tmp_path / "clip.mjpeg"
    path.write_bytes(jpeg_with_orientation(quadrants(64, 48), orientation) * 3)
    frames = frames_of(path)
    assert len(frames) == 3
    assert_colours(frames[-1], expected, tolerance=12)


def test_variable_frame_rate(tmp_path: Path) -> None:
    times_s = (0.0, 0.04, 0.5, 0.533, 1.7, 1.75)
    frames = frames_of(write_clip(tmp_path / "clip.mp4", Clip(times_s=times_s)))
    np.testing.assert_allclose([frame.media_s for frame in frames], times_s, atol=1e-3)
    np.testing.assert_allclose([frame.duration_s for frame in frames[:-1]], np.diff(times_s), atol=1e-3)
    assert frames[-1].duration_s > 0


def test_the_first_frame_stands_at_zero(tmp_path: Path) -> None:
    frames = frames_of(write_clip(tmp_path / "clip.mkv", Clip(times_s=(3.0, 3.1, 3.2))))
    np.testing.assert_allclose([frame.media_s for frame in frames], (0, 0.1, 0.2), atol=1e-3)


def test_frames_are_read_only_and_outlive_the_decoder(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", Clip(320, 240, times_s=[index / 10 for index in range(60)]))
    recording = Recording(path, "test")
    kept, sums = [], []
    for frame in recording.frames():
        kept.append(frame)
        sums.append(checksum(frame))
    del recording
    gc.collect()
    assert len(set(sums)) == len(kept) == 60
    assert [checksum(frame) for frame in kept] == sums
    with pytest.raises(ValueError, match="read-only"):
        kept[0].y[0, 0] = 1


def test_frames_are_freed(tmp_path: Path) -> None:
    clip = Clip(
        640, 480, times_s=[index / 10 for index in range(200)], options={"preset": "ultrafast"}, rotation_deg=90
    )
    path = write_clip(tmp_path / "clip.mp4", clip)
    next(Recording(path, "warm-up").frames())
    before_bytes = resident_bytes()
    for frame in Recording(path, "test").frames():
        assert frame.height == 640
    one_frame_bytes = 640 * 480 * 3 // 2
    assert resident_bytes() - before_bytes < 80 * one_frame_bytes


def resident_bytes() -> int:
    """The memory of this process; PyAV's frames are unknown to the garbage collector and can't be counted."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


def checksum(frame: Frame) -> str:
    return hashlib.sha256(b"".join(plane.tobytes() for plane in (frame.y, frame.u, frame.v))).hexdigest()


def test_planes_are_views_of_the_decoder(tmp_path: Path) -> None:
    frame = frames_of(write_clip(tmp_path / "clip.mp4"))[0]
    assert not frame.y.flags.owndata
    assert frame.y.strides[0] > frame.width, "a copy would have no padding"


def test_a_change_of_size_in_mid_stream(tmp_path: Path) -> None:
    small = write_clip(tmp_path / "small.ts", Clip(64, 48, picture=still))
    large = write_clip(tmp_path / "large.ts", Clip(96, 80, picture=still))
    frames = frames_of(joined(tmp_path / "clip.ts", small, large))
    assert [(frame.width, frame.height) for frame in frames] == [(64, 48)] * 10 + [(96, 80)] * 10
    assert_colours(frames[-1], [0, 1, 2, 3], tolerance=12)
    assert (np.diff([frame.media_s for frame in frames]) > 0).all()


def test_the_wall_clock_comes_from_the_container(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", Clip(metadata={"creation_time": "2024-05-06T07:08:09Z"}))
    started = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert [frame.captured_utc for frame in frames_of(path)][3] == started + timedelta(seconds=0.3)


def test_a_given_start_overrides_the_container(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "clip.mp4", Clip(metadata={"creation_time": "2024-05-06T07:08:09Z"}))
    started = datetime(2020, 1, 1, tzinfo=UTC)
    recording = Recording(path, "test", started)
    assert recording.info.started_utc == next(recording.frames()).captured_utc == started
    recording.close()


@pytest.mark.parametrize("told", [None, "yesterday"])
def test_without_a_start_the_wall_clock_is_unknown(tmp_path: Path, told: str | None) -> None:
    path = write_clip(tmp_path / "clip.mkv", Clip(metadata={"creation_time": told} if told else {}))
    assert frames_of(path)[0].captured_utc is None


def test_info_tells_what_is_known_beforehand(tmp_path: Path) -> None:
    info = Recording(write_clip(tmp_path / "clip.mp4"), "test").info
    assert (info.name, info.width, info.height, info.frame_count, info.is_live) == ("clip.mp4", 64, 48, 10, False)
    assert info.frames_per_s == pytest.approx(10)
    assert info.duration_s == pytest.approx(1.0, abs=0.11)


@pytest.mark.parametrize("sound", Sound)
def test_sound_beside_the_picture_is_ignored(tmp_path: Path, sound: Sound) -> None:
    recording = Recording(write_clip(tmp_path / "clip.mp4", Clip(sound=sound)), "test")
    assert len(list(recording.frames())) == 10
    assert (recording.damaged_packets, recording.warnings) == (0, ())


def test_ffmpeg_keeps_silent(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = damaged(write_clip(tmp_path / "clip.mp4", Clip(160, 120, times_s=[index / 10 for index in range(30)])))
    capfd.readouterr()
    frames_of(path)
    assert capfd.readouterr() == ("", "")


# Damage


def test_a_sound_file_has_no_warnings(tmp_path: Path) -> None:
    recording = Recording(write_clip(tmp_path / "clip.mp4"), "test")
    assert len(list(recording.frames())) == 10
    assert recording.warnings == ()


def long_clip(path: Path) -> Path:
    return write_clip(path, Clip(160, 120, times_s=[index / 10 for index in range(60)], options=SPARSE_KEYS))


@pytest.mark.parametrize("name", ["clip.mkv", "clip.mp4"])
def test_a_truncated_file_gives_what_is_there(tmp_path: Path, name: str) -> None:
    clip = Clip(160, 120, times_s=[index / 10 for index in range(60)], container_options={"movflags": "faststart"})
    options = clip if name == "clip.mp4" else Clip(160, 120, times_s=clip.times_s)
    recording = Recording(truncated(write_clip(tmp_path / name, options), 0.6), "test")
    frames = list(recording.frames())
    assert 10 < len(frames) < 60
    assert "truncated" in recording.warnings[-1]
    assert "of 6.0 s" in recording.warnings[-1]


def test_damage_in_the_middle_is_skipped_and_counted(tmp_path: Path) -> None:
    recording = Recording(damaged(long_clip(tmp_path / "clip.mp4")), "test")
    frames = list(recording.frames())
    assert 30 < len(frames) < 60
    assert frames[-1].media_s == pytest.approx(5.9, abs=0.2)
    assert (np.diff([frame.media_s for frame in frames]) > 0).all()
    assert recording.damaged_packets > 0
    assert "damaged packet" in recording.warnings[0]


@pytest.mark.parametrize("name", ["clip.mkv", "clip.ts", "clip.avi"])
def test_other_containers_resume_behind_damage(tmp_path: Path, name: str) -> None:
    clip = Clip(
        160,
        120,
        "mpeg4",
        times_s=[index / 10 for index in range(60)],
        time_base=COARSE,
        options={"g": "5"},
        container_options={"cluster_time_limit": "500"},
    )
    frames = frames_of(damaged(write_clip(tmp_path / name, clip)))
    assert 30 < len(frames) <= 60
    assert frames[-1].media_s > 4.5


def test_an_early_end_by_close_is_no_damage(tmp_path: Path) -> None:
    recording = Recording(long_clip(tmp_path / "clip.mp4"), "test")
    frames = recording.frames()
    next(frames)
    recording.close()
    assert list(frames) == []
    assert recording.warnings == ()


# What is refused


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"clip\.mp4 does not exist"):
        Recording(tmp_path / "clip.mp4", "test")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is not a file"):
        Recording(tmp_path, "test")


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.touch()
    with pytest.raises(SourceError, match=r"clip\.mp4 is empty \(0 bytes\)"):
        Recording(path, "test")


@pytest.mark.parametrize("name", ["clip.mp4", "clip.txt", "clip.avi", "clip"])
def test_a_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("This is not a film.\n" * 200)
    with pytest.raises(SourceError, match=rf"{name} (can't be opened|is a text)"):
        Recording(path, "test")


def test_noise(tmp_path: Path) -> None:
    path = tmp_path / "clip.mkv"
    path.write_bytes(np.random.default_rng(0).bytes(50_000))
    with pytest.raises(SourceError, match=r"clip\.mkv"):
        Recording(path, "test")


def test_sound_alone(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"holds no video .* audio"):
        Recording(write_audio(tmp_path / "clip.mp4"), "test")


def test_a_file_cut_before_its_index(tmp_path: Path) -> None:
    path = truncated(long_clip(tmp_path / "clip.mp4"))
    with pytest.raises(SourceError, match="damaged beyond use"):
        Recording(path, "test")


def test_a_file_without_one_whole_frame(tmp_path: Path) -> None:
    path = damaged(
        write_clip(tmp_path / "clip.mp4", Clip(times_s=(0.0,), container_options={"movflags": "faststart"})), 0.5, 0.5
    )
    with pytest.raises(SourceError, match="not one frame"):
        Recording(path, "test")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_clip(tmp_path / "clip.mp4")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("av.open", refuse)
    with pytest.raises(SourceError, match=r"clip\.mp4 can't be opened: permission denied"):
        Recording(path, "test")


def test_a_playlist_reaches_no_address(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_text("#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/segment.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(SourceError):
        Recording(path, "test")


def test_another_thread_may_close(tmp_path: Path) -> None:
    recording = Recording(long_clip(tmp_path / "clip.mp4"), "test")
    frames = recording.frames()
    next(frames)
    closer = threading.Thread(target=recording.close)
    closer.start()
    closer.join()
    assert list(frames) == []
    recording.close()


def referenced(path: Path) -> Path:
    """Write four seconds at 25 frames a second, of which half are referred to by others; return `path`."""
    options = {"g": "50", "bf": "2", "b-pyramid": "none"}
    return write_clip(path, Clip(times_s=[index / 25 for index in range(100)], options=options))


@pytest.mark.parametrize("rate_per_s", [5.0, 2.0, 12.0])
def test_a_sample_is_spread_evenly_and_covers_the_recording(tmp_path: Path, rate_per_s: float) -> None:
    path = referenced(tmp_path / "hall.mp4")
    frames = list(Recording(path, "test", sample_per_s=rate_per_s).frames())
    times_s = np.array([frame.media_s for frame in frames])
    assert [frame.index for frame in frames] == list(range(round(4 * rate_per_s)))
    late_s = times_s - np.arange(len(frames)) / rate_per_s
    assert late_s.min() > -1e-6
    assert late_s.max() < 3 / 25
    assert np.diff(times_s) == pytest.approx([frame.duration_s for frame in frames[:-1]])
    assert frames[-1].media_s + frames[-1].duration_s == pytest.approx(4.0)


def test_the_frames_of_a_sample_are_those_of_the_recording(tmp_path: Path) -> None:
    path = referenced(tmp_path / "hall.mp4")
    whole = {round(frame.media_s, 6): frame for frame in Recording(path, "test").frames()}
    sample = list(Recording(path, "test", sample_per_s=5).frames())
    assert all(np.array_equal(frame.y, whole[round(frame.media_s, 6)].y) for frame in sample)


def test_a_sample_of_more_frames_than_there_are_is_all_of_them(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "slow.mp4", Clip(times_s=[0.0, 1.0, 2.0, 3.0], options={"bf": "0"}))
    assert [frame.media_s for frame in Recording(path, "test", sample_per_s=5).frames()] == [0.0, 1.0, 2.0, 3.0]
