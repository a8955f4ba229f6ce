"""The rotating recording: what each segment holds, what a crash and a full disk leave."""

import logging
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pipeline.errors import ConfigError
from pipeline.sinks.segment_folder import SegmentFolder
from pipeline.sinks.segments import SegmentSettings, SegmentSink
from pipeline.types import Frame, FrameResult, SourceInfo, UInt8Array
from pipeline.vision.annotate import Annotator
from tests.full_disk import files_limited_to
from tests.results import INFO, START_UTC, PlainRenderer, flat_frame, noisy_frame, seen, with_utc

REPOSITORY = Path(__file__).resolve().parents[2]
LIVE = replace(INFO, is_live=True)
START_NAME = "cam-1_20260301T08300"
TWO_S = SegmentSettings(segment_s=2.0, retry_s=1.0)


class CountingRenderer(PlainRenderer):
    """Knows which frames it drew and which it was told of."""

    def __init__(self) -> None:
        self.drawn: list[int] = []
        self.skipped: list[int] = []

    def draw(self, result: FrameResult) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
        self.drawn.append(result.frame.index)
        return super().draw(result)

    def skip(self, result: FrameResult) -> None:
        self.skipped.append(result.frame.index)


def live(frame: Frame) -> Frame:
    """Return `frame` as a camera's: with the time of its capture."""
    return replace(with_utc(frame), captured_monotonic_s=100 + frame.media_s)


def frames(count: int, start: int = 0, size: tuple[int, int] = (64, 48)) -> Iterable[Frame]:
    return (live(flat_frame(index, size)) for index in range(start, start + count))


def recorder(folder: Path, settings: SegmentSettings = TWO_S, stream: str = "cam-1") -> SegmentSink:
    return SegmentSink(SegmentFolder(folder, stream), lambda: LIVE, CountingRenderer(), settings)


def record(sink: SegmentSink, shown: Iterable[Frame]) -> None:
    for frame in shown:
        sink.write(FrameResult(frame, (), {}))


def names(folder: Path) -> list[str]:
    """Return what is in the folder besides the claims on it."""
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def pictures(path: Path) -> list[av.VideoFrame]:
    """Return the pictures of a segment whose last fragment may be cut off, as a player shows them."""
    shown: list[av.VideoFrame] = []
    with av.open(str(path), format="mp4") as container, suppress(av.InvalidDataError):
        shown.extend(container.decode(video=0))
    return shown


def test_segments_follow_each_other_without_losing_a_picture(tmp_path: Path) -> None:
    with closing(recorder(tmp_path)) as sink:
        record(sink, frames(120))
        assert names(tmp_path)[-1] == "cam-1_20260301T083004.000Z.mp4.partial"
    assert names(tmp_path) == [f"cam-1_20260301T08300{second}.000Z.mp4" for second in (0, 2, 4)]
    shown = [pictures(tmp_path / name) for name in names(tmp_path)]
    assert [len(part) for part in shown] == [50, 50, 20]
    assert all(part[0].key_frame and part[0].time == 0 for part in shown)


def test_a_change_of_size_begins_a_segment_of_that_size(tmp_path: Path) -> None:
    with closing(recorder(tmp_path)) as sink:
        record(sink, frames(10))
        record(sink, frames(10, start=10, size=(96, 64)))
        record(sink, frames(10, start=20))
    sizes = [{(picture.width, picture.height) for picture in pictures(tmp_path / name)} for name in names(tmp_path)]
    assert sizes == [{(64, 48)}, {(96, 64)}, {(64, 48)}]


@pytest.mark.parametrize("jump_s", [3600.0, -3600.0])
def test_a_jump_of_the_streams_time_begins_a_segment(tmp_path: Path, jump_s: float) -> None:
    with closing(recorder(tmp_path)) as sink:
        record(sink, frames(10))
        record(sink, (replace(frame, media_s=frame.media_s + jump_s) for frame in frames(10, start=10)))
    assert [len(pictures(tmp_path / name)) for name in names(tmp_path)] == [10, 10]


def test_a_segment_takes_the_rate_that_its_source_has_now(tmp_path: Path) -> None:
    rates = iter((25.0, 5.0))

    def describe() -> SourceInfo:
        return replace(LIVE, frames_per_s=next(rates))

    sink = SegmentSink(SegmentFolder(tmp_path, "cam"), describe, CountingRenderer(), TWO_S)
    with closing(sink):
        record(sink, (replace(frame, duration_s=0.0) for frame in frames(51)))
    last = pictures(tmp_path / names(tmp_path)[-1])[-1]
    assert last.duration * (last.time_base or 0) == pytest.approx(0.2)


def test_segments_of_one_instant_do_not_overwrite_each_other(tmp_path: Path) -> None:
    frame = live(flat_frame(0))
    for _ in range(3):
        with closing(recorder(tmp_path)) as sink:
            record(sink, [frame])
    assert names(tmp_path) == [f"cam-1_20260301T083000.00{millisecond}Z.mp4" for millisecond in range(3)]


def test_a_frame_without_wall_clock_is_named_by_the_folders(tmp_path: Path) -> None:
    folder = SegmentFolder(tmp_path, "cam", lambda: START_UTC + timedelta(days=1))
    with closing(SegmentSink(folder, lambda: LIVE, CountingRenderer())) as sink:
        record(sink, [flat_frame(0)])
    assert names(tmp_path) == ["cam_20260302T083000.000Z.mp4"]


def test_without_frames_there_is_no_file_and_closing_twice_is_allowed(tmp_path: Path) -> None:
    sink = recorder(tmp_path / "out")
    sink.close()
    sink.close()
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_recorded_once_closed(tmp_path: Path) -> None:
    sink = recorder(tmp_path)
    sink.close()
    record(sink, frames(3))
    assert names(tmp_path) == []


KILLED_RUN = """
import sys
from pathlib import Path
from pipeline.types import FrameResult
from tests.results import noisy_frame
from tests.unit.test_segments import live, recorder
sink = recorder(Path(sys.argv[1]))
for index in range(149):
    sink.write(FrameResult(live(noisy_frame(index)), (), {}))
print("written", flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Record 149 frames in another process, which lives and has the claim until it is killed."""
    command = [sys.executable, "-c", KILLED_RUN, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=REPOSITORY) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"written\n"
        try:
            yield run
        finally:
            run.kill()


def test_a_killed_run_leaves_segments_that_play_and_the_next_one_names_them(tmp_path: Path) -> None:
    with another_process(tmp_path):
        pass
    first, second, cut_off = names(tmp_path)
    assert [len(pictures(tmp_path / name)) for name in (first, second)] == [50, 50]
    shown = len(pictures(tmp_path / cut_off))
    assert 20 <= shown <= 49
    recorder(tmp_path).close()
    assert names(tmp_path) == [first, second, cut_off.removesuffix(".partial")]
    assert len(pictures(tmp_path / names(tmp_path)[-1])) == shown


def test_what_another_process_is_writing_stays_its_own(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    losses: list[int] = []
    with another_process(tmp_path) as run:
        theirs = names(tmp_path)
        folder = SegmentFolder(tmp_path, "cam-1")
        sink = SegmentSink(folder, lambda: LIVE, CountingRenderer(), TWO_S, lambda: losses.append(1))
        record(sink, frames(20))
        assert names(tmp_path) == theirs
        assert losses == [1] * 20
        run.kill()
        run.wait()
        record(sink, frames(20, start=50))
        sink.close()
    assert [record.message for record in caplog.records] == [
        f"cannot record cam-1 in {tmp_path}: another process records it there; end that one, or name another folder; "
        "recording is tried again every 1 s"
    ]
    assert names(tmp_path) == sorted([name.removesuffix(".partial") for name in theirs] + [f"{START_NAME}2.001Z.mp4"])
    assert len(losses) == 20


def test_streams_of_one_folder_do_not_claim_each_others(tmp_path: Path) -> None:
    with closing(recorder(tmp_path)) as one, closing(recorder(tmp_path, stream="cam-2")) as other:
        record(one, frames(5))
        record(other, frames(5))
    assert names(tmp_path) == [f"cam-{number}_20260301T083000.000Z.mp4" for number in (1, 2)]


def test_a_closed_recording_leaves_the_folder_to_the_next(tmp_path: Path) -> None:
    for start in (0, 50):
        with closing(recorder(tmp_path)) as sink:
            record(sink, frames(5, start=start))
    assert len(names(tmp_path)) == 2


def test_a_partial_without_a_picture_is_removed(tmp_path: Path) -> None:
    (tmp_path / "cam-1_20260301T083004.000Z.mp4.partial").write_bytes(b"")
    (tmp_path / "cam-1_20260301T083005.000Z.mp4.partial").write_bytes(b"no video")
    (tmp_path / "cam-2_20260301T083005.000Z.mp4.partial").write_bytes(b"another stream's")
    recorder(tmp_path).close()
    assert names(tmp_path) == ["cam-2_20260301T083005.000Z.mp4.partial"]


def test_a_full_disk_is_told_once_and_recording_goes_on_with_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pipeline.sinks.segments")
    losses: list[int] = []
    renderer = CountingRenderer()
    sink = SegmentSink(SegmentFolder(tmp_path, "cam"), lambda: LIVE, renderer, TWO_S, lambda: losses.append(1))
    stream = [live(noisy_frame(index)) for index in range(250)]
    with closing(sink):
        with files_limited_to(60_000):
            record(sink, stream[:125])
        record(sink, stream[125:])
    assert [record.message for record in caplog.records] == [
        f"cannot record cam in {tmp_path}: File too large; free some space or name another folder; recording is tried "
        "again every 1 s",
        "the recording of cam goes on",
    ]
    assert sorted(renderer.drawn + renderer.skipped) == list(range(250))
    assert len(renderer.skipped) >= 25
    assert len(losses) > len(renderer.skipped)
    assert all(name.endswith(".mp4") for name in names(tmp_path))
    assert all(pictures(tmp_path / name) for name in names(tmp_path))
    assert len(pictures(tmp_path / names(tmp_path)[-1])) + len(pictures(tmp_path / names(tmp_path)[-2])) >= 75


def test_a_folder_that_is_none_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "recordings"
    folder.write_text("a file where the folder should be")
    sink = SegmentSink(SegmentFolder(folder, "cam"), lambda: LIVE, CountingRenderer(), TWO_S)
    with closing(sink):
        record(sink, frames(20))
        folder.unlink()
        record(sink, frames(20, start=30))
    (told,) = caplog.records
    assert f"{folder} is not a folder" in told.message
    assert [len(pictures(folder / name)) for name in names(folder)] == [20]


def test_persons_who_are_not_recorded_are_counted_all_the_same() -> None:
    watched, unwatched = Annotator(), Annotator()
    first, second = seen(flat_frame(0), {1: "masked"}), seen(flat_frame(1), {2: "unmasked"}, (1,))
    watched.draw(first)
    unwatched.skip(first)
    assert all(np.array_equal(*planes) for planes in zip(watched.draw(second), unwatched.draw(second), strict=True))


@pytest.mark.parametrize("stream", ["", "../cam", "a b", ".hidden"])
def test_an_id_that_is_no_file_name_is_refused(tmp_path: Path, stream: str) -> None:
    with pytest.raises(ConfigError, match=r"the id of a recorded stream consists of"):
        SegmentFolder(tmp_path, stream)


@pytest.mark.parametrize("name", ["segment_s", "max_gap_s", "retry_s"])
def test_settings_that_mean_nothing_are_refused(name: str) -> None:
    nothing: dict[str, Any] = {name: 0}
    with pytest.raises(ConfigError, match=f"{name} of the recording is more than 0, got 0"):
        SegmentSettings(**nothing)
