import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import SinkError
from pipeline.sinks.h264 import TIME_BASE
from pipeline.sinks.video import FrameClock, VideoSink
from pipeline.types import ColorMatrix, ColorRange, Frame, FrameResult
from tests.full_disk import files_limited_to
from tests.results import INFO, PlainRenderer, flat_frame, noisy_frame

REPOSITORY = Path(__file__).resolve().parents[2]


def shown(frame: Frame) -> FrameResult:
    return FrameResult(frame, (), {})


def encode(path: Path, frames: Sequence[Frame]) -> Path:
    sink = VideoSink(path, INFO, PlainRenderer())
    for frame in frames:
        sink.write(shown(frame))
    sink.close()
    return path


def decode(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path), format="mp4") as container:
        return list(container.decode(video=0))


def luma(picture: av.VideoFrame) -> NDArray[np.float64]:
    """Return the (H, W) luma of a decoded picture, as it is stored."""
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width].astype(np.float64)


def test_frame_count_times_and_duration_are_those_of_the_source(tmp_path: Path) -> None:
    gaps_s = [1 / 30, 0.1, 1 / 12, 0.5, 1001 / 30000] * 12
    starts_s = np.cumsum([7.0, *gaps_s])
    frames = [
        flat_frame(index, media_s=float(start_s), duration_s=gap_s, luma=40 + index)
        for index, (start_s, gap_s) in enumerate(zip(starts_s, gaps_s, strict=False))
    ]
    path = encode(tmp_path / "annotated.mp4", frames)
    pictures = decode(path)
    times = [picture.time for picture in pictures]
    assert times == pytest.approx(starts_s[:-1] - 7, abs=float(TIME_BASE))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.start_time) == (len(frames), 0)
        assert container.duration == pytest.approx(sum(gaps_s) * av.time_base, abs=100)
        assert [entry.type for entry in container.streams] == ["video"]


def test_each_picture_is_its_frame(tmp_path: Path) -> None:
    frames = [flat_frame(index, luma=30 + 3 * index) for index in range(60)]
    pictures = decode(encode(tmp_path / "annotated.mp4", frames))
    assert [luma(picture).mean() for picture in pictures] == pytest.approx(
        [30 + 3 * index for index in range(60)], abs=2
    )


@pytest.mark.parametrize("matrix", ColorMatrix)
@pytest.mark.parametrize("color_range", ColorRange)
def test_colours_carry_their_matrix_and_range(tmp_path: Path, matrix: ColorMatrix, color_range: ColorRange) -> None:
    frames = [flat_frame(0, matrix=matrix, color_range=color_range)]
    (picture,) = decode(encode(tmp_path / "annotated.mp4", frames))
    assert picture.colorspace == {ColorMatrix.BT601: 6, ColorMatrix.BT709: 1}[matrix]
    assert picture.color_range == {ColorRange.LIMITED: 1, ColorRange.FULL: 2}[color_range]
    assert [int(np.frombuffer(memoryview(plane), np.uint8)[0]) for plane in picture.planes] == pytest.approx(
        [90, 100, 150], abs=2
    )


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (63, 47), (64, 47), (33, 90)])
def test_an_odd_size_is_padded_by_its_own_edge(tmp_path: Path, size: tuple[int, int]) -> None:
    (picture,) = decode(encode(tmp_path / "annotated.mp4", [flat_frame(0, size)]))
    width, height = size
    assert (picture.width, picture.height) == (width + width % 2, height + height % 2)
    assert luma(picture) == pytest.approx(90, abs=2)


def test_a_change_of_size_is_fitted_into_the_first_size(tmp_path: Path) -> None:
    frames = [flat_frame(0, (64, 48)), flat_frame(1, (48, 96), luma=180), flat_frame(2, (64, 48))]
    pictures = decode(encode(tmp_path / "annotated.mp4", frames))
    assert {(picture.width, picture.height) for picture in pictures} == {(64, 48)}
    narrow = luma(pictures[1])
    assert narrow[:, 22:42] == pytest.approx(180, abs=4)
    assert narrow[:, :18] == pytest.approx(16, abs=4)
    assert narrow[:, 46:] == pytest.approx(16, abs=4)
    assert luma(pictures[2]) == pytest.approx(90, abs=4)


def test_a_change_of_colours_is_converted_to_the_first_ones(tmp_path: Path) -> None:
    frames = [flat_frame(0), flat_frame(1, color_range=ColorRange.FULL, luma=255)]
    pictures = decode(encode(tmp_path / "annotated.mp4", frames))
    assert pictures[1].color_range == pictures[0].color_range
    assert luma(pictures[1]) == pytest.approx(235, abs=3)


def test_a_clock_that_stands_or_steps_back_still_rises() -> None:
    clock = FrameClock(INFO)
    stamps = [clock.stamp(flat_frame(index, media_s=media_s)) for index, media_s in enumerate([3.0, 3.0, 2.5, 3.04])]
    assert stamps == [(0, 3600), (1, 3600), (2, 3600), (3600, 3600)]


@pytest.mark.parametrize(("frames_per_s", "ticks"), [(30.0, 3000), (0.0, 3600)])
def test_a_frame_without_duration_stands_a_usual_one(frames_per_s: float, ticks: int) -> None:
    clock = FrameClock(replace(INFO, frames_per_s=frames_per_s))
    assert clock.stamp(flat_frame(0, duration_s=0.0)) == (0, ticks)


@pytest.mark.parametrize(("end_s", "ticks"), [(1.02, 1800), (1.5, 3600), (0.9, 3600), (None, 3600)])
def test_a_frame_does_not_stand_beyond_the_end_that_its_source_tells(end_s: float | None, ticks: int) -> None:
    clock = FrameClock(replace(INFO, duration_s=end_s))
    assert clock.stamp(flat_frame(25))[1] == ticks


def test_without_frames_there_is_no_file(tmp_path: Path) -> None:
    sink = VideoSink(tmp_path / "annotated.mp4", INFO, PlainRenderer())
    sink.close()
    sink.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("limit_bytes", [100_000, 150_000])
def test_what_was_written_before_the_disk_was_full_plays(tmp_path: Path, limit_bytes: int) -> None:
    path = tmp_path / "annotated.mp4"
    with files_limited_to(limit_bytes), pytest.raises(SinkError, match=r"annotated\.mp4: File too large"):
        encode(path, [noisy_frame(index) for index in range(120)])
    assert not path.exists()
    pictures = decode_as_far_as_possible(path.with_name("annotated.mp4.partial"))
    assert len(pictures) >= 20


def test_a_disk_that_fills_up_at_the_very_end_leaves_a_playable_file(tmp_path: Path) -> None:
    frames = [noisy_frame(index) for index in range(60)]
    whole_bytes = encode(tmp_path / "whole.mp4", frames).stat().st_size
    with files_limited_to(whole_bytes - 10), pytest.raises(SinkError):
        encode(tmp_path / "annotated.mp4", frames)
    assert len(decode_as_far_as_possible(tmp_path / "annotated.mp4.partial")) == len(frames)


KILLED_RUN = """
import sys
from pathlib import Path
from pipeline.sinks.video import VideoSink
from pipeline.types import FrameResult
from tests.results import INFO, PlainRenderer, noisy_frame
sink = VideoSink(Path(sys.argv[1]), INFO, PlainRenderer())
for index in range(100):
    sink.write(FrameResult(noisy_frame(index), (), {}))
print("written", flush=True)
sys.stdin.read()
"""


def test_a_killed_run_leaves_a_video_that_plays(tmp_path: Path) -> None:
    path = tmp_path / "annotated.mp4"
    command = [sys.executable, "-c", KILLED_RUN, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"written\n"
        run.kill()
    assert not path.exists()
    pictures = decode(path.with_name("annotated.mp4.partial"))
    assert 50 <= len(pictures) <= 100
    assert [picture.time for picture in pictures] == pytest.approx([index / 25 for index in range(len(pictures))])


def decode_as_far_as_possible(path: Path) -> list[av.VideoFrame]:
    """Return the pictures of a file whose last fragment may be cut off, as a player shows them."""
    pictures: list[av.VideoFrame] = []
    with av.open(str(path), format="mp4") as container:
        try:
            pictures.extend(container.decode(video=0))
        except av.InvalidDataError:
            return pictures
    return pictures
