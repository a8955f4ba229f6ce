"""A lane keeps order, drains at the end of its input, and ends clean when a part of it fails."""

import threading
from collections.abc import Sequence

import pytest

from pipeline.errors import ModelError, SinkError, SourceError
from pipeline.ports import Sink
from pipeline.runtime.batcher import MicroBatcher
from pipeline.stages.lane import Lane
from pipeline.types import FrameResult, Scores, UInt8Array
from tests.lanes import Delays, ScriptedSource, SlowSink, run_lanes, scripted_batcher, scripted_lane
from tests.reported import Reported

NO_DELAY = Delays(None)


class FullDisk(SlowSink):
    """Takes some frames, then has no room left."""

    def write(self, result: FrameResult) -> None:
        super().write(result)
        if len(self.indices) == 5:
            raise SinkError("the disk is full; make room")


def run_one(source: ScriptedSource, sinks: Sequence[Sink]) -> Lane:
    batcher = scripted_batcher(NO_DELAY)
    lane = scripted_lane(source, sinks, batcher, NO_DELAY)
    run_lanes([lane], batcher)
    return lane


def test_every_frame_reaches_every_sink_in_order() -> None:
    sinks = [SlowSink(Delays(1)), SlowSink(NO_DELAY)]
    lane = run_one(ScriptedSource("front", 60, Delays(2)), sinks)
    assert lane.error is None
    assert [sink.indices for sink in sinks] == [list(range(60))] * 2
    assert all(sink.is_closed for sink in sinks)
    assert lane.frames_published == 60


def test_what_was_read_before_a_source_failed_is_published() -> None:
    sink = SlowSink(NO_DELAY)
    lane = run_one(ScriptedSource("front", 60, NO_DELAY, fail_after=23), [sink])
    assert isinstance(lane.error, SourceError)
    assert sink.indices == list(range(23))
    assert sink.is_closed


def test_a_full_disk_ends_the_lane_and_closes_every_sink() -> None:
    sinks = [SlowSink(NO_DELAY), FullDisk(NO_DELAY)]
    lane = run_one(ScriptedSource("front", 500, NO_DELAY), sinks)
    assert isinstance(lane.error, SinkError)
    assert len(sinks[0].indices) == 5
    assert all(sink.is_closed for sink in sinks)


def test_a_failing_lane_leaves_the_others_alone() -> None:
    batcher = scripted_batcher(NO_DELAY)
    sound = SlowSink(NO_DELAY)
    lanes = [
        scripted_lane(ScriptedSource("front", 100, NO_DELAY), [FullDisk(NO_DELAY)], batcher, NO_DELAY),
        scripted_lane(ScriptedSource("rear", 100, NO_DELAY), [sound], batcher, NO_DELAY),
    ]
    run_lanes(lanes, batcher)
    assert isinstance(lanes[0].error, SinkError)
    assert lanes[1].error is None
    assert sound.indices == list(range(100))


def test_a_failing_classifier_ends_the_lane_with_its_error() -> None:
    def fail(crops: Sequence[UInt8Array]) -> list[Scores]:
        raise ModelError(f"the model cannot run on {len(crops)} crops")

    batcher: MicroBatcher[UInt8Array, Scores] = MicroBatcher(fail)
    sink = SlowSink(NO_DELAY)
    lane = scripted_lane(ScriptedSource("front", 50, NO_DELAY), [sink], batcher, NO_DELAY)
    run_lanes([lane], batcher)
    assert isinstance(lane.error, ModelError)
    assert sink.is_closed


class Stopper(SlowSink):
    """Stops its lane at the third frame."""

    def __init__(self) -> None:
        super().__init__(NO_DELAY)
        self.lane: Lane | None = None

    def write(self, result: FrameResult) -> None:
        super().write(result)
        if self.lane is not None and len(self.indices) == 3:
            self.lane.stop()


def test_stop_lets_what_was_read_run_down_the_lane() -> None:
    stopper = Stopper()
    batcher = scripted_batcher(NO_DELAY)
    lane = scripted_lane(ScriptedSource("front", 100_000, NO_DELAY), [stopper], batcher, NO_DELAY)
    stopper.lane = lane
    run_lanes([lane], batcher)
    assert lane.error is None
    assert 3 <= len(stopper.indices) < 100_000
    assert stopper.indices == list(range(len(stopper.indices)))


def test_abort_discards_what_waits_and_ends_every_thread() -> None:
    batcher = scripted_batcher(NO_DELAY)
    lane = scripted_lane(ScriptedSource("front", 100_000, NO_DELAY), [SlowSink(Delays(3))], batcher, NO_DELAY)
    batcher.start()
    ended = threading.Event()
    lane.start(ended.set)
    lane.abort()
    assert ended.wait(timeout=60)
    lane.join()
    batcher.abort()
    assert lane.error is None
    assert lane.frames_published < 100_000


@pytest.mark.parametrize("thread", ["read:front", "faces:front", "publish:front"])
def test_the_threads_of_a_lane_are_named(thread: str) -> None:
    names: set[str] = set()

    class Names(SlowSink):
        def write(self, result: FrameResult) -> None:
            super().write(result)
            names.update(other.name for other in threading.enumerate())

    run_one(ScriptedSource("front", 100, NO_DELAY), [Names(NO_DELAY)])
    assert thread in names


def test_the_queues_of_a_lane_are_watched_while_it_runs() -> None:
    reported = Reported()
    batcher = scripted_batcher(NO_DELAY)
    lane = scripted_lane(ScriptedSource("front", 20, NO_DELAY), [SlowSink(NO_DELAY)], batcher, NO_DELAY, reported)
    run_lanes([lane], batcher)
    assert sorted(reported.unwatched) == ["frames", "results"]
    assert [depth() for depth in reported.queues.values()] == [0, 0]
    assert len(reported.ages_s) == 20
    assert reported.present[-1] == {}
