"""Two revisions of the product on the same clips, in turn: has a change made it slower?

Both are run from source trees in this environment, by the same benchmark: this tree's.
"""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.crowd import Crowd
from benchmarks.crowd_clip import Shelf
from benchmarks.environment import environment
from benchmarks.report_part import Table
from benchmarks.rounds import Rounds, Spread, interleaved
from benchmarks.timed_run import run_module
from pipeline.errors import ConfigError

HERE = Path(__file__).resolve().parents[1]
PACKAGES = ("pipeline", "exporters", "training", "configs")
YARDSTICK = "benchmarks"
CROSSINGS = 2
TOLERANCE = 0.03
"""A ratio nearer to 1 than this, in any round, is no change."""


@dataclass(frozen=True, slots=True)
class Workload:
    """So many clips of a crowd at once; `options` are those of `our_pipeline`."""

    name: str
    crowd: Crowd
    streams: int = 1
    options: tuple[str, ...] = ()


WORKLOADS = (
    Workload("1080p, 1 face", Crowd(1920, 1080, 1)),
    Workload("1080p, 4 faces", Crowd(1920, 1080, 4)),
    Workload("2 x 1080p, 1 face", Crowd(1920, 1080, 1), streams=2),
    Workload("1080p, 1 face, with video", Crowd(1920, 1080, 1), options=("--video",)),
    Workload("720p, 16 faces", Crowd(1280, 720, 16)),
)


def run(base: str, rounds: int) -> str:
    """Return a table of this working tree beside the revision `base`; raises ConfigError where there is none."""
    with TemporaryDirectory(prefix="bench-compare-") as name:
        folder = Path(name)
        with _checked_out(base, folder / "checkout") as checkout:
            trees = {"base": _tree(folder / "base", checkout), "here": _tree(folder / "here", HERE)}
            crowds = list(dict.fromkeys(each.crowd for each in WORKLOADS))
            clips = dict(zip(crowds, Shelf(folder).clips(crowds, CROSSINGS), strict=True))
            measured = {each: _measured(each, clips[each.crowd], trees, rounds) for each in WORKLOADS}
    return table(base, measured)


@contextmanager
def _checked_out(revision: str, folder: Path) -> Iterator[Path]:
    _git("worktree", "add", "--detach", str(folder), revision)
    try:
        yield folder
    finally:
        _git("worktree", "remove", "--force", str(folder))


def _git(*words: str) -> None:
    done = subprocess.run(["git", "-C", str(HERE), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConfigError(f"git {' '.join(words[:2])} failed: {done.stderr.strip()}; name a revision with BASE=REV")


def _tree(folder: Path, product: Path) -> Path:
    """Return a folder with the packages of `product` and this tree's benchmarks."""
    folder.mkdir()
    for package in PACKAGES:
        if (product / package).is_dir():
            (folder / package).symlink_to(product / package)
    (folder / YARDSTICK).symlink_to(HERE / YARDSTICK)
    return folder


def _measured(workload: Workload, clip: Path, trees: Mapping[str, Path], rounds: int) -> dict[str, Rounds]:
    words: Sequence[str] = [*workload.options, *[str(clip)] * workload.streams]
    runs = {name: partial(run_module, "benchmarks.our_pipeline", words, tree) for name, tree in trees.items()}
    return interleaved(runs, rounds)


def table(base: str, measured: Mapping[Workload, Mapping[str, Rounds]]) -> str:
    """Return Markdown; ratios above 1 say that this tree does better than `base`."""
    head = ("workload", f"frames a second of {base}", "here", "speed, here to there", "CPU time, there to here")
    rows = tuple(_row(workload.name, found["base"], found["here"]) for workload, found in measured.items())
    return f"{Table(f'This tree beside {base}', head, rows).markdown}\n\n{environment()}"


def _row(name: str, base: Rounds, here: Rounds) -> tuple[str, ...]:
    ratios = here.speed_against(base), here.thrift_against(base)
    return name, str(base.frames_per_s), str(here.frames_per_s), *(f"{each}{change(each)}" for each in ratios)


def change(ratio: Spread) -> str:
    """Return `, better` or `, worse` where every round says so; a busy machine's clock says much that isn't so."""
    if ratio.low > 1 + TOLERANCE:
        return ", better"
    return ", worse" if ratio.high < 1 - TOLERANCE else ""
