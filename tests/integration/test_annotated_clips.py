"""Recorded clips through source, annotator and video sink: what goes in comes out, frame for frame."""

from pathlib import Path

import av
import pytest

from pipeline.sinks.video import VideoSink
from pipeline.sources.opening import open_source
from pipeline.types import FrameResult
from pipeline.vision.annotate import Annotator

CLIPS = (
    pytest.param("corridor-masked-man-1080p.mp4", marks=pytest.mark.slow),
    "no-face.mp4",
    "single-face.mp4",
    "three-people-walking.mp4",
    "two-people-head-turns.mp4",
)


@pytest.mark.parametrize("clip", CLIPS)
def test_an_annotated_clip_has_the_frames_and_the_duration_of_its_source(
    shared_data: Path, tmp_path: Path, clip: str
) -> None:
    location, path = str(shared_data / "clips" / clip), tmp_path / "annotated.mp4"
    source = open_source(location, clip)
    sink = VideoSink(path, source.info, Annotator())
    starts_s = []
    for frame in source.frames():
        starts_s.append(frame.media_s)
        sink.write(FrameResult(frame, (), {}))
    sink.close()
    with av.open(location) as original, av.open(str(path)) as annotated:
        before, after = original.streams.video[0], annotated.streams.video[0]
        frame_s = 1 / float(before.average_rate or 1)
        assert duration_s(after) == pytest.approx(duration_s(before), abs=frame_s)
        times_s = [picture.time for picture in annotated.decode(after)]
        assert after.frames == len(times_s) == sum(1 for _ in original.decode(before))
    assert times_s == pytest.approx([start_s - starts_s[0] for start_s in starts_s], abs=1e-4)


def duration_s(stream: av.VideoStream) -> float:
    assert stream.duration is not None
    assert stream.time_base is not None
    return float(stream.duration * stream.time_base)
