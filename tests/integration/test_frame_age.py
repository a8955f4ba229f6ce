"""The age that the metrics report is that of the clock which the camera draws into its pictures."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.rtsp.camera import HANDSHAKE_TIMEOUT_S, Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.drawn_clock import read_number
from benchmarks.rtsp.server import RtspServer
from pipeline.app import DetectionOptions, Engine
from pipeline.ports import Sink
from pipeline.sinks.prometheus import PrometheusTelemetry
from pipeline.sources.connection import ConnectionSettings
from pipeline.sources.reconnecting import LiveSettings, Reconnecting
from pipeline.types import FrameResult

CLIP = ClipFormat(frame_count=1000)
SETTLING_PICTURES = 25
"""The first pictures wait while the connection is made, which the capture clock learns from those after them."""

DELAYED_PICTURES = 15
PATIENT = LiveSettings(ConnectionSettings(open_timeout_s=20, stalled_after_s=10, lost_after_s=20))


class NewestNumber:
    """A sink that reads the number drawn into the newest picture."""

    def __init__(self) -> None:
        self.number = 0

    def write(self, result: FrameResult) -> None:
        self.number = read_number(result.frame.y)

    def close(self) -> None: ...


class ComparedAges(PrometheusTelemetry):
    """Counts the ages of published frames, and sets beside each what the camera says of that moment."""

    def __init__(self, camera: Camera, newest: NewestNumber) -> None:
        super().__init__()
        self._camera = camera
        self._newest = newest
        self._changed = threading.Condition()
        self.reported_s: list[float] = []
        self.drawn_s: list[float] = []

    def frame_published(self, stream: str, age_s: float) -> None:
        super().frame_published(stream, age_s)
        with self._changed:
            self.reported_s.append(age_s)
            self.drawn_s.append(self._camera.age_s(self._newest.number, time.monotonic()))
            self._changed.notify_all()

    def wait_for_frames(self, count: int) -> None:
        goal = len(self.drawn_s) + count
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.drawn_s) >= goal, HANDSHAKE_TIMEOUT_S)


@contextmanager
def running_lane(camera: Camera, telemetry: PrometheusTelemetry, sink: Sink) -> Iterator[None]:
    """Run a lane over `camera` while the context lasts."""
    ended = threading.Event()
    with RtspServer({"cam": camera}) as server, Engine.open(telemetry) as engine:
        source = Reconnecting(server.url("cam"), "cam", lambda _: None, PATIENT)
        lane = engine.lane(source, [sink], DetectionOptions())
        lane.start(ended.set)
        try:
            yield
        finally:
            lane.stop()
            assert ended.wait(HANDSHAKE_TIMEOUT_S)
            lane.join()
    assert lane.error is None


def test_the_reported_age_is_that_of_the_drawn_clock() -> None:
    camera, newest = Camera(CLIP), NewestNumber()
    ages = ComparedAges(camera, newest)
    with running_lane(camera, ages, newest):
        ages.wait_for_frames(SETTLING_PICTURES)
        camera.hold(DELAYED_PICTURES)
        ages.wait_for_frames(50)

    reported_s, drawn_s = ages.reported_s[SETTLING_PICTURES:], ages.drawn_s[SETTLING_PICTURES:]
    ways_s = sorted(drawn - reported for drawn, reported in zip(drawn_s, reported_s, strict=True))
    assert max(drawn_s) > 0.9 * DELAYED_PICTURES / CLIP.frames_per_s, "the delay shows"
    # What all pictures have in common, the way through the codecs, does not count as age. A busy machine may put some
    # time between the two readings of a clock.
    assert ways_s[len(ways_s) * 9 // 10] - ways_s[0] < 0.1
    told = {
        name: ages.registry.get_sample_value(f"maskstream_frame_age_seconds_{name}", {"stream": "cam"})
        for name in ("count", "sum")
    }
    assert told == {"count": len(ages.reported_s), "sum": pytest.approx(sum(ages.reported_s))}
