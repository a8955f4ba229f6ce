"""`streams`: how many live cameras this machine watches before their frames grow old, are lost, or some starve."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.crowd_cameras import FACES, FRAMES_PER_S, cameras
from benchmarks.live_cameras import Cameras
from benchmarks.live_figures import Interval, StreamFigures, samples_of
from benchmarks.live_service import STREAMS, Service
from benchmarks.plots import Panel, panels
from benchmarks.process_usage import cpu_s
from benchmarks.report_part import Goal, Part, Table
from benchmarks.rounds import Spread

HIGHEST_P95_AGE_S = 0.5
HIGHEST_DROP_RATIO = 0.01
LOWEST_FAIRNESS = 0.9
MOST_MB_PER_STREAM = 40.0

METHOD = f"""`maskstream run` with its defaults watches RTSP cameras (720p, {FRAMES_PER_S} frames a second, {FACES} \
persons passing) that run on the same cores. Streams are doubled while the objective holds, and bisected then: of \
every stream the p95 age of published frames <= {HIGHEST_P95_AGE_S:g} s, of all frames <= {HIGHEST_DROP_RATIO:.0%} \
dropped, and the slowest stream publishes >= {LOWEST_FAIRNESS:g} x what the fastest does (*fairness*)."""


HEAD = (
    *("streams", "holds", "p95 age s", "dropped", "fairness", "published a second", "looked at a second"),
    *("cores", "cores of the cameras", "memory MB"),
)


@dataclass(frozen=True, slots=True)
class Level:
    """What so many streams came to; `p95_age_s` is the worst stream's, memory that of all processes (PSS)."""

    streams: int
    p95_age_s: float
    drop_ratio: float
    fairness: float
    published_per_s: float
    looks_per_s: float
    cores: float
    camera_cores: float
    memory_mb: float

    @property
    def holds(self) -> bool:
        """Whether the objective is met."""
        return (
            self.p95_age_s <= HIGHEST_P95_AGE_S
            and self.drop_ratio <= HIGHEST_DROP_RATIO
            and self.fairness >= LOWEST_FAIRNESS
        )


@dataclass(frozen=True, slots=True)
class Search:
    """`probes` bounds the levels tried; each stream has been live for `settle_s` before `watch_s` are measured."""

    most: int
    probes: int
    settle_s: float
    watch_s: float


QUICK, FULL = Search(16, 4, 2.0, 3.0), Search(64, 12, 6.0, 30.0)
FIRST = 2


def largest(holds: Callable[[int], bool], most: int, probes: int) -> int:
    """Return the largest count up to `most` found to hold within so many probes, 0 where not even one does."""
    good, bad, tried = 0, most + 1, 0
    while tried < probes and bad - good > 1:
        count = (good + bad) // 2 if bad <= most else min(most, max(FIRST, 2 * good))
        tried += 1
        if holds(count):
            good = count
        else:
            bad = count
    return good


@dataclass(slots=True)
class Watched:
    """A service whose streams are added and removed; `levels` are those tried so far. For one thread."""

    service: Service
    farm: Cameras
    search: Search
    levels: list[Level] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def holds(self, count: int) -> bool:
        """Watch so many streams and return whether the objective held."""
        self._change_to(count)
        self.service.wait_until_live(self.names, self.search.settle_s)
        self.levels.append(self._level())
        return self.levels[-1].holds

    def _change_to(self, count: int) -> None:
        wanted = list(self.farm.urls)[:count]
        for name in self.names[count:]:
            self.service.ask(f"{STREAMS}/{name}", "DELETE")
        for name in wanted[len(self.names) :]:
            self.service.ask(STREAMS, "POST", {"id": name, "url": self.farm.urls[name]})
        self.names = wanted

    def _level(self) -> Level:
        before, started_s = samples_of(self.service.families()), time.monotonic()
        used_s, camera_s = self._used_s(), cpu_s(self.farm.pid)
        time.sleep(self.search.watch_s)
        duration_s = time.monotonic() - started_s
        interval = Interval(before, samples_of(self.service.families()), duration_s)
        streams = [interval.stream(name) for name in self.names]
        published = [each.published_per_s for each in streams]
        return Level(
            len(streams),
            max(each.p95_age_s for each in streams),
            drop_ratio(streams, duration_s),
            min(published) / max(published) if max(published) else 0.0,
            sum(published),
            interval.stage("detect").runs_per_s,
            (self._used_s() - used_s) / duration_s,
            (cpu_s(self.farm.pid) - camera_s) / duration_s,
            sum(usage.memory_mb for usage in self.service.usages()),
        )

    def _used_s(self) -> float:
        return sum(cpu_s(pid) for pid in self.service.pids)


def drop_ratio(streams: Sequence[StreamFigures], duration_s: float) -> float:
    """Return the share of all frames that were dropped, 1 where there was none at all."""
    dropped = sum(sum(each.drops.values()) for each in streams)
    all_frames = dropped + sum(each.published_per_s for each in streams) * duration_s
    return dropped / all_frames if all_frames else 1.0


def run(folder: Path, search: Search) -> Part:
    """Find the largest number of streams."""
    with _watched(folder, search) as watched:
        largest(watched.holds, search.most, search.probes)
        return part(watched.levels)


@contextmanager
def _watched(folder: Path, search: Search) -> Iterator[Watched]:
    with cameras(search.most) as farm, Service(folder, {"streams": [], "state_file": None}) as service:
        yield Watched(service, farm, search)


def part(levels: Sequence[Level]) -> Part:
    """Return the levels that were tried as a part of the report."""
    ordered = sorted(levels, key=lambda level: level.streams)
    best = max((level.streams for level in ordered if level.holds), default=0)
    return Part(
        "streams",
        METHOD,
        (Table(f"Live streams: {best} hold the objective", HEAD, tuple(_row(level) for level in ordered)),),
        tuple(_memory_goal(levels)),
        plots={"streams.png": panels([_panels(ordered)])},
        data={"largest": best, "levels": [asdict(level) for level in ordered]},
    )


def _row(level: Level) -> tuple[str, ...]:
    shares = (f"{level.p95_age_s:.2f}", f"{level.drop_ratio:.3f}", f"{level.fairness:.2f}")
    costs = (f"{level.cores:.2f}", f"{level.camera_cores:.2f}", f"{level.memory_mb:.0f}")
    rates = (f"{level.published_per_s:.0f}", f"{level.looks_per_s:.0f}")
    return str(level.streams), "yes" if level.holds else "no", *shares, *rates, *costs


def _panels(levels: Sequence[Level]) -> list[Panel]:
    def panel(unit: str, value: Callable[[Level], float]) -> Panel:
        return Panel("streams", unit, {unit: [(level.streams, Spread.of([value(level)])) for level in levels]})

    return [
        panel("p95 age, s", lambda level: level.p95_age_s),
        panel("dropped, share", lambda level: level.drop_ratio),
        panel("fairness", lambda level: level.fairness),
        panel("cores", lambda level: level.cores),
    ]


def _memory_goal(levels: Sequence[Level]) -> Iterator[Goal]:
    """Yield the memory that each added stream took, between the first level and the largest one reached by adding."""
    grown = [
        level for index, level in enumerate(levels) if all(level.streams > other.streams for other in levels[:index])
    ]
    if len(grown) > 1:
        added = grown[-1].streams - grown[0].streams
        per_stream = (grown[-1].memory_mb - grown[0].memory_mb) / added
        name = "MB for each added live stream of 720p"
        yield Goal(name, MOST_MB_PER_STREAM, Spread.of([per_stream]), is_ceiling=True)
