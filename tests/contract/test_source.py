"""What every source of frames keeps to, whatever is behind it."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.ports import Source
from pipeline.sources.demo_cast import DEMO_CAST
from pipeline.sources.live import Live
from pipeline.sources.opening import open_source
from pipeline.sources.pictures import PictureSequence
from pipeline.sources.synthetic import ClipFormat, SyntheticClip
from tests.drawn_face import drawn_face
from tests.http_files import serving
from tests.media import Clip, numbered_quadrants, write_clip
from tests.rtsp_server import rtp_packets, serving_rtsp

FRAMES = 10
Opener = Callable[[], Source]


@pytest.fixture(params=["recording", "http", "rtsp", "pictures", "drawn"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens a source of ten frames, 64 by 48, a tenth of a second apart, as often as it is called."""
    if request.param == "recording":
        path = write_clip(tmp_path / "clip.mkv")
        yield lambda: open_source(str(path), "stream-1")
    elif request.param == "http":
        write_clip(tmp_path / "clip.ts", Clip(options={"tune": "zerolatency"}))
        with serving(tmp_path) as address:
            yield lambda: open_source(f"http://user:hunter22@{address}/clip.ts", "stream-1")
    elif request.param == "rtsp":
        with serving_rtsp(rtp_packets(FRAMES)) as address:
            yield lambda: Live(f"rtsp://user:hunter22@{address}/camera", "stream-1")
    elif request.param == "drawn":
        clip_format = ClipFormat(64, 48, 10.0, FRAMES / 10)
        yield lambda: SyntheticClip(drawn_face(), DEMO_CAST[:1], clip_format, "stream-1")
    else:
        yield lambda: PictureSequence(write_pictures(tmp_path), "stream-1", 10, "pictures")


def write_pictures(folder: Path) -> list[Path]:
    paths = [folder / f"{index:02}.png" for index in range(FRAMES)]
    for index, path in enumerate(paths):
        assert cv2.imwrite(str(path), cv2.cvtColor(numbered_quadrants(index, 64, 48), cv2.COLOR_RGB2BGR))
    return paths


def test_frames_come_in_order_and_whole(opener: Opener) -> None:
    frames = list(opener().frames())
    assert [frame.index for frame in frames] == list(range(FRAMES))
    assert {frame.stream for frame in frames} == {"stream-1"}
    assert {frame.y.shape for frame in frames} == {(48, 64)}
    assert len({frame.y.tobytes() for frame in frames}) == FRAMES


def test_times_rise_from_zero(opener: Opener) -> None:
    frames = list(opener().frames())
    media_s = [frame.media_s for frame in frames]
    assert media_s[0] == 0
    assert (np.diff(media_s) > 0).all()
    # A live stream may count by the clock until its first timestamp comes.
    np.testing.assert_allclose(np.diff(media_s)[1:], 0.1, atol=2e-3)
    assert (np.diff([frame.captured_monotonic_s for frame in frames]) >= 0).all()


def test_planes_are_read_only(opener: Opener) -> None:
    source = opener()
    frame = next(source.frames())
    for plane in (frame.y, frame.u, frame.v):
        assert not plane.flags.writeable
    source.close()


def test_info_is_known_before_the_first_frame_and_safe_to_print(opener: Opener) -> None:
    source = opener()
    assert (source.info.width, source.info.height) == (64, 48)
    assert source.info.frames_per_s == pytest.approx(10)
    assert "hunter22" not in repr(source.info)
    source.close()


def test_live_frames_know_their_wall_clock(opener: Opener) -> None:
    source = opener()
    frame = next(source.frames())
    assert (frame.captured_utc is not None) is source.info.is_live
    source.close()


def test_close_ends_the_iteration(opener: Opener) -> None:
    source = opener()
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []


def test_close_before_the_first_frame(opener: Opener) -> None:
    source = opener()
    source.close()
    assert list(source.frames()) == []


def test_another_thread_may_close(opener: Opener) -> None:
    source = opener()
    frames = source.frames()
    next(frames)
    closer = threading.Thread(target=source.close)
    closer.start()
    closer.join()
    assert list(frames) == []
