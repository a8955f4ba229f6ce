"""What the process that reads strangers' files may take of the machine."""

import resource

MAX_FILE_BYTES = 1_000_000
"""Nothing is written but the log lines that MediaPipe's loading holds back."""

MAX_DESCRIPTORS = 256


def bound_process(max_memory_bytes: int) -> None:
    """Limit this process for good: address space, what it may write, descriptors; and no core file."""
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
