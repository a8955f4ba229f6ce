"""Where a frame's time goes: CPU time by what threads do, and how long the interpreter is held, by what runs in it."""

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.crowd import Crowd
from benchmarks.crowd_clip import Shelf
from benchmarks.environment import environment
from benchmarks.report_part import Table
from benchmarks.thread_times import OTHER, WORK, work_of
from benchmarks.timed_run import TimedRun, module_output
from pipeline.errors import SourceError

SAMPLES_PER_S = 250
FACES, CROSSINGS = (1, 4), 8
SHOWN = 12
SAMPLER = "py-spy"
NO_SAMPLER = f"How long the interpreter is held is not known: `pip install {SAMPLER}` first."


@dataclass(frozen=True, slots=True)
class Profile:
    """CPU milliseconds a frame by work; with a sampler, milliseconds of the interpreter by work and by function."""

    name: str
    run: TimedRun
    cpu_ms: Mapping[str, float]
    held_ms: Mapping[str, float]
    functions_ms: Mapping[str, float]


def run() -> str:
    """Return tables for 1080p with one face and with four; raises MaskstreamError."""
    with TemporaryDirectory(prefix="frame-profile-") as name:
        folder = Path(name)
        clips = Shelf(folder).clips([Crowd(1920, 1080, faces) for faces in FACES], CROSSINGS)
        profiles = [_profile(f"{faces} face(s)", clip, folder) for faces, clip in zip(FACES, clips, strict=True)]
    return "\n\n".join([*(table.markdown for table in tables(profiles)), *_missing(), f"{environment()}."])


def _profile(name: str, clip: Path, folder: Path) -> Profile:
    told = json.loads(module_output("benchmarks.thread_times", [clip]).splitlines()[-1])
    timed = TimedRun(**told["run"])
    samples = _samples(clip, folder / "held.txt") if shutil.which(SAMPLER) else []
    works, functions = held(samples)
    factor = 1000 / SAMPLES_PER_S / timed.frames
    return Profile(
        name,
        timed,
        {work: 1000 * cpu_s / timed.frames for work, cpu_s in told["cpu_s"].items()},
        {work: factor * count for work, count in works.items()},
        {function: factor * count for function, count in functions.most_common(SHOWN)},
    )


def _samples(clip: Path, out: Path) -> list[str]:
    """Return the stacks that held the interpreter, as many times as they were seen, while the clip was processed."""
    asked = ("record", "--gil", "--threads", "--nonblocking", "--rate", str(SAMPLES_PER_S), "--format", "raw")
    child = (sys.executable, "-m", "benchmarks.our_pipeline", str(clip))
    done = subprocess.run([SAMPLER, *asked, "-o", str(out), "--", *child], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SourceError(f"{SAMPLER} ended with {done.returncode}: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return out.read_text(encoding="utf-8").splitlines()


def held(samples: Iterable[str]) -> tuple[Counter[str], Counter[str]]:
    """Return how often each work, and each function of a lane's, was seen to hold the interpreter.

    A sample is a line `thread (1): name;outermost (file:1);...;innermost (file:9) count`.
    """
    works: Counter[str] = Counter()
    functions: Counter[str] = Counter()
    for sample in samples:
        stack, _, count = sample.rpartition(" ")
        thread, *frames = stack.split(";")
        work = work_of(thread.partition(": ")[2])
        # What starts and ends the program is no frame's cost.
        if work != OTHER and frames:
            works[work] += int(count)
            functions[frames[-1].rpartition(":")[0] + ")"] += int(count)
    return works, functions


def tables(profiles: Iterable[Profile]) -> list[Table]:
    """Return a table of the work for each profile, and one of the functions where they are known."""
    found = []
    for profile in profiles:
        total_ms, held_ms = sum(profile.cpu_ms.values()), sum(profile.held_ms.values())
        rows = [_row(work, profile, total_ms) for work in (*WORK, OTHER) if work in profile.cpu_ms]
        share = f"{held_ms:.2f} ({held_ms / total_ms:.0%})" if profile.held_ms else ""
        rows.append(("all", f"{total_ms:.2f}", "100%", share))
        head = ("what threads do", "CPU ms a frame", "share", "of it in the interpreter")
        found.append(Table(f"1080p, {profile.name}", head, tuple(rows)))
        if profile.functions_ms:
            longest = tuple((name, f"{ms:.3f}") for name, ms in profile.functions_ms.items())
            found.append(Table(f"Functions that hold the interpreter, {profile.name}", ("function", "ms"), longest))
    return found


def _row(work: str, profile: Profile, total_ms: float) -> tuple[str, ...]:
    cpu_ms = profile.cpu_ms[work]
    in_python = f"{profile.held_ms[work]:.2f}" if work in profile.held_ms else ""
    return work, f"{cpu_ms:.2f}", f"{cpu_ms / total_ms:.0%}", in_python


def _missing() -> Iterable[str]:
    return () if shutil.which(SAMPLER) else (NO_SAMPLER,)
