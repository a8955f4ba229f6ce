"""The cores that a process may use: fewer than the machine has where somebody set a limit."""

import os
from pathlib import Path

import pytest

from pipeline.runtime.cores import usable_cores

ALL = float(len(os.sched_getaffinity(0)))


def tree(root: Path, group: str, limits: dict[str, str]) -> Path:
    """Make the files of a process in the control group `group`, with `cpu.max` in the groups of `limits`."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(f"1:name=systemd:/legacy\n0::{group}\n")
    for name, text in limits.items():
        folder = root / "sys/fs/cgroup" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cpu.max").write_text(f"{text}\n")
    return root


@pytest.mark.parametrize(
    ("group", "limits", "cores"),
    [
        ("/", {}, ALL),
        ("/", {".": "max 100000"}, ALL),
        ("/", {".": "50000 100000"}, 0.5),
        ("/system.slice/maskstream.service", {"system.slice/maskstream.service": "25000 100000"}, 0.25),
        ("/system.slice/maskstream.service", {"system.slice": "75000 100000", ".": "max 100000"}, 0.75),
        ("/", {".": "99900000 100000"}, ALL),
        ("/", {".": "nonsense"}, ALL),
    ],
)
def test_a_quota_counts_wherever_it_is_set(tmp_path: Path, group: str, limits: dict[str, str], cores: float) -> None:
    assert usable_cores(tree(tmp_path, group, limits)) == cores


def test_a_machine_without_control_groups_has_the_cores_of_the_affinity(tmp_path: Path) -> None:
    assert usable_cores(tmp_path) == ALL
    assert usable_cores() <= ALL
