"""A flood of uploads beside two live cameras: what the visitors get, what the cameras lose, and what memory is left."""

import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import cv2
import numpy as np

from benchmarks.environment import Environment, environment
from benchmarks.live import STEADY_S
from benchmarks.live_cameras import FAULTY, Cameras
from benchmarks.live_figures import Interval, samples_of
from benchmarks.live_scene import passers_by
from benchmarks.live_service import PATIENCE_S, TOKEN, Service, wait_for
from benchmarks.process_usage import usage_of
from pipeline.types import UInt8Array

CAMERAS = 2
IDLE_S = 5.0
"""After so long without an upload the process that reads them ends, sooner than usual."""

QUIET_S = 15.0
PREDICT = "/api/v1/predict"
SCENE_PX = 1280, 720
WIDTHS_PX = (640, 1280, 3840)
"""Of the pictures: a small one, one as large as the scene is drawn, and one of 8 million pixels, as of a telephone."""


@dataclass(frozen=True, slots=True)
class Flood:
    """One flood: answers by status, how long each took, and the cameras' frames a second before and meanwhile."""

    statuses: Mapping[int, int]
    lasted_s: float
    median_s: float
    p95_s: float
    quiet_frames_per_s: float
    frames_per_s: float

    @property
    def kept(self) -> float:
        """The share of the cameras' frames that were processed all the same."""
        return self.frames_per_s / self.quiet_frames_per_s


@dataclass(frozen=True, slots=True)
class Result:
    """Memory in 1,000,000 bytes: of parent and workers before any upload, and after the last one, once all is quiet."""

    environment: Environment
    floods: tuple[Flood, ...]
    before_mb: tuple[float, ...]
    meanwhile_mb: tuple[float, ...]
    after_mb: tuple[float, ...]


def run(count: int, at_once: int, rounds: int) -> Result:
    """Send `count` pictures, `at_once` at a time, in each round, while two cameras are watched."""
    pictures = _pictures()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="maskstream-uploads-")))
        cameras = stack.enter_context(Cameras(CAMERAS))
        names = [name for name in cameras.urls if name != FAULTY]
        service = stack.enter_context(Service(folder, _config({name: cameras.urls[name] for name in names})))
        service.wait_until_live(names, STEADY_S)
        own = service.pids
        before_mb = _memory_mb(own)
        floods = tuple(_flood(service, pictures, count, at_once) for _ in range(rounds))
        meanwhile_mb = _memory_mb(service.pids)
        wait_for(lambda: service.pids == own, "the process that reads uploads to end")
        return Result(environment(), floods, before_mb, meanwhile_mb, _memory_mb(own))


def _config(urls: Mapping[str, str]) -> dict[str, object]:
    streams = [{"id": name, "url": url} for name, url in urls.items()]
    # All visitors have one address here, and one address may not flood a service.
    http = {"port": 0, "token": TOKEN, "max_requests_per_minute": 100_000, "max_uploads_per_minute": 100_000}
    return {"streams": streams, "state_file": None, "uploads": {"idle_s": IDLE_S}, "http": http}


def _pictures() -> list[bytes]:
    """Return JPEGs of the scene at different times, each of another width."""
    return [_jpeg(passers_by(50 * index + 100, *SCENE_PX), width) for index, width in enumerate(WIDTHS_PX)]


def _jpeg(rgb: UInt8Array, width: int) -> bytes:
    size = width, width * 9 // 16
    bgr = cv2.cvtColor(cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC), cv2.COLOR_RGB2BGR)
    return np.asarray(cv2.imencode(".jpg", bgr)[1], np.uint8).tobytes()


def _flood(service: Service, pictures: Sequence[bytes], count: int, at_once: int) -> Flood:
    with Watch(service) as quiet:
        time.sleep(QUIET_S)
    with Watch(service) as flooded, ThreadPoolExecutor(at_once, "visitor") as visitors:
        answers = list(visitors.map(lambda index: _sent(service, pictures[index % len(pictures)]), range(count)))
    took_s = [took for _, took in answers]
    return Flood(
        statuses=Counter(status for status, _ in answers),
        lasted_s=flooded.duration_s,
        median_s=float(np.median(took_s)),
        p95_s=float(np.quantile(took_s, 0.95)),
        quiet_frames_per_s=quiet.frames_per_s,
        frames_per_s=flooded.frames_per_s,
    )


class Watch:
    """A context that tells afterwards how long it lasted, and the frames a second that all cameras had meanwhile."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.duration_s = 0.0
        self.frames_per_s = 0.0

    def __enter__(self) -> Self:
        self._before, self._started_s = samples_of(self._service.families()), time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        after = samples_of(self._service.families())
        self.duration_s = time.monotonic() - self._started_s
        interval = Interval(self._before, after, self.duration_s)
        self.frames_per_s = interval.grown("frames_total", outcome="processed") / self.duration_s


def _sent(service: Service, picture: bytes) -> tuple[int, float]:
    """Send a picture; return the status of the answer, and how long it took in seconds."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "image/jpeg"}
    request = urllib.request.Request(f"{service.url}{PREDICT}?name=flood.jpg", picture, headers, method="POST")
    started_s = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            status = int(answer.status)
            answer.read()
    except urllib.error.HTTPError as error:
        with error:
            status = error.code
    return status, time.monotonic() - started_s


def _memory_mb(pids: Sequence[int]) -> tuple[float, ...]:
    return tuple(usage_of(pid).memory_mb for pid in pids)


def as_json(result: Result) -> str:
    return json.dumps(asdict(result), indent=2)


def table(result: Result) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| answers | took | median s | p95 s | frames a second, quiet | flooded | kept |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *(_row(flood) for flood in result.floods),
        "",
        f"Memory of parent, worker (MB): before {_listed(result.before_mb)}; at the end of the last flood, with the "
        f"process that reads uploads, {_listed(result.meanwhile_mb)}; after it {_listed(result.after_mb)}.",
        "",
        str(result.environment),
    ]
    return "\n".join(lines)


def _row(flood: Flood) -> str:
    answers = ", ".join(f"{count} x {status}" for status, count in sorted(flood.statuses.items()))
    rates = f"{flood.quiet_frames_per_s:.1f} | {flood.frames_per_s:.1f} | {flood.kept:.0%}"
    return f"| {answers} | {flood.lasted_s:.1f} s | {flood.median_s:.2f} | {flood.p95_s:.2f} | {rates} |"


def _listed(memory_mb: Sequence[float]) -> str:
    return ", ".join(f"{each:.0f}" for each in memory_mb)
