"""What the process that reads strangers' files may take of the machine."""

import resource
from contextlib import suppress
from pathlib import Path

MAX_FILE_BYTES = 1_000_000
"""Nothing is written but the log lines that MediaPipe's loading holds back."""

MAX_DESCRIPTORS = 256


FIRST_TO_GO = "1000"
"""Of the process that the kernel ends where memory runs out: no camera is to lose its worker to an upload."""


def bound_process(max_memory_bytes: int) -> None:
    """Limit this process for good: address space, what it may write, descriptors; and no core file."""
    with suppress(OSError):  # a sandbox around the service may show no /proc that can be written
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
    for kind, limit in (
        (resource.RLIMIT_AS, max_memory_bytes),
        (resource.RLIMIT_FSIZE, MAX_FILE_BYTES),
        (resource.RLIMIT_NOFILE, MAX_DESCRIPTORS),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        lowered = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (lowered, lowered))


def bound_cpu(seconds: float) -> None:
    """Have the kernel end this process once it has used so much more CPU time, whatever its parent does."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard))
