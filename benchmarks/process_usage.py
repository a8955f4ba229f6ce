"""What processes hold, as the kernel tells it: threads, descriptors, memory."""

import os
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process holds; `memory_bytes` is its heaps and stacks.

    The pages of libraries are left out: their part (PSS) hangs on who else uses them, 4 MB up or down by the hour.
    """

    threads: int
    descriptors: int
    memory_bytes: int

    @property
    def memory_mb(self) -> float:
        """In 1,000,000 bytes."""
        return self.memory_bytes / 1e6


def usage_of(pid: int) -> Usage:
    """Return what the process holds now; raise FileNotFoundError where there is none."""
    folder = PROCESSES / str(pid)
    return Usage(
        threads=_entries(folder / "task"),
        descriptors=_entries(folder / "fd"),
        memory_bytes=_anonymous_bytes(folder / "smaps_rollup"),
    )


def cpu_s(pid: int) -> float:
    """Return the CPU time that the process has used so far, in user and system mode."""
    _, _, fields = (PROCESSES / str(pid) / "stat").read_text(encoding="ascii").rpartition(")")
    user_ticks, system_ticks = fields.split()[11:13]
    return (int(user_ticks) + int(system_ticks)) / os.sysconf("SC_CLK_TCK")


def children_of(pid: int) -> tuple[int, ...]:
    """Return the processes that `pid` has started and that have not been waited for, oldest first."""
    tasks = (PROCESSES / str(pid) / "task").glob("*/children")
    return tuple(sorted(int(child) for task in tasks for child in task.read_text(encoding="ascii").split()))


def _entries(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


def _anonymous_bytes(table: Path) -> int:
    lines = table.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss_Anon:"))
