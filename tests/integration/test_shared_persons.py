"""The shared clips show exactly the persons that their table says, whichever frames are looked at."""

import csv
import random
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
LOOKS_PER_S = (8, 4, 2)
"""What live cameras get where 5, 10 and more share two cores."""


class Uneven:
    """Looks so many times a second, at intervals that vary by half as on a busy machine."""

    def __init__(self, looks_per_s: float) -> None:
        self._random = random.Random(looks_per_s)
        self._interval_s = 1 / looks_per_s
        self._due_s = 0.0

    def is_due(self, index: int, media_s: float) -> bool:  # noqa: ARG002  # as EachNth
        if media_s < self._due_s:
            return False
        self._due_s = media_s + self._random.uniform(0.75, 1.25) * self._interval_s
        return True


class EachNth:
    """Looks at each so many frames."""

    def __init__(self, frames: int) -> None:
        self._frames = frames

    def is_due(self, index: int, media_s: float) -> bool:  # noqa: ARG002  # as Uneven
        return index % self._frames == 0


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
    paces: dict[str, EachNth | Uneven] = {f"each {count} frames": EachNth(count) for count in LOOK_EVERY_FRAMES}
    paces |= {f"{rate} a second": Uneven(rate) for rate in LOOKS_PER_S}
    trackers = {pace: Tracker() for pace in paces}
    seen: dict[str, set[int]] = {pace: set() for pace in paces}
    for index, (media_s, faces) in enumerate(faces_of(shared_data / "clips" / name)):
        for pace, tracker in trackers.items():
            is_due = paces[pace].is_due(index, media_s)
            update = tracker.update(faces, media_s) if is_due else tracker.coast(media_s)
            seen[pace] |= {track.track_id for track in update.tracks}
    persons = persons_of(shared_data / "clips", name)
    assert {pace: len(ids) for pace, ids in seen.items()} == dict.fromkeys(paces, persons)
