"""What the program writes and serves as video, played by a real browser."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from pipeline.sinks.video import VideoSink
from pipeline.types import SourceInfo
from pipeline.vision.annotate import Annotator
from tests.browser.visit import visit
from tests.results import flat_frame, seen

SIZE = (321, 241)
FRAMES = 75

PLAY = """async () => {
  const video = document.querySelector("video");
  const ending = new Promise((resolve) => {
    video.onended = () => resolve("ended");
    video.onerror = () => resolve(video.error.message);
  });
  video.playbackRate = 4;
  video.play();
  return {
    ending: video.ended ? "ended" : await ending,
    duration_s: video.duration, width: video.videoWidth, height: video.videoHeight,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
  };
}"""


def annotate(path: Path) -> VideoSink:
    """Return an open sink that has taken three seconds of two persons."""
    sink = VideoSink(path, SourceInfo("made up", *SIZE, 25.0), Annotator())
    for index in range(FRAMES):
        sink.write(seen(flat_frame(index, SIZE, luma=40 + 2 * index), {1: "masked", 2: "unmasked"}))
    return sink


def play(browser: Browser, video: Path) -> Any:
    """Return what the browser tells of `video` at its end."""
    with visit(browser, video.as_uri()) as page:
        return page.evaluate(PLAY)


def test_an_annotated_video_plays_to_its_end(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "annotated.mp4"
    annotate(path).close()
    report = play(browser, path)
    assert report["ending"] == "ended"
    assert report["duration_s"] == pytest.approx(FRAMES / 25, abs=1e-3)
    assert (report["width"], report["height"]) == (322, 242)
    assert report["frames"] >= FRAMES - 2  # the browser may end before it has counted the last ones


def test_the_partial_of_a_run_that_was_cut_off_plays_as_it_stands(browser: Browser, tmp_path: Path) -> None:
    sink = annotate(tmp_path / "annotated.mp4")
    cut_off = tmp_path / "cut_off.mp4"
    cut_off.write_bytes((tmp_path / "annotated.mp4.partial").read_bytes())
    sink.close()
    report = play(browser, cut_off)
    assert report["ending"] == "ended"
    assert 1 <= report["duration_s"] < FRAMES / 25
