"""The live preview: who gets which picture, and what it costs while nobody looks."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import cv2
import numpy as np
import pytest

from pipeline.errors import ConfigError, SinkError
from pipeline.jpeg import Jpeg
from pipeline.sinks.preview import BOUNDARY, Preview, PreviewSettings
from pipeline.types import Face, FrameResult, Track, UInt8Array
from pipeline.vision.annotate import Annotator
from pipeline.vision.shrink import shrunk
from tests.results import PlainRenderer, flat_frame, noisy_frame, seen, track, with_utc

Answer = TypeVar("Answer")
FOREVER_S = 60.0
NO_TIME_S = 0.0


class TellingCondition(threading.Condition):
    """Lets a test know when a thread is about to wait: whoever takes the lock next finds it waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = threading.Semaphore(0)

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        self.waiting.release()
        return super().wait_for(predicate, timeout)


class CountingRenderer(PlainRenderer):
    """Knows the widths that it drew and how many results it was spared."""

    def __init__(self) -> None:
        self.drawn_px: list[int] = []
        self.skipped = 0

    def draw(self, result: FrameResult) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
        self.drawn_px.append(result.frame.width)
        return super().draw(result)

    def skip(self, result: FrameResult) -> None:  # noqa: ARG002  # the port's name
        self.skipped += 1


class Watched:
    """A preview under a clock that moves 1/32 s with each frame, and threads that ask it."""

    def __init__(self, **settings: Any) -> None:
        self.renderer = CountingRenderer()
        self.frames_written = 0
        self.preview = Preview(self.renderer, PreviewSettings(**settings), lambda: self.frames_written / 32)
        self.condition = self.preview._changed = TellingCondition()
        self._threads = ThreadPoolExecutor()

    def write(self, count: int = 1, size: tuple[int, int] = (64, 48)) -> None:
        for _ in range(count):
            luma = 20 + self.frames_written
            self.preview.write(FrameResult(with_utc(flat_frame(self.frames_written, size, luma)), (), {}))
            self.frames_written += 1

    def ask(self, question: Callable[[], Answer]) -> "Future[Answer]":
        """Ask from another thread; return once it waits for a picture."""
        answer = self._threads.submit(question)
        self.condition.waiting.acquire()
        return answer

    def close(self) -> None:
        self.preview.close()
        self._threads.shutdown()


@contextmanager
def watched(**settings: Any) -> Iterator[Watched]:
    made = Watched(**settings)
    try:
        yield made
    finally:
        made.close()


def picture(jpeg: bytes) -> UInt8Array:
    """Return the (H, W, 3) BGR of a JPEG."""
    decoded = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


def jpeg_of(part: bytes) -> bytes:
    """Return the picture of a part, whose head is checked."""
    head, _, body = part.partition(b"\r\n\r\n")
    data = body.removesuffix(b"\r\n")
    assert head == f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}".encode()
    return data


def test_nothing_is_drawn_while_nobody_watches() -> None:
    with watched() as stream:
        stream.write(100)
        assert (stream.renderer.drawn_px, stream.renderer.skipped) == ([], 100)


def test_a_snapshot_is_the_next_frame_and_the_last_one_drawn() -> None:
    with watched() as stream:
        stream.write(5)
        answer = stream.ask(lambda: stream.preview.snapshot(FOREVER_S))
        assert stream.preview.watchers == 1
        stream.write()
        jpeg = answer.result()
        assert jpeg.captured_utc == with_utc(flat_frame(5)).captured_utc
        assert stream.preview.watchers == 0
        stream.write(20)
        assert (len(stream.renderer.drawn_px), stream.renderer.skipped) == (1, 25)


def test_a_snapshot_is_never_an_older_picture() -> None:
    with watched() as stream:
        first = stream.ask(lambda: stream.preview.snapshot(FOREVER_S))
        stream.write()
        second = stream.ask(lambda: stream.preview.snapshot(FOREVER_S))
        assert first.result().number == 1
        assert not second.done()
        stream.write(10)
        assert second.result().number == 2


def test_a_snapshot_of_a_dead_camera_is_refused_in_time() -> None:
    with watched() as stream:
        with pytest.raises(SinkError, match="no new picture to show: none came within 0 s; see the state"):
            stream.preview.snapshot(NO_TIME_S)
        assert stream.preview.watchers == 0


def test_pictures_come_at_the_bounded_rate_and_width() -> None:
    with watched(pictures_per_s=4, max_width_px=320) as stream:
        parts = stream.preview.parts()
        answer = stream.ask(lambda: next(parts))
        stream.write(64, size=(1280, 722))
        assert stream.renderer.drawn_px == [320] * 8
        assert picture(jpeg_of(answer.result())).shape == (180, 320, 3)
        parts.close()  # type: ignore[attr-defined]  # a generator, which the port does not promise
        assert stream.preview.watchers == 0


def test_a_slow_watcher_gets_the_newest_picture() -> None:
    with watched(pictures_per_s=32) as stream:
        parts = stream.preview.parts()
        answer = stream.ask(lambda: next(parts))
        stream.write()
        assert picture(jpeg_of(answer.result())).mean() == pytest.approx(picture_mean(20), abs=3)
        stream.write(100)
        assert picture(jpeg_of(next(parts))).mean() == pytest.approx(picture_mean(120), abs=3)


def picture_mean(luma: int) -> float:
    """Return the mean of the BGR of a flat frame of that luma."""
    renderer = Preview(CountingRenderer())
    return float(picture(renderer._render(FrameResult(flat_frame(0, luma=luma), (), {})).data).mean())


def test_a_picture_is_drawn_once_for_all_watchers() -> None:
    with watched() as stream:
        answers: list[Future[Jpeg]] = [stream.ask(lambda: stream.preview.snapshot(FOREVER_S)) for _ in range(3)]
        assert stream.preview.watchers == 3
        stream.write()
        assert len({answer.result().data for answer in answers}) == 1
        assert len(stream.renderer.drawn_px) == 1


def test_the_end_of_the_stream_sends_watchers_away() -> None:
    with watched() as stream:
        ended = stream.ask(lambda: list(stream.preview.parts(FOREVER_S)))
        refused = stream.ask(lambda: stream.preview.snapshot(FOREVER_S))
        stream.preview.close()
        stream.preview.close()
        assert ended.result() == []
        with pytest.raises(SinkError, match="the stream has ended"):
            refused.result()
        stream.write()
        assert stream.renderer.drawn_px == []


def test_parts_end_where_no_picture_comes() -> None:
    with watched() as stream:
        assert list(stream.preview.parts(NO_TIME_S)) == []
        assert stream.preview.watchers == 0


def test_colours_are_those_of_the_frame() -> None:
    rgb = picture(Preview(CountingRenderer())._render(FrameResult(flat_frame(0), (), {})).data)[0, 0, ::-1]
    # BT.709 limited: y = 90, u = 100, v = 150.
    assert rgb.tolist() == pytest.approx([126, 82, 27], abs=3)


def test_what_was_found_shrinks_with_its_picture() -> None:
    small = shrunk(seen(noisy_frame(0, (640, 361)), {1: "masked"}), 160)
    (person,) = small.tracks
    whole = track(1).face.box
    assert (small.frame.width, small.frame.height) == (160, 90)
    assert (person.face.box.x1, person.face.box.y2) == (whole.x1 / 4, whole.y2 / 4)
    assert small.verdicts[1].votes == 3


def test_key_points_shrink_too() -> None:
    face = Face(track(1).face.box, 0.9, ((8.0, 12.0),))
    small = shrunk(FrameResult(flat_frame(0, (64, 48)), (Track(1, face),), {}), 32)
    assert small.tracks[0].face.key_points == ((4.0, 6.0),)


def test_a_narrow_picture_stays_itself() -> None:
    result = seen(flat_frame(0), {1: "masked"})
    assert shrunk(result, 64) is result


def test_the_annotator_draws_previews() -> None:
    preview = Preview(Annotator(), PreviewSettings(max_width_px=320))
    drawn = picture(preview._render(seen(flat_frame(0, (1280, 720), luma=200), {1: "masked"})).data)
    plain = picture(
        Preview(CountingRenderer(), PreviewSettings(max_width_px=320))
        ._render(seen(flat_frame(0, (1280, 720), luma=200), {}))
        .data
    )
    assert np.abs(drawn[:14].astype(float) - plain[:14]).mean() > 50


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"pictures_per_s": 0}, "more than 0 pictures a second, got 0"),
        ({"max_width_px": 8}, "16 pixels wide or more, got 8"),
        ({"jpeg_quality": 101}, "between 1 and 100, got 101"),
    ],
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PreviewSettings(**settings)
