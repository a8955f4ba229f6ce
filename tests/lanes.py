"""Lanes with scripted neighbours: what goes in is known, and each part can be made slow at will."""

import random
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.errors import SourceError
from pipeline.ports import Sink, Telemetry
from pipeline.runtime.batcher import BatchSettings, MicroBatcher
from pipeline.sinks.prometheus import NoTelemetry
from pipeline.sinks.tables import EventLog, PeopleTable
from pipeline.stages.classify import score_crops
from pipeline.stages.faces import FacesStage, FaceTools
from pipeline.stages.lane import Lane, LaneSettings
from pipeline.stages.publish import PublishStage
from pipeline.stages.questions import Questions, QuestionSettings
from pipeline.types import Box, Face, Float32Array, Frame, FrameResult, Scores, SourceInfo, UInt8Array
from pipeline.vision.pick import Picker, PickSettings
from pipeline.vision.track import Tracker
from pipeline.vision.vote import Ballot

SIZE = (96, 128)
CROP_PX = 16
PICKS = PickSettings(min_votes=3, min_interval_s=0.1, recheck_s=1.0)
"""Many questions in a short clip."""
START = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


class Delays:
    """Pauses of random length; seed None never pauses."""

    def __init__(self, seed: int | None, longest_s: float = 0.004) -> None:
        self._random = None if seed is None else random.Random(seed)
        self._longest_s = longest_s
        self._lock = threading.Lock()

    def pause(self) -> None:
        if self._random is None:
            return
        with self._lock:
            pause_s = self._random.choice((0.0, 0.0, self._random.uniform(0, self._longest_s)))
        threading.Event().wait(pause_s)


class ScriptedSource:
    """Frames whose luma moves with the index; fails after `fail_after` frames where that is given."""

    def __init__(self, stream: str, frames: int, delays: Delays, fail_after: int | None = None) -> None:
        self._stream = stream
        self._frames = frames
        self._delays = delays
        self._fail_after = fail_after
        self._closed = threading.Event()

    @property
    def info(self) -> SourceInfo:
        return SourceInfo(self._stream, SIZE[1], SIZE[0], 25.0, self._frames / 25, self._frames)

    def frames(self) -> Iterator[Frame]:
        for index in range(self._frames):
            if self._closed.is_set():
                return
            if index == self._fail_after:
                raise SourceError(f"{self._stream} ends in the middle of a packet; copy it again")
            self._delays.pause()
            yield self._frame(index)

    def close(self) -> None:
        self._closed.set()

    def _frame(self, index: int) -> Frame:
        rng = np.random.default_rng((index, len(self._stream)))
        y = rng.integers(16, 235, SIZE, np.uint8)
        chroma = np.full((SIZE[0] // 2, SIZE[1] // 2), 128, np.uint8)
        for plane in (y, chroma):
            plane.flags.writeable = False
        moment = START + timedelta(seconds=index / 25)
        return Frame(
            self._stream,
            index,
            index / 25,
            y,
            chroma,
            chroma,
            captured_utc=moment,
            captured_monotonic_s=time.monotonic(),
        )


class ScriptedDetector:
    """Two faces that cross the frame, one of which hides for a while."""

    def __init__(self, delays: Delays) -> None:
        self._delays = delays
        self.is_closed = False

    def detect(self, frame: Frame) -> tuple[Face, ...]:
        self._delays.pause()
        step = frame.index
        first = Face(Box.around((20 + step % 80, 40), 30, 36), 0.9)
        second = Face(Box.around((100 - step % 80, 70), 24, 30), 0.8)
        return (first,) if step % 40 > 30 else (first, second)

    def follow(self, frame: Frame, known: Sequence[Face]) -> tuple[Face, ...]:
        return self.detect(frame) if known else ()

    def search(self, frame: Frame, known: Sequence[Face], around: Sequence[Box] = ()) -> tuple[Face, ...]:  # noqa: ARG002  # the port's
        return self.detect(frame)

    def close(self) -> None:
        self.is_closed = True


class ScriptedClassifier:
    """Scores that follow from the pixels of each crop alone, and are in doubt often."""

    input_size_px = CROP_PX

    def __init__(self, delays: Delays) -> None:
        self._delays = delays

    def warm_up(self) -> None: ...

    def classify(self, crops: UInt8Array) -> Float32Array:
        self._delays.pause()
        raw = crops.reshape(len(crops), -1).astype(np.int64).sum(axis=1)[:, None] * np.array([[7, 13, 29]])
        shares = (raw % 97 + 1).astype(np.float32) ** 3
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)

    def close(self) -> None: ...


class SlowSink:
    """Takes its time, and remembers the index of each frame it saw."""

    def __init__(self, delays: Delays) -> None:
        self._delays = delays
        self.indices: list[int] = []
        self.is_closed = False

    def write(self, result: FrameResult) -> None:
        self._delays.pause()
        self.indices.append(result.frame.index)

    def close(self) -> None:
        self.is_closed = True


def scripted_batcher(delays: Delays, settings: BatchSettings | None = None) -> MicroBatcher[UInt8Array, Scores]:
    classifier = ScriptedClassifier(delays)
    return MicroBatcher(lambda crops: score_crops(classifier, crops), settings)


def scripted_lane(
    source: ScriptedSource,
    sinks: Sequence[Sink],
    batcher: MicroBatcher[UInt8Array, Scores],
    delays: Delays,
    telemetry: Telemetry | None = None,
) -> Lane:
    telemetry = telemetry or NoTelemetry()
    questions = Questions(
        Picker(PICKS), Ballot, lambda crop, _urgency: batcher.submit(crop), QuestionSettings(CROP_PX), telemetry
    )
    faces = FacesStage(FaceTools(ScriptedDetector(delays), Tracker(), questions), telemetry)
    return Lane(source, faces, PublishStage(sinks, Ballot, telemetry), telemetry, LaneSettings())


def table_sinks(folder: Path) -> list[Sink]:
    folder.mkdir(parents=True, exist_ok=True)
    return [PeopleTable(folder / "people.csv"), EventLog(folder / "events.jsonl")]


def run_lanes(lanes: Sequence[Lane], batcher: MicroBatcher[UInt8Array, Scores]) -> None:
    """Run the lanes side by side to their end."""
    batcher.start()
    ended = [threading.Event() for _ in lanes]
    for lane, event in zip(lanes, ended, strict=True):
        lane.start(event.set)
    for lane, event in zip(lanes, ended, strict=True):
        assert event.wait(timeout=120)
        lane.join()
    batcher.close()
