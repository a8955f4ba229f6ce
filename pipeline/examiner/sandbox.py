"""Takes from a process the system calls that nobody needs who reads files: the network, programs, other processes.

A decoder that a hostile file has taken over can then neither call home, nor start anything, nor end the service.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

PR_SET_NO_NEW_PRIVS = 38
SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC = 1, 1

LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of the kernel's packet filter (BPF), with words of 32 bits."""

NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16
"""Where the facts of a call stand that a filter looks at."""

ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM

X32_FROM = 0x40000000
"""From here on x86-64 has all calls once more, for an interface that nobody uses."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """How a processor calls the kernel: its code in filters, the number of seccomp, and the column of `REFUSED`."""

    code: int
    seccomp: int
    column: int


ARCHITECTURES: Mapping[str, Architecture] = {
    "x86_64": Architecture(0xC000003E, 317, 0),
    "aarch64": Architecture(0xC00000B7, 277, 1),
}

REFUSED: Mapping[str, tuple[int, int]] = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "fork": (57, -1),
    "vfork": (58, -1),
    "execve": (59, 221),
    "execveat": (322, 281),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "mount": (165, 40),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
"""Numbers on x86-64 and ARM64; -1 where there is none. Threads are cloned, so that `clone` stays."""

TGKILL = (234, 131)
"""A process that has found a fault signals itself by it, and dies; to others it is refused."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def shut_in() -> bool:
    """Refuse `REFUSED` to all threads of this process from now on, for good; return whether the kernel does so.

    It does not on other processors, or where what runs the service forbids filters.
    """
    architecture = ARCHITECTURES.get(platform.machine())
    if architecture is None:
        return False
    code = b"".join(_filter(architecture, os.getpid()))
    program = _Program(len(code) // _INSTRUCTION.size, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    arguments = (SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, ctypes.byref(program))
    return bool(libc.syscall(architecture.seccomp, *arguments) == 0)


_INSTRUCTION = struct.Struct("=HBBI")


def _filter(architecture: Architecture, pid: int) -> Iterator[bytes]:
    """Yield the instructions: each compares and goes on, or skips to one of the last three."""
    numbers = [pair[architecture.column] for pair in REFUSED.values() if pair[architecture.column] >= 0]
    yield _instruction(LOAD, ARCHITECTURE_AT)
    yield _instruction(JUMP_IF_EQUAL, architecture.code, skip=(0, len(numbers) + 7))
    yield _instruction(LOAD, NUMBER_AT)
    yield _instruction(JUMP_IF_AT_LEAST, X32_FROM, skip=(len(numbers) + 4, 0))
    for position, number in enumerate(numbers):
        yield _instruction(JUMP_IF_EQUAL, number, skip=(len(numbers) - position + 3, 0))
    yield _instruction(JUMP_IF_EQUAL, TGKILL[architecture.column], skip=(0, 2))
    yield _instruction(LOAD, FIRST_ARGUMENT_AT)
    yield _instruction(JUMP_IF_EQUAL, pid, skip=(0, 1))
    for verdict in (ALLOW, REFUSE, KILL):
        yield _instruction(RETURN, verdict)


def _instruction(code: int, value: int, skip: Sequence[int] = (0, 0)) -> bytes:
    """Return an instruction; `skip` says how many to leave out where a comparison holds, and where it does not."""
    return _INSTRUCTION.pack(code, *skip, value)
