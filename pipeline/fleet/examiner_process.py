"""An examiner as its parent sees it: a process that is given one file after the other, and may die of any."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TypeAlias

from pipeline.examiner.messages import Begin, CheckClip, CheckPicture, Finding, Order, Prepared
from pipeline.examiner.wire import read_finding
from pipeline.fleet.worker_process import HEAP
from pipeline.runtime.link import Link, LinkLostError
from pipeline.upload import Upload

Job: TypeAlias = CheckPicture | CheckClip


class ExaminerProcess:
    """Starts a process with the object and ends it with `close`. Used by one thread; any other may `kill`."""

    def __init__(self, begin: Begin) -> None:
        line, their_line = socket.socketpair()
        self._files, their_files = socket.socketpair()
        with their_line, their_files:
            descriptors = their_line.fileno(), their_files.fileno()
            # -P: a folder named `pipeline` where the service was started is not this program.
            words = [sys.executable, "-P", "-m", "pipeline.examiner", *map(str, descriptors)]
            environment = {**HEAP, **os.environ}
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=descriptors, env=environment
            )
        self._link: Link[Order, Finding] = Link(line, decode=read_finding)
        self.tell(begin)

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_prepared(self) -> bool:
        """Wait until jobs can come; return False where the process ended instead."""
        return isinstance(next(self._link.received(), None), Prepared)

    def findings(self, job: Job, upload: Upload) -> Iterator[Finding]:
        """Give the process a job, and yield what it says of it from then on, until it ends."""
        with suppress(OSError):  # it is gone, which its line tells
            socket.send_fds(self._files, [b"f"], [upload.fileno()])
        self.tell(job)
        yield from self._link.received()

    def tell(self, order: Order) -> None:
        """Send a message; where nobody reads it, `findings` come to an end."""
        with suppress(LinkLostError):
            self._link.send(order)

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def close(self) -> None:
        """End the process, and let go of it."""
        self.kill()
        self._process.wait()
        self._link.close()
        self._files.close()
