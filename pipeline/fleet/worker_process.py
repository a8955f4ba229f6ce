"""A worker as its parent sees it: a process that is started again whenever it dies."""

import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from pipeline.retry_waits import RetryWaits
from pipeline.runtime.link import Link, LinkLostError
from pipeline.worker.messages import Begin, Command, Report, Stop

logger = logging.getLogger(__name__)

SETTLED_AFTER_S = 30.0
"""A worker that lived for so long is started again at once; before that, what killed it may still be there."""

LINGER_S = 5.0
"""How long a worker may take to end after its line did: it finishes recordings."""

HEAP = {"MALLOC_ARENA_MAX": "2"}
"""A worker has over 100 threads, and glibc gives them 8 heaps a core, each with free memory that the others can't use.

With two heaps a worker of eight streams takes 0.5 GB instead of 0.7 (`python -m benchmarks churn`).
"""

WorkerLink: TypeAlias = "Link[Command, Report]"


class WorkerProcess:
    """Keeps one worker running, on a thread `worker-N` that also takes its reports. Any thread may send.

    `on_report` takes what it says, `on_death` its exit code, both on that thread; between the two nothing is sent.
    """

    def __init__(
        self,
        begin: Begin,
        on_report: Callable[[int, Report], None],
        on_death: Callable[[int, int], None],
        waits: RetryWaits | None = None,
    ) -> None:
        self.index = begin.index
        self.heard_s = time.monotonic()
        self._begin = begin
        self._on_report = on_report
        self._on_death = on_death
        self._waits = waits or RetryWaits(first_s=0.5, longest_s=30.0)
        self._link: WorkerLink | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"worker-{begin.index + 1}")

    def start(self) -> None:
        self._thread.start()

    def send(self, command: Command) -> None:
        """Send a command to the process that runs now; where there is none, it is lost."""
        with self._lock:
            link = self._link
        if link is not None:
            with suppress(LinkLostError):
                link.send(command)

    def stop(self) -> None:
        """Ask the process to end, and start no other."""
        self._stopping.set()
        self.send(Stop())

    def kill(self) -> None:
        """End the process at once; another one follows unless `stop` came before."""
        process = self._process
        if process is not None:
            process.kill()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end after `stop`; return whether it came."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _keep(self) -> None:
        early_deaths = 0
        while not self._stopping.is_set():
            started_s = time.monotonic()
            link, process = self._spawn()
            for report in link.received():
                self.heard_s = time.monotonic()
                self._on_report(self.index, report)
            self._on_death(self.index, self._reaped(link, process))
            is_settled = time.monotonic() - started_s >= SETTLED_AFTER_S
            early_deaths = 0 if is_settled else early_deaths + 1
            self._stopping.wait(self._waits.wait_s(early_deaths) if early_deaths else 0.0)

    def _spawn(self) -> tuple[WorkerLink, "subprocess.Popen[bytes]"]:
        ours, theirs = socket.socketpair()
        with theirs:
            # -P: a folder named `pipeline` where the service was started is not this program.
            words = [sys.executable, "-P", "-m", "pipeline.worker", str(theirs.fileno())]
            environment = {**HEAP, **os.environ}
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], env=environment)
        link: WorkerLink = Link(ours)
        with suppress(LinkLostError):  # then it is dead already, which `received` tells
            link.send(self._begin)
        with self._lock:
            self._link, self._process = link, process
            self.heard_s = time.monotonic()
        if self._stopping.is_set():
            self.send(Stop())
        return link, process

    def _reaped(self, link: WorkerLink, process: "subprocess.Popen[bytes]") -> int:
        """Let go of a process whose line has ended; return its exit code, a signal's number below 0."""
        with self._lock:
            self._link = None
        link.close()
        try:
            return process.wait(LINGER_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
