"""What a process that is shut in can't do any more, and what it still can."""

import subprocess
import sys

import pytest

from pipeline.examiner.sandbox import ARCHITECTURES, REFUSED

BEGIN = """
import ctypes, os, platform, signal, socket, sys, threading
pair = socket.socketpair()
go_on = threading.Event()
told = []
def later():
    go_on.wait()
    try:
        socket.socket()
    except PermissionError:
        told.append("refused")
thread = threading.Thread(target=later)
thread.start()
from pipeline.examiner.sandbox import shut_in
is_shut_in = shut_in()
go_on.set()
thread.join()
if not is_shut_in:
    sys.exit(77)
def tgkill(pid, signum=signal.SIGUSR1):
    number = {"x86_64": 234, "aarch64": 131}[platform.machine()]
    if ctypes.CDLL(None, use_errno=True).syscall(number, pid, pid, signum) != 0:
        raise PermissionError(ctypes.get_errno())
"""
NO_FILTERS = 77


def said(code: str) -> str:
    """Return what `code` prints in a process that is shut in."""
    ended = subprocess.run([sys.executable, "-c", BEGIN + code], capture_output=True, text=True, check=False)
    if ended.returncode == NO_FILTERS:
        pytest.skip("the kernel takes no filters of system calls here")
    assert ended.stderr == ""
    return ended.stdout.strip()


@pytest.mark.parametrize(
    "call",
    [
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.kill(os.getppid(), 0)",
        "os.kill(os.getpid(), 0)",
        "os.pidfd_open(os.getppid())",
        "tgkill(os.getppid(), 0)",
    ],
)
def test_the_network_programs_and_other_processes_are_out_of_reach(call: str) -> None:
    assert said(f"try: {call}\nexcept PermissionError: print('refused')") == "refused"


def test_it_may_still_end_itself() -> None:
    assert said("signal.signal(signal.SIGUSR1, lambda *_: print('ended'))\ntgkill(os.getpid())") == "ended"


def test_threads_of_before_are_shut_in_too() -> None:
    assert said("print(told)") == "['refused']"


def test_files_threads_and_sockets_of_before_work_on() -> None:
    code = """
thread = threading.Thread(target=lambda: pair[0].sendall(open(sys.executable, 'rb').read(4)))
thread.start()
thread.join()
print(pair[1].recv(4))
"""
    assert said(code) == str(b"\x7fELF")


def test_no_call_is_listed_twice() -> None:
    for architecture in ARCHITECTURES.values():
        numbers = [pair[architecture.column] for pair in REFUSED.values() if pair[architecture.column] >= 0]
        assert len(set(numbers)) == len(numbers)
