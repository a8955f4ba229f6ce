"""What each thread of the product costs on a clip: `python -m benchmarks.thread_times CLIP` prints it as JSON.

The kernel counts a thread's CPU time to the nanosecond, and forgets it with the thread: it is read every few
hundredths of a second while the clip runs.
"""

import json
import sys
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.our_pipeline import run
from benchmarks.timed_run import TimedRun

TASKS = Path("/proc/self/task")
EVERY_S = 0.03
WORK = {
    "decoding": ("read:", "av:"),
    # MediaPipe's detectors are asked through a pool of threads without a name, and run in those it calls drishti.
    "looking for faces, tracking, cutting out": ("faces:", "mediapipe", "drishti", "ThreadPoolExecutor"),
    "classifying": ("classify",),
    "voting, tables": ("publish:",),
    "drawing, encoding": ("encode:",),
}
"""What threads do, by how their names begin."""

OTHER = "all else"


@dataclass(frozen=True, slots=True)
class ThreadTimes:
    """The CPU seconds of a run by the work of the threads."""

    run: TimedRun
    cpu_s: Mapping[str, float]


class _Clock(threading.Thread):
    """Reads the CPU time of every thread from the moment that a clip is read."""

    def __init__(self) -> None:
        super().__init__(name="thread-times", daemon=True)
        self._before: dict[int, int] = {}
        self._now: dict[int, int] = {}
        self._names: dict[int, str] = {}
        self.has_ended = threading.Event()

    def run(self) -> None:
        while not self.has_ended.wait(EVERY_S):
            self._read()

    @property
    def by_work(self) -> dict[str, float]:
        found: defaultdict[str, float] = defaultdict(float)
        for task, now in self._now.items():
            found[work_of(self._names[task])] += (now - self._before.get(task, 0)) / 1e9
        return dict(found)

    def _read(self) -> None:
        self._names |= {thread.native_id: thread.name for thread in threading.enumerate() if thread.native_id}
        is_running = any(name.startswith("read:") for name in self._names.values())
        times = {int(folder.name): _cpu_ns(folder) for folder in TASKS.iterdir()}
        (self._now if is_running else self._before).update(times)
        for task in times.keys() - self._names.keys():
            self._names[task] = _text(TASKS / str(task) / "comm").strip()


def work_of(name: str) -> str:
    """Return what a thread of that name does."""
    return next((work for work, prefixes in WORK.items() if name.startswith(prefixes)), OTHER)


def _cpu_ns(task: Path) -> int:
    return int((_text(task / "schedstat").split() or ["0"])[0])


def _text(path: Path) -> str:
    """Return what the kernel tells, nothing of a thread that has ended meanwhile."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def measure(clip: Path) -> ThreadTimes:
    """Process the clip without video."""
    clock = _Clock()
    clock.start()
    with TemporaryDirectory(prefix="thread-times-") as folder:
        timed = run([clip], Path(folder), with_video=False)
    clock.has_ended.set()
    clock.join()
    return ThreadTimes(timed, clock.by_work)


if __name__ == "__main__":
    print(json.dumps(asdict(measure(Path(sys.argv[1])))), flush=True)
