"""Live streams with more faces than the classifier can answer for: what is left out, and what is not."""

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.crowd import Crowd
from benchmarks.crowd_clip import FRAMES_PER_S, Shelf
from benchmarks.report_part import Goal, Part, Table
from benchmarks.rounds import Spread
from pipeline.app import DetectionOptions, Engine
from pipeline.inference.onnx_classifier import open_classifier
from pipeline.model_card import ModelCard
from pipeline.sinks.prometheus import NoTelemetry
from pipeline.sources.looped import SCHEME
from pipeline.sources.reconnecting import Reconnecting
from pipeline.stages.classify import CardedClassifier
from pipeline.types import Float32Array, MaskState, UInt8Array
from pipeline.vision.pick import PickReason

STREAMS, FACES = 4, 8
WARM_UP_S = 5.0
LEAST_PUBLISHED = 0.95
REASONS = tuple(reason.name.lower() for reason in PickReason)

METHOD = f"""{STREAMS} looped clips of 640x360 at {FRAMES_PER_S} frames a second with {FACES} persons each, of whom \
each crosses the picture in 4 s, watched side by side in one process as `maskstream run` does. The classifier answers \
each batch so many times before it hands the answer out: a model, or a machine, that is so much slower. *published* is \
the share of the cameras' frames; *unknown* that of persons on published frames who have no verdict (yet). Measured \
for some seconds, after {WARM_UP_S:g} s of warm-up."""


class Slowed:
    """A classifier that answers each batch `times` times."""

    def __init__(self, inner: CardedClassifier, times: int) -> None:
        self._inner = inner
        self._times = times

    @property
    def card(self) -> ModelCard:
        return self._inner.card

    @property
    def sha256(self) -> str:
        return self._inner.sha256

    @property
    def provider(self) -> str:
        return self._inner.provider

    @property
    def input_size_px(self) -> int:
        return self._inner.input_size_px

    def warm_up(self) -> None:
        self._inner.warm_up()

    def classify(self, crops: UInt8Array) -> Float32Array:
        for _ in range(self._times - 1):
            self._inner.classify(crops)
        return self._inner.classify(crops)

    def close(self) -> None:
        self._inner.close()


class Counts(NoTelemetry):
    """Counts frames, crops and persons on frames, of all streams together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, ...]] = Counter()

    def frame_done(self, stream: str, outcome: str) -> None:  # noqa: ARG002  # the port's
        self._add(("frame", outcome))

    def crop_done(self, outcome: str, reason: str) -> None:
        self._add(("crop", outcome, reason))

    def persons_present(self, stream: str, counts: Mapping[str, int]) -> None:  # noqa: ARG002  # the port's
        for state, count in counts.items():
            self._add(("person", state), count)

    def so_far(self) -> Counter[tuple[str, ...]]:
        with self._lock:
            return Counter(self._counts)

    def _add(self, key: tuple[str, ...], count: int = 1) -> None:
        with self._lock:
            self._counts[key] += count


@dataclass(frozen=True, slots=True)
class Level:
    """What happened in `seconds` with a classifier `times` as slow; crops by reason."""

    times: int
    seconds: float
    published: int
    scored: dict[str, int]
    skipped: dict[str, int]
    unknown_share: float

    @property
    def published_share(self) -> float:
        return self.published / (STREAMS * FRAMES_PER_S * self.seconds)


def run(times: Sequence[int], seconds: float) -> Part:
    """Measure each slowness for so many seconds; raises SourceError where no clip can be drawn."""
    with TemporaryDirectory(prefix="maskstream-overload-") as folder:
        (clip,) = Shelf(Path(folder)).clips([Crowd(640, 360, FACES)], crossings=5)
        return part([_level(clip, each, seconds) for each in times])


def _level(clip: Path, times: int, seconds: float) -> Level:
    counts = Counts()
    with Engine(Slowed(open_classifier(device="cpu"), times), counts) as engine:
        lanes = [engine.lane(_source(clip, number), [], DetectionOptions()) for number in range(STREAMS)]
        for lane in lanes:
            lane.start(lambda: None)
        time.sleep(WARM_UP_S)
        before, began_s = counts.so_far(), time.monotonic()
        time.sleep(seconds)
        counted, took_s = counts.so_far() - before, time.monotonic() - began_s
        for lane in lanes:
            lane.stop()
        for lane in lanes:
            lane.join()
    return _level_of(times, took_s, counted)


def _source(clip: Path, number: int) -> Reconnecting:
    return Reconnecting(f"{SCHEME}{clip}", f"camera-{number}", lambda _: None)


def _level_of(times: int, seconds: float, counted: Counter[tuple[str, ...]]) -> Level:
    by_outcome = {
        outcome: {name: counted["crop", outcome, name] for name in REASONS} for outcome in ("scored", "skipped")
    }
    persons = sum(counted["person", state.value] for state in MaskState)
    unknown = counted["person", MaskState.UNKNOWN.value] / max(1, persons)
    return Level(times, seconds, counted["frame", "processed"], unknown_share=unknown, **by_outcome)


def part(levels: Sequence[Level]) -> Part:
    """Return what was measured as a part of a report."""
    head = ("classifier", "published", "unknown", "scored a second", *(f"skipped: {name}" for name in REASONS))
    table = Table("The slower the classifier", head, tuple(map(_row, levels)))
    slowest = levels[-1]
    goal = Goal(
        f"share of frames published with a classifier {slowest.times} times as slow",
        LEAST_PUBLISHED,
        Spread.of([slowest.published_share]),
    )
    return Part("overload", METHOD, (table,), (goal,), data=[asdict(level) for level in levels])


def _row(level: Level) -> tuple[str, ...]:
    return (
        f"{level.times} x",
        f"{100 * level.published_share:.1f} %",
        f"{100 * level.unknown_share:.1f} %",
        f"{sum(level.scored.values()) / level.seconds:.1f}",
        *(_share(level, name) for name in REASONS),
    )


def _share(level: Level, reason: str) -> str:
    asked = level.scored[reason] + level.skipped[reason]
    return f"{level.skipped[reason]} of {asked}"
