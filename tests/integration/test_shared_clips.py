"""The shared clips come back frame for frame."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.sources.recording import Recording
from tests.media import true_times_s

CLIPS = [
    "corridor-masked-man-1080p.mp4",
    "no-face.mp4",
    "single-face.mp4",
    "three-people-walking.mp4",
    "two-people-head-turns.mp4",
]


@pytest.mark.parametrize("name", CLIPS)
def test_every_frame_at_its_time(shared_data: Path, name: str) -> None:
    path = shared_data / "clips" / name
    recording = Recording(path, "test")
    stamped = [(frame.media_s, frame.duration_s) for frame in recording.frames()]
    times_s, durations_s = np.array(stamped).T
    np.testing.assert_allclose(times_s, true_times_s(path), atol=1e-9)
    np.testing.assert_allclose(durations_s[:-1], np.diff(times_s), atol=1e-9)
    assert recording.warnings == ()
