"""What every source of frames keeps to, whatever is behind it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from pipeline.ports import Source
from pipeline.sources.demo_cast import DEMO_CAST
from pipeline.sources.live import Live
from pipeline.sources.looped import SCHEME as LOOP_SCHEME
from pipeline.sources.opening import open_source
from pipeline.sources.pictures import PictureSequence
from pipeline.sources.reconnecting import Reconnecting
from pipeline.sources.synthetic import ClipFormat, SyntheticClip
from pipeline.types import Frame
from tests.drawn_face import drawn_face
from tests.http_files import serving
from tests.media import Clip, numbered_quadrants, write_clip
from tests.rtsp_server import rtp_packets, serving_rtsp

FRAMES = 10
Opener = Callable[[], Source]


ENDING = ("recording", "http", "rtsp", "pictures", "drawn")
ENDLESS = ("reconnecting", "looped")
"""What only `close` ends, and what opens nothing before it is iterated."""


@pytest.fixture(params=ENDING)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens a source of ten frames, 64 by 48, a tenth of a second apart, as often as it is called."""
    with opening(request.param, tmp_path) as opens:
        yield opens


@pytest.fixture(params=ENDING + ENDLESS)
def any_opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """Opens a source of such frames, of which there may be more than ten."""
    with opening(request.param, tmp_path) as opens:
        yield opens


@contextmanager
def opening(kind: str, folder: Path) -> Iterator[Opener]:
    if kind == "recording":
        path = write_clip(folder / "clip.mkv")
        yield lambda: open_source(str(path), "stream-1")
    elif kind == "looped":
        path = write_clip(folder / "clip.mkv")
        yield lambda: Reconnecting(f"{LOOP_SCHEME}{path}", "stream-1", lambda _: None)
    elif kind == "http":
        write_clip(folder / "clip.ts", Clip(options={"tune": "zerolatency"}))
        with serving(folder) as address:
            yield lambda: open_source(f"http://user:hunter22@{address}/clip.ts", "stream-1")
    elif kind == "pictures":
        yield lambda: PictureSequence(write_pictures(folder), "stream-1", 10, "pictures")
    elif kind == "drawn":
        clip_format = ClipFormat(64, 48, 10.0, FRAMES / 10)
        yield lambda: SyntheticClip(drawn_face(), DEMO_CAST[:1], clip_format, "stream-1")
    else:
        with serving_rtsp(rtp_packets(FRAMES)) as address:
            url = f"rtsp://user:hunter22@{address}/camera"
            is_live = kind == "rtsp"
            yield lambda: Live(url, "stream-1") if is_live else Reconnecting(url, "stream-1", lambda _: None)


def write_pictures(folder: Path) -> list[Path]:
    paths = [folder / f"{index:02}.png" for index in range(FRAMES)]
    for index, path in enumerate(paths):
        assert cv2.imwrite(str(path), cv2.cvtColor(numbered_quadrants(index, 64, 48), cv2.COLOR_RGB2BGR))
    return paths


def first_frames(source: Source) -> list[Frame]:
    frames = list(islice(source.frames(), FRAMES))
    source.close()
    return frames


def test_it_ends_by_itself(opener: Opener) -> None:
    assert len(list(opener().frames())) == FRAMES


def test_frames_come_in_order_and_whole(any_opener: Opener) -> None:
    frames = first_frames(any_opener())
    assert [frame.index for frame in frames] == list(range(FRAMES))
    assert {frame.stream for frame in frames} == {"stream-1"}
    assert {frame.y.shape for frame in frames} == {(48, 64)}
    assert len({frame.y.tobytes() for frame in frames}) == FRAMES


def test_times_rise_from_zero(any_opener: Opener) -> None:
    frames = first_frames(any_opener())
    media_s = [frame.media_s for frame in frames]
    assert media_s[0] == 0
    assert (np.diff(media_s) > 0).all()
    # A live stream may count by the clock until its first timestamp comes.
    np.testing.assert_allclose(np.diff(media_s)[1:], 0.1, atol=2e-3)
    assert (np.diff([frame.captured_monotonic_s for frame in frames]) >= 0).all()


def test_planes_are_read_only(any_opener: Opener) -> None:
    source = any_opener()
    frame = next(source.frames())
    for plane in (frame.y, frame.u, frame.v):
        assert not plane.flags.writeable
    source.close()


def test_info_is_known_before_the_first_frame(opener: Opener) -> None:
    source = opener()
    assert (source.info.width, source.info.height) == (64, 48)
    assert source.info.frames_per_s == pytest.approx(10)
    source.close()


def test_info_is_safe_to_print(any_opener: Opener) -> None:
    source = any_opener()
    assert "hunter22" not in repr(source.info)
    source.close()


def test_live_frames_know_their_wall_clock(any_opener: Opener) -> None:
    source = any_opener()
    frame = next(source.frames())
    assert (frame.captured_utc is not None) is source.info.is_live
    source.close()


def test_close_ends_the_iteration(any_opener: Opener) -> None:
    source = any_opener()
    frames = source.frames()
    next(frames)
    source.close()
    source.close()
    assert list(frames) == []


def test_close_before_the_first_frame(any_opener: Opener) -> None:
    source = any_opener()
    source.close()
    assert list(source.frames()) == []


def test_another_thread_may_close(any_opener: Opener) -> None:
    source = any_opener()
    frames = source.frames()
    next(frames)
    closer = threading.Thread(target=source.close)
    closer.start()
    closer.join()
    assert list(frames) == []
