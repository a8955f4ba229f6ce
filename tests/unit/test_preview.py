"""The live preview: which pictures are rendered, and what it costs while nobody looks."""

from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.errors import ConfigError
from pipeline.jpeg import Jpeg
from pipeline.sinks.live_renderer import LiveRenderer, Undrawn
from pipeline.sinks.preview import Preview, PreviewSettings
from pipeline.types import Face, FrameResult, Track, UInt8Array
from pipeline.vision.annotate import Annotator
from pipeline.vision.shrink import shrunk
from tests.results import flat_frame, noisy_frame, seen, track, with_utc


class CountingRenderer(Undrawn):
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
    """A preview under a clock that moves 1/32 s with each frame."""

    def __init__(self, **settings: Any) -> None:
        self.renderer = CountingRenderer()
        self.frames_written = 0
        self.pictures: list[Jpeg] = []
        self.preview = Preview(
            self.renderer, PreviewSettings(**settings), self.pictures.append, lambda: self.frames_written / 32
        )

    def write(self, count: int = 1, size: tuple[int, int] = (64, 48)) -> None:
        for _ in range(count):
            luma = 20 + self.frames_written
            self.preview.write(FrameResult(with_utc(flat_frame(self.frames_written, size, luma)), (), {}))
            self.frames_written += 1


def picture(jpeg: Jpeg) -> UInt8Array:
    """Return the (H, W, 3) BGR of a JPEG."""
    decoded = cv2.imdecode(np.frombuffer(jpeg.data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


def rendered(result: FrameResult, renderer: LiveRenderer, **settings: Any) -> UInt8Array:
    """Return the (H, W, 3) BGR of the preview of one result."""
    pictures: list[Jpeg] = []
    preview = Preview(renderer, PreviewSettings(**settings), pictures.append)
    preview.wanted = True
    preview.write(result)
    return picture(pictures[0])


def test_nothing_is_rendered_while_nobody_watches() -> None:
    stream = Watched()
    stream.write(100)
    assert (stream.renderer.drawn_px, stream.renderer.skipped, stream.pictures) == ([], 100, [])


def test_who_comes_gets_the_next_frame_and_who_goes_ends_the_rendering() -> None:
    stream = Watched()
    stream.write(5)
    stream.preview.wanted = True
    stream.write()
    stream.preview.wanted = False
    stream.write(20)
    (jpeg,) = stream.pictures
    assert (jpeg.number, jpeg.captured_utc) == (1, with_utc(flat_frame(5)).captured_utc)
    assert (len(stream.renderer.drawn_px), stream.renderer.skipped) == (1, 25)


def test_pictures_come_at_the_bounded_rate_and_width() -> None:
    stream = Watched(pictures_per_s=4, max_width_px=320)
    stream.preview.wanted = True
    stream.write(64, size=(1280, 722))
    assert stream.renderer.drawn_px == [320] * 8
    assert [jpeg.number for jpeg in stream.pictures] == list(range(1, 9))
    assert {picture(jpeg).shape for jpeg in stream.pictures} == {(180, 320, 3)}


def test_watchers_who_come_and_go_do_not_exceed_the_rate() -> None:
    stream = Watched(pictures_per_s=1)
    for frame in range(64):
        stream.preview.wanted = frame % 2 == 0
        stream.write()
    assert len(stream.pictures) == 2


def test_a_picture_shows_its_own_frame() -> None:
    stream = Watched(pictures_per_s=32)
    stream.preview.wanted = True
    stream.write(101)
    first, last = (rendered(FrameResult(flat_frame(0, luma=luma), (), {}), Undrawn()).mean() for luma in (20, 120))
    assert picture(stream.pictures[0]).mean() == pytest.approx(first, abs=3)
    assert picture(stream.pictures[-1]).mean() == pytest.approx(last, abs=3)


def test_closing_twice_is_allowed() -> None:
    stream = Watched()
    stream.preview.close()
    stream.preview.close()


def test_colours_are_those_of_the_frame() -> None:
    rgb = rendered(FrameResult(flat_frame(0), (), {}), Undrawn())[0, 0, ::-1]
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


def test_the_annotator_draws_previews_and_its_absence_does_not() -> None:
    result = seen(flat_frame(0, (1280, 720), luma=200), {1: "masked"})
    drawn, plain = (rendered(result, renderer, max_width_px=320) for renderer in (Annotator(), Undrawn()))
    assert np.abs(drawn[:14].astype(float) - plain[:14]).mean() > 50
    assert plain.std(axis=(0, 1)).max() < 3


def test_what_is_not_drawn_on_is_not_copied() -> None:
    result = seen(flat_frame(0), {1: "masked"})
    assert all(one is other for one, other in zip(Undrawn().draw(result), _planes(result), strict=True))


def _planes(result: FrameResult) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
    return result.frame.y, result.frame.u, result.frame.v


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
