"""`process --blur` and the sinks of a lane, on a clip whose faces are known: they were drawn there."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.blur import SEEN_SHARE, Comparison, Look, is_inside, measure
from pipeline.app import Engine
from pipeline.demo_face import face_picture
from pipeline.input_job import Order, ProcessOptions
from pipeline.process import ProcessRun
from pipeline.sinks.prometheus import NoTelemetry
from pipeline.sinks.video import VideoSink
from pipeline.sources.demo_picture import demo_picture
from pipeline.sources.recording import Recording
from pipeline.sources.synthetic import ClipFormat, SyntheticClip
from pipeline.types import Box, Float32Array, Frame, FrameResult, UInt8Array
from pipeline.vision.blur import Blur
from tests.command import Command
from tests.results import PlainRenderer

DURATION_S = 3.2
"""Two persons cross the picture in it, and two more come in."""

NOISE_PX = 1.5
"""A blur that takes the camera's noise and the coder's away."""

INNER_SHARE = 0.7
"""Boxes are drawn around faces, and not on the middle of one."""


LINE_LUMA, LINE_PX = 24, 13
"""Luma of the black lines of a box, and how far around them their detail reaches."""


def drawn_clip() -> SyntheticClip:
    return SyntheticClip(face_picture(demo_picture()), clip_format=ClipFormat(duration_s=DURATION_S))


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Frame, Sequence[Box]]]:
    """The frames of the clip with the faces on each."""
    clip = drawn_clip()
    return [(frame, [face.box for face in faces]) for frame, faces in zip(clip.frames(), clip.truth(), strict=True)]


@pytest.fixture(scope="module")
def video(drawn: list[tuple[Frame, Sequence[Box]]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    path = tmp_path_factory.mktemp("drawn") / "drawn.mp4"
    sink = VideoSink(path, drawn_clip().info, PlainRenderer())
    for frame, _ in drawn:
        sink.write(FrameResult(frame, (), {}))
    sink.close()
    return path


def middle(box: Box, plane: UInt8Array) -> UInt8Array:
    """Return the middle of a box, without what the frame cuts off."""
    part = Box.around(box.center, INNER_SHARE * box.width, INNER_SHARE * box.height)
    x1, y1, x2, y2 = (max(0, round(value)) for value in (part.x1, part.y1, part.x2, part.y2))
    return np.ascontiguousarray(plane[y1:y2, x1:x2])


def inner(box: Box, luma: UInt8Array) -> Float32Array:
    """Return the detail in the middle of a box."""
    smooth = cv2.GaussianBlur(middle(box, luma), (0, 0), NOISE_PX)
    return np.asarray(cv2.Laplacian(smooth, cv2.CV_32F), np.float32)


def is_picture(box: Box, luma: UInt8Array) -> NDArray[np.bool_]:
    """Return where no black line is in the middle of a box: between two looks the box drawn lags behind who walks."""
    lines = cv2.dilate((middle(box, luma) <= LINE_LUMA).astype(np.uint8), np.ones((LINE_PX, LINE_PX), np.uint8))
    return np.asarray(lines == 0, np.bool_)


def kept_detail(drawn: list[tuple[Frame, Sequence[Box]]], path: Path) -> Iterator[float]:
    """Yield, for each face on each frame of a video, how its detail goes with that of what was drawn, up to 1."""
    for (source, faces), shown in zip(drawn, Recording(path, "annotated").frames(), strict=True):
        for face in faces:
            if is_inside(face, source):
                seen = is_picture(face, shown.y)
                assert seen.mean() > 0.5
                yield float(np.corrcoef(inner(face, source.y)[seen], inner(face, shown.y)[seen])[0, 1])


@pytest.mark.parametrize(("blur", "is_kept"), [("off", True), ("faces", False), ("all", False)])
def test_no_face_is_left_in_the_video(
    drawn: list[tuple[Frame, Sequence[Box]]], video: Path, blur: str, is_kept: bool, tmp_path: Path, command: Command
) -> None:
    ended = command("process", video, "--out", tmp_path, "--blur", blur, "--quiet")
    assert (ended.code, ended.err) == (0, "")
    kept = list(kept_detail(drawn, tmp_path / "drawn" / "annotated.mp4"))
    assert len(kept) > 150
    if is_kept:
        assert min(kept) > 0.25, "or the others below tell nothing"
    else:
        assert max(kept) < 0.15


def test_no_face_reaches_a_sink_that_somebody_adds(
    drawn: list[tuple[Frame, Sequence[Box]]], model: Path, tmp_path: Path
) -> None:
    added = Comparison()
    added.sources.extend(drawn)
    with Engine.open(NoTelemetry(), model) as engine:
        run = ProcessRun(engine, ProcessOptions(with_video=False, blur=Blur.FACES))
        run.add(Order("drawn", tmp_path / "drawn", drawn_clip, (added,)))
        assert [job.error for job in run.completed() if job] == [None]
    assert not added.sources, "every frame came"
    assert max(added.shown) <= SEEN_SHARE
    assert added.whole == 0, "where every frame is looked at"


@pytest.mark.parametrize("every_frames", [1, 5])
def test_no_face_is_seen_live_be_looks_often_or_seldom(
    drawn: list[tuple[Frame, Sequence[Box]]], every_frames: int
) -> None:
    figures = measure("drawn", Look(every_frames, is_live=True), drawn)
    assert figures.faces > 150
    assert figures.seen == 0
    assert figures.whole < 0.5, "most frames show something"
