"""Many live cameras at once: how many frames a second come through, how old, and what it costs."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.environment import environment
from benchmarks.live_cameras import FAULTY, HEAL, Cameras
from benchmarks.live_figures import DROPS, STAGES, Interval, StageFigures, StreamFigures, samples_of
from benchmarks.live_service import STREAMS, Service, wait_for
from benchmarks.process_usage import cpu_s

FAULTS_S = {
    "kill": 3.0,
    "freeze": 8.0,
    "mute": 8.0,
    "resolution": 3.0,
    "hevc": 12.0,
    "burst": 4.0,
    "jump": 3.0,
    "slow": 5.0,
    "corrupt": 4.0,
    "unauthorized": 4.0,
}
"""How long each fault lasts: frozen, mute or of another codec, a stream is lost after 5 s.

One that was refused waits longest, so that comes last.
"""

STEADY_S = 6.0
"""Before anything is measured, each stream has been live for so long; a shorter time looks like flapping to it."""


@dataclass(frozen=True, slots=True)
class FaultFigures:
    """How long after its end a fault was over: the stream live, with a frame taken since."""

    fault: str
    lasted_s: float
    back_after_s: float


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """The streams over `duration_s`; `cores` is CPU time per second by process."""

    duration_s: float
    streams: list[StreamFigures]
    stages: list[StageFigures]
    cores: Mapping[str, float]
    worker_ms_per_frame: float
    faults: list[FaultFigures]


def run(cameras: int, seconds: float, *, with_faults: bool) -> LiveFigures:
    """Watch so many cameras for at least `seconds`; `with_faults` adds one that goes through every fault meanwhile."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="maskstream-live-")))
        farm = stack.enter_context(Cameras(cameras))
        names = [name for name in farm.urls if with_faults or name != FAULTY]
        service = stack.enter_context(Service(folder, _config({name: farm.urls[name] for name in names})))
        service.wait_until_live(names, STEADY_S)
        return _measured(service, farm, names, seconds)


def _config(urls: Mapping[str, str]) -> dict[str, Any]:
    return {"streams": [{"id": name, "url": url} for name, url in urls.items()], "state_file": None}


def _measured(service: Service, farm: Cameras, names: Sequence[str], seconds: float) -> LiveFigures:
    pids = {**dict(zip(_process_names(), service.pids, strict=False)), "cameras": farm.pid}
    before, used_s, started_s = samples_of(service.families()), _used_s(pids), time.monotonic()
    faults = list(_go_wrong(service, farm)) if FAULTY in names else []
    time.sleep(max(0.0, started_s + seconds - time.monotonic()))
    duration_s = time.monotonic() - started_s
    interval = Interval(before, samples_of(service.families()), duration_s)
    cores = {name: (now_s - used_s[name]) / duration_s for name, now_s in _used_s(pids).items()}
    streams = [interval.stream(name) for name in names]
    worker_s = sum(share * duration_s for name, share in cores.items() if name.startswith("worker"))
    frames = interval.grown("frames_total", outcome="processed")
    stages = [interval.stage(name) for name in STAGES]
    return LiveFigures(duration_s, streams, stages, cores, 1000 * worker_s / frames, faults)


def _process_names() -> Iterator[str]:
    yield "parent"
    for number in range(1, 1000):
        yield f"worker {number}"


def _used_s(pids: Mapping[str, int]) -> dict[str, float]:
    return {name: cpu_s(pid) for name, pid in pids.items()}


def _go_wrong(service: Service, farm: Cameras) -> Iterator[FaultFigures]:
    """Let the faulty camera go through every fault, one after the other."""
    for fault, lasts_s in FAULTS_S.items():
        farm.tell(fault)
        time.sleep(lasts_s)
        farm.tell(HEAL)
        ended_utc = datetime.now(UTC)

        def is_back(since: datetime = ended_utc) -> bool:
            stream = service.ask(f"{STREAMS}/{FAULTY}")
            newest = stream["last_frame_utc"]
            return stream["state"] == "live" and newest is not None and datetime.fromisoformat(newest) > since

        wait_for(is_back, f"the camera to be back after {fault}")
        yield FaultFigures(fault, lasts_s, (datetime.now(UTC) - ended_utc).total_seconds())
        service.wait_until_live([FAULTY], STEADY_S)


def as_json(figures: LiveFigures) -> str:
    return json.dumps(asdict(figures), indent=2)


def table(figures: LiveFigures) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| stream | published a second | p95 age s | dropped: overflow | dropped: backlog | reconnects |",
        "| --- | --- | --- | --- | --- | --- |",
        *(_stream_row(stream) for stream in figures.streams),
        "",
        f"Over {figures.duration_s:.0f} s. Cores: {_listed(figures.cores)}. "
        f"CPU of the workers: {figures.worker_ms_per_frame:.2f} ms a frame.",
        "Stages: "
        + ", ".join(f"{each.stage} {each.runs_per_s:.1f} a second of {each.mean_ms:.1f} ms" for each in figures.stages),
    ]
    if figures.faults:
        lines += ["", "| fault | lasted s | back after s |", "| --- | --- | --- |"]
        lines += [f"| {each.fault} | {each.lasted_s:.0f} | {each.back_after_s:.1f} |" for each in figures.faults]
    return "\n".join([*lines, "", str(environment())])


def _stream_row(stream: StreamFigures) -> str:
    drops = " | ".join(str(stream.drops[cause]) for cause in DROPS)
    return (
        f"| {stream.stream} | {stream.published_per_s:.1f} | {stream.p95_age_s:.2f} | {drops} | {stream.reconnects} |"
    )


def _listed(cores: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {share:.2f}" for name, share in cores.items())
