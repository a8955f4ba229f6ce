"""What a program costs from its start-up's end on, measured by itself in a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.memory_log import held_bytes
from pipeline.errors import SourceError

PATIENCE_S = 3600.0


@dataclass(frozen=True, slots=True)
class TimedRun:
    """`frames` of all streams, wall time and the CPU time of all threads for them, and the process's peak memory.

    `persons` are those judged, `asked` the faces that the classifier was asked about; `mb_per_hour` is how fast memory
    grew, and the standard error. None where nobody counted.
    """

    frames: int
    wall_s: float
    cpu_s: float
    peak_bytes: int
    persons: int | None = None
    asked: int | None = None
    mb_per_hour: tuple[float, float] | None = None

    @property
    def frames_per_s(self) -> float:
        return self.frames / self.wall_s

    @property
    def cpu_ms_per_frame(self) -> float:
        return 1000 * self.cpu_s / self.frames

    @property
    def peak_mb(self) -> float:
        """In 1,000,000 bytes."""
        return self.peak_bytes / 1e6


class Stopwatch:
    """Runs from its making, or from the last `start`, on; any thread may start or read it."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self._wall_s, self._cpu_s = time.perf_counter(), time.process_time()

    def run_of(self, frames: int, persons: int | None = None, asked: int | None = None) -> TimedRun:
        """Return what so many frames have cost this process."""
        wall_s, cpu_s = time.perf_counter() - self._wall_s, time.process_time() - self._cpu_s
        return TimedRun(frames, wall_s, cpu_s, held_bytes("VmHWM"), persons, asked)


def tell(run: TimedRun) -> None:
    """Print the run as the last line of this process's output."""
    print(json.dumps(asdict(run)), flush=True)


def run_module(module: str, arguments: Sequence[str | Path], tree: Path | None = None) -> TimedRun:
    """Return what `python -m module arguments` told; `tree` is a folder whose packages come before the installed ones.

    Raise SourceError with its last words where it failed.
    """
    lines = module_output(module, arguments, tree).strip().splitlines()
    if not lines:
        raise SourceError(f"{module} ended without a word")
    return TimedRun(**json.loads(lines[-1]))


def module_output(module: str, arguments: Sequence[str | Path], tree: Path | None = None) -> str:
    """Return all that it printed; for the rest the same."""
    words = [sys.executable, "-m", module, *map(str, arguments)]
    environment = os.environ | ({} if tree is None else {"PYTHONPATH": str(tree)})
    done = subprocess.run(
        words, env=environment, cwd=tree, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it says nothing"])[-1]
        raise SourceError(f"{module} ended with {done.returncode}: {reason}")
    return done.stdout
