"""The default detector on the shared scenes and clips: floors below what benchmarks/README.md reports."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.detection import Candidate, measure
from benchmarks.scenes import load_scenes
from pipeline.inference.detectors import open_frame_detector
from pipeline.sources.opening import open_source

PEOPLE = {"three-people-walking": 3, "two-people-head-turns": 2, "single-face": 1}
SURE = 0.6


@pytest.mark.parametrize("name", PEOPLE)
def test_every_frame_shows_everybody_and_nobody_else(shared_data: Path, name: str) -> None:
    assert _faces_per_frame(shared_data / "clips" / f"{name}.mp4", every=3) == {PEOPLE[name]}


def test_lettering_is_hardly_ever_a_face(shared_data: Path) -> None:
    counts = Counter(_face_counts(shared_data / "clips" / "no-face.mp4", every=1))
    assert counts.total() - counts[0] <= 3


def test_scenes(shared_data: Path) -> None:
    figures = measure(Candidate("full", None, looks=2), load_scenes(shared_data / "scenes.zip"), None)
    assert figures.recall >= 0.75
    assert figures.recall_by_state["masked"] >= 0.66
    assert figures.false_faces_per_picture <= 0.4


def _faces_per_frame(path: Path, every: int) -> set[int]:
    return set(_face_counts(path, every))


def _face_counts(path: Path, every: int) -> list[int]:
    source, detector = open_source(str(path), path.stem), open_frame_detector(min_score=SURE)
    try:
        return [len(detector.detect(frame)) for frame in source.frames() if frame.index % every == 0]
    finally:
        detector.close()
        source.close()
