"""How many cores this process may use."""

import os
from pathlib import Path

ROOT = Path("/")


def usable_cores(root: Path = ROOT) -> float:
    """Return the cores that affinity and the CPU quota of the control group (cgroup v2) leave to this process.

    The quota is what `--cpus` of a container and `CPUQuota=` of a systemd unit set; inside a container the group is
    seen as the root. `root` is that of the file system.
    """
    quotas = (_quota(group) for group in _groups(root))
    return min([float(len(os.sched_getaffinity(0))), *(quota for quota in quotas if quota is not None)])


def _groups(root: Path) -> list[Path]:
    """Return the folder of the process's group and those above it, where there are any."""
    mount, table = root / "sys/fs/cgroup", root / "proc/self/cgroup"
    try:
        names = [line.removeprefix("0::/") for line in table.read_text().splitlines() if line.startswith("0::/")]
    except OSError:
        return []
    groups = [mount / name for name in names]
    return [folder for group in groups for folder in (group, *group.parents) if folder.is_relative_to(mount)]


def _quota(group: Path) -> float | None:
    """Return the quota of a group in cores, None where it has none."""
    try:
        used_us, _, period_us = (group / "cpu.max").read_text().partition(" ")
        return int(used_us) / int(period_us)
    except (OSError, ValueError):  # there is no such file, or it says "max"
        return None
