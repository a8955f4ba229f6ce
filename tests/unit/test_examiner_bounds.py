"""What the process that reads uploads may take, each asked of a process that tries to take more."""

import signal
import subprocess
import sys
from pathlib import Path

MEMORY_BYTES = 1_000_000_000


def ended(code: str) -> "subprocess.CompletedProcess[str]":
    """Run `code` in a process that is bounded."""
    bounded = f"from pipeline.examiner.bounds import bound_cpu, bound_process; bound_process({MEMORY_BYTES})"
    return subprocess.run([sys.executable, "-c", f"{bounded}\n{code}"], capture_output=True, text=True, check=False)


def test_memory_is_bounded() -> None:
    assert "MemoryError" in ended(f"bytes({MEMORY_BYTES})").stderr


def test_no_large_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "large"
    assert "File too large" in ended(f"open({str(path)!r}, 'wb').write(bytes(5_000_000))").stderr
    assert path.stat().st_size <= 1_000_000


def test_who_uses_up_its_time_is_ended_by_the_kernel() -> None:
    assert ended("bound_cpu(0.0)\nwhile True: pass").returncode == -signal.SIGXCPU


def test_the_time_counts_from_the_last_bound() -> None:
    spin = "import time\nwhile time.process_time() < until_s: pass\n"
    code = f"bound_cpu(0.5)\nuntil_s = 0.4\n{spin}bound_cpu(3.0)\nuntil_s = 2.0\n{spin}print('done')"
    assert ended(code).stdout == "done\n"


def test_it_goes_first_where_memory_runs_out() -> None:
    assert ended("print(open('/proc/self/oom_score_adj').read().strip())").stdout == "1000\n"
