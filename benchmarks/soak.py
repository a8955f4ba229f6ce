"""What a service holds while one of eight cameras fails at random, and streams come and go all the time."""

import json
import random
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Lock

from benchmarks.churn import COMPLIANCE_WINDOW_S, REST_S, VISITORS, alerts
from benchmarks.churn_cameras import cameras
from benchmarks.churn_figures import HEAD, Sample, figures
from benchmarks.churn_visits import visit
from benchmarks.environment import Environment, environment
from benchmarks.live import FAULTS_S
from benchmarks.live_cameras import HEAL, Cameras
from benchmarks.live_service import Service
from benchmarks.soak_plot import plot
from benchmarks.soak_slope import Slope, memory_slopes
from pipeline.sources.reconnecting import STEADY_AFTER_S

SOUND = 7
FAULT_LASTS_S = (2.0, 15.0)
WATCHED_EVERY_S = 5.0

WARM_UP_S = 180.0
"""By then heaps have had what the worst moment asks of them; of a short run it is the first third."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What happened to the faulty camera, in seconds since the beginning."""

    name: str
    begun_s: float
    ended_s: float


@dataclass(slots=True)
class Soak:
    """Rounds of a fault each, during which streams come and go, with a rest after each; `watch` runs beside them.

    Who is `asking` during a rest would cost the service a thread.
    """

    service: Service
    cameras: Cameras
    visited: Mapping[str, str]
    random: random.Random
    started_s: float = field(default_factory=time.monotonic)
    faults: list[Fault] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    asking: Lock = field(default_factory=Lock)
    cycles: int = 0

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.started_s

    def round(self) -> Sample:
        """Return what the service holds once all is well again, and no visitor there."""
        over = Event()
        with ThreadPoolExecutor(VISITORS, "visitor") as visitors:
            under_way = [visitors.submit(self._visits, over) for _ in range(VISITORS)]
            try:
                self.faults.append(self._fault())
            finally:
                over.set()
            self.cycles += sum(ending.result() for ending in under_way)
        with self.asking:
            time.sleep(REST_S)
            self.service.wait_until_live(tuple(self.cameras.urls), STEADY_AFTER_S)
            return self._sample()

    def watch(self, over: Event) -> list[Sample]:
        """Return what the service held every few seconds until it was `over`."""
        samples = []
        while not over.wait(WATCHED_EVERY_S):
            with self.asking:
                samples.append(self._sample())
        return samples

    def _sample(self) -> Sample:
        reconnects = sum(self.service.reconnects().values())
        return Sample(self.elapsed_s, self.cycles, reconnects, self.service.series(), self.service.usages())

    def _visits(self, over: Event) -> int:
        """Let streams come and go, one after the other; return how many."""
        done = 0
        while not over.is_set():
            visit(self.service, self.visited, next(self.numbers))
            done += 1
        return done

    def _fault(self) -> Fault:
        name, lasts_s = self.random.choice(tuple(FAULTS_S)), self.random.uniform(*FAULT_LASTS_S)
        begun_s = self.elapsed_s
        self.cameras.tell(name)
        time.sleep(lasts_s)
        self.cameras.tell(HEAL)
        return Fault(name, begun_s, self.elapsed_s)


@dataclass(frozen=True, slots=True)
class Result:
    """`samples` were taken at rests, those of `watched` at any time."""

    environment: Environment
    seed: int
    samples: tuple[Sample, ...]
    watched: tuple[Sample, ...]
    faults: tuple[Fault, ...]

    @property
    def settled(self) -> tuple[Sample, ...]:
        """The samples after the warm-up."""
        warm_s = min(WARM_UP_S, self.samples[-1].elapsed_s / 3)
        return tuple(sample for sample in self.samples if sample.elapsed_s >= warm_s)

    @property
    def slopes(self) -> list[Slope]:
        return memory_slopes(self.settled)


def run(minutes: float, seed: int) -> Result:
    """Run rounds for so many minutes, and the one that is under way then to its end."""
    with _begun(seed) as soak, ThreadPoolExecutor(1, "watch") as watching:
        over = Event()
        watched = watching.submit(soak.watch, over)
        try:
            samples = tuple(_samples(soak, 60 * minutes))
        finally:
            over.set()
        return Result(environment(), seed, samples, tuple(watched.result()), tuple(soak.faults))


@contextmanager
def _begun(seed: int) -> Iterator[Soak]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="soak-")))
        watched = stack.enter_context(Cameras(SOUND))
        visited = stack.enter_context(cameras(0)).urls
        streams = [{"id": name, "url": url} for name, url in watched.urls.items()]
        config = {
            "streams": streams,
            "alerts": alerts(visited["webhook"]),
            "compliance_window_s": COMPLIANCE_WINDOW_S,
        }
        service = stack.enter_context(Service(folder, config))
        service.wait_until_live(tuple(watched.urls), STEADY_AFTER_S)
        yield Soak(service, watched, visited, random.Random(seed))


def _samples(soak: Soak, duration_s: float) -> Iterator[Sample]:
    while soak.elapsed_s < duration_s:
        sample = soak.round()
        print(f"{sample.elapsed_s:.0f} s, after {soak.faults[-1].name}: {sample}", file=sys.stderr, flush=True)
        yield sample


def write(result: Result, folder: Path) -> None:
    """Write `soak.json` and `soak.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "soak.json").write_text(as_json(result), encoding="utf-8")
    faults = [(fault.begun_s, fault.ended_s) for fault in result.faults]
    (folder / "soak.png").write_bytes(plot(result.watched, result.samples, faults))


def table(result: Result) -> str:
    """Return the figures as Markdown, each with whether it is within its bar, and the slopes of the memory."""
    last = result.samples[-1]
    summary = (
        f"{last.elapsed_s / 60:.0f} minutes, {len(result.faults)} faults, {last.cycles} streams added and removed, "
        f"{last.reconnects} reconnects, seed {result.seed}. {result.environment}."
    )
    rows = [figure.row for figure in figures(result.settled)]
    return "\n".join([*HEAD, *rows, "", *map(str, result.slopes), "", summary])


def as_json(result: Result) -> str:
    shown = {
        "figures": [figure.as_json() for figure in figures(result.settled)],
        "slopes": [asdict(slope) for slope in result.slopes],
    }
    return json.dumps({**shown, **asdict(result)}, indent=2)
