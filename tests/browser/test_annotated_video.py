from pathlib import Path

import pytest

from pipeline.sinks.video import VideoSink
from pipeline.types import SourceInfo
from pipeline.vision.annotate import Annotator
from tests.browser.chromium import play
from tests.results import flat_frame, seen

SIZE = (321, 241)
FRAMES = 75


def annotate(path: Path) -> VideoSink:
    """Return an open sink that has taken three seconds of two persons."""
    sink = VideoSink(path, SourceInfo("made up", *SIZE, 25.0), Annotator())
    for index in range(FRAMES):
        sink.write(seen(flat_frame(index, SIZE, luma=40 + 2 * index), {1: "masked", 2: "unmasked"}))
    return sink


def test_an_annotated_video_plays_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "annotated.mp4"
    annotate(path).close()
    report = play(path, tmp_path / "profile")
    assert (report["ending"], report["error"]) == ("ended", None)
    assert report["duration_s"] == pytest.approx(FRAMES / 25, abs=1e-3)
    assert (report["width"], report["height"]) == (322, 242)
    assert report["frames"] >= FRAMES - 2  # the browser may end before it has counted the last ones


def test_the_partial_of_a_run_that_was_cut_off_plays_as_it_stands(tmp_path: Path) -> None:
    sink = annotate(tmp_path / "annotated.mp4")
    cut_off = tmp_path / "cut_off.mp4"
    cut_off.write_bytes((tmp_path / "annotated.mp4.partial").read_bytes())
    sink.close()
    report = play(cut_off, tmp_path / "profile")
    assert (report["ending"], report["error"]) == ("ended", None)
    assert 1 <= report["duration_s"] < FRAMES / 25
