"""Whether a service that runs for months keeps what it holds: streams come and go, cameras hang up again and again."""

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path

from benchmarks.churn_cameras import HANG_UP, cameras
from benchmarks.churn_figures import HEAD, Figure, Sample, figures
from benchmarks.churn_visits import visit
from benchmarks.environment import Environment, environment
from benchmarks.live_cameras import Cameras
from benchmarks.live_service import Service, wait_for
from pipeline.sources.reconnecting import STEADY_AFTER_S

STEADY = tuple(f"steady-{number}" for number in range(1, 9))

VISITORS = 4
"""Streams that come and go at the same time."""

HANG_UPS = 4
"""In a row. Each wait is longer than the one before it, and short again after the stream was steady."""

ROWS = 2
"""Of hang-ups, in a round."""

VISITS = len(STEADY) * HANG_UPS * ROWS
"""In a round: as many as reconnects."""

WARM_UP_SHARE = 0.1
"""Of the rounds."""

REST_S = 12.0
"""The pool of threads that answers HTTP lets go of those that were idle for 10 s."""

COMPLIANCE_WINDOW_S = 60.0
"""Every person who left within it is remembered: the usual 15 minutes would fill it for as long."""


@dataclass(slots=True)
class Churn:
    """Rounds of visits and hang-ups, with a rest and a sample after each."""

    service: Service
    cameras: Cameras
    started_s: float
    cycles: int = 0
    reconnects: int = 0

    def round(self, *, visits: int, rows: int) -> Sample:
        """Let so many streams come and go, and the steady cameras hang up so many times in a row meanwhile."""
        with ThreadPoolExecutor(VISITORS, "visitor") as visitors:
            numbers = range(self.cycles, self.cycles + visits)
            under_way = [visitors.submit(visit, self.service, self.cameras.urls, number) for number in numbers]
            for _ in range(rows):
                self._row_of_hang_ups()
            for ending in under_way:
                ending.result()
        self.cycles += visits
        time.sleep(REST_S)
        self.service.wait_until_live(STEADY, STEADY_AFTER_S)
        elapsed_s = time.monotonic() - self.started_s
        return Sample(elapsed_s, self.cycles, self.reconnects, self.service.series(), self.service.usages())

    def _row_of_hang_ups(self) -> None:
        """Hang up once every steady stream is live again, several times; return when they are steady."""
        for _ in range(HANG_UPS):
            before = self.service.reconnects()
            self.cameras.tell(HANG_UP)
            self._wait_for_reconnects(before)
            self.reconnects += len(STEADY)
        self.service.wait_until_live(STEADY, STEADY_AFTER_S)

    def _wait_for_reconnects(self, before: Mapping[str, int]) -> None:
        def came_back() -> bool:
            now = self.service.reconnects()
            return all(now.get(stream, 0) > before.get(stream, 0) for stream in STEADY)

        wait_for(came_back, "the steady streams to come back")


@dataclass(frozen=True, slots=True)
class Result:
    """The samples of a run, in order."""

    environment: Environment
    samples: tuple[Sample, ...]

    @property
    def figures(self) -> list[Figure]:
        """What was held after the warm-up."""
        return figures(self.samples[int(len(self.samples) * WARM_UP_SHARE) :])


def run(cycles: int, reconnects: int) -> Result:
    """Add and remove at least so many streams while steady cameras come back at least so often, in all."""
    with (
        tempfile.TemporaryDirectory(prefix="churn-") as folder,
        cameras(len(STEADY)) as watched,
        Service(Path(folder), configuration(watched.urls)) as service,
    ):
        service.wait_until_live(STEADY, STEADY_AFTER_S)
        samples = tuple(_samples(Churn(service, watched, time.monotonic()), cycles, reconnects))
    return Result(environment(), samples)


def _samples(churn: Churn, cycles: int, reconnects: int) -> Iterator[Sample]:
    for number in count(1):
        visits = VISITS if churn.cycles < cycles else 0
        rows = ROWS if churn.reconnects < reconnects else 0
        if not visits and not rows:
            return
        sample = churn.round(visits=visits, rows=rows)
        print(f"round {number}: {sample}", file=sys.stderr, flush=True)
        yield sample


def configuration(urls: Mapping[str, str]) -> dict[str, object]:
    """Return what the service runs: the steady cameras, one of them recorded, and an alert for each that is down."""
    streams = [{"id": stream, "url": urls[stream]} for stream in STEADY]
    return {
        "streams": [{**streams[0], "recording": {"enabled": True, "segment_length_s": 5}}, *streams[1:]],
        "alerts": alerts(urls["webhook"]),
        "compliance_window_s": COMPLIANCE_WINDOW_S,
    }


def alerts(webhook: str) -> dict[str, object]:
    """Return the configuration of an alert for each camera that is down for a second."""
    return {
        "rules": [{"name": "camera-down", "when": "camera_down", "for_s": 1, "clear_s": 0}],
        "channels": [{"name": "operations", "kind": "webhook", "url": webhook}],
    }


def table(result: Result) -> str:
    """Return the figures as Markdown, each with whether it is within its bar."""
    rows = [figure.row for figure in result.figures]
    last = result.samples[-1]
    summary = f"{last.cycles} cycles, {last.reconnects} reconnects in {last.elapsed_s / 60:.0f} minutes."
    return "\n".join([*HEAD, *rows, "", f"{summary} {result.environment}."])


def as_json(result: Result) -> str:
    shown = [figure.as_json() for figure in result.figures]
    return json.dumps({"figures": shown, **asdict(result)}, indent=2)
