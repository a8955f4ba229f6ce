"""The shared clips show exactly the persons that their table says, whichever frames are looked at."""

import csv
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.inference.detectors import open_frame_detector
from pipeline.sources.recording import Recording
from pipeline.types import Face
from pipeline.vision.track import Tracker

CLIPS = [
    pytest.param("corridor-masked-man-1080p.mp4", marks=pytest.mark.slow),
    "no-face.mp4",
    "single-face.mp4",
    "three-people-walking.mp4",
    "two-people-head-turns.mp4",
]
LOOK_EVERY_FRAMES = (1, 3, 10)


def persons_of(clips: Path, name: str) -> int:
    with (clips / "clips.csv").open(newline="") as table:
        (row,) = [row for row in csv.DictReader(table) if row["file"] == name]
    return sum(int(row[state]) for state in ("masked", "incorrect", "unmasked"))


def faces_of(clip: Path) -> Iterator[tuple[float, tuple[Face, ...]]]:
    with closing(open_frame_detector()) as detector, closing(Recording(clip, "test")) as recording:
        for frame in recording.frames():
            yield frame.media_s, detector.detect(frame)


@pytest.mark.parametrize("name", CLIPS)
def test_each_person_is_one_track(shared_data: Path, name: str) -> None:
    trackers = {every: Tracker() for every in LOOK_EVERY_FRAMES}
    seen: dict[int, set[int]] = {every: set() for every in LOOK_EVERY_FRAMES}
    for index, (media_s, faces) in enumerate(faces_of(shared_data / "clips" / name)):
        for every, tracker in trackers.items():
            update = tracker.coast(media_s) if index % every else tracker.update(faces, media_s)
            seen[every] |= {track.track_id for track in update.tracks}
    persons = persons_of(shared_data / "clips", name)
    assert {every: len(ids) for every, ids in seen.items()} == dict.fromkeys(LOOK_EVERY_FRAMES, persons)
