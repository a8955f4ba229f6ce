"""What a stream did between two pulses."""

from dataclasses import replace

from pipeline.types import FrameResult, MaskState, Verdict
from pipeline.worker.activity import NOTHING_YET, Activity
from tests.results import flat_frame, track, with_utc

MASKED = Verdict(MaskState.MASKED, 0.9, 3)


def test_a_pulse_counts_frames_and_faces_and_knows_the_newest() -> None:
    activity = Activity(now_s=lambda: 10.5)
    frame = with_utc(replace(flat_frame(0), captured_monotonic_s=10.0))
    activity.write(FrameResult(frame, (track(1),), {1: MASKED}))
    activity.write(FrameResult(frame, (track(1), track(2)), {1: MASKED}))
    pulse = activity.take()
    assert (pulse.frames, pulse.faces, dict(pulse.persons)) == (2, 3, {"masked": 1, "unknown": 1})
    assert (pulse.width, pulse.height, pulse.age_s, pulse.captured_utc) == (64, 48, 0.5, frame.captured_utc)


def test_what_was_taken_is_not_counted_again() -> None:
    activity = Activity()
    activity.write(FrameResult(flat_frame(0), (), {}))
    activity.take()
    assert activity.take() == NOTHING_YET
