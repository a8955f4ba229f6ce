"""Keeps the log lines of MediaPipe's C++ library off the user's stderr.

MediaPipe 1.2 logs through its own copies of absl and LiteRt, straight to file descriptor 2. It reads no environment
variable (GLOG_minloglevel, TF_CPP_MIN_LOG_LEVEL, ABSL_MIN_LOG_LEVEL and their like were tried) and exports no setter.
Its lines come at creation, on closing and at one of the first inferences: there alone descriptor 2 is held back.
"""

import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

STDERR_FD = 2

LOG_LINE = re.compile(
    rb"""(?: (?:INFO|WARNING|ERROR|VERBOSE|DEBUG):\ \[[\w.-]+:\d+\]              # LiteRt
         |   [IWEF]\d{4}\ [\d:.]+\s+\d+\ [\w./-]+:\d+\]                          # absl
         |   (?:INFO|WARNING):\ (?:Created\ TensorFlow|(?:All\ log\ messages|Logging)\ before)
         |   ERROR:\ The\ model\ is\ not                                           # TensorFlow Lite
         ) [^\n]*(?:\n|\Z)""",
    re.VERBOSE,
)
"""One line of MediaPipe's, LiteRt's or absl's log."""

# Descriptor 2 belongs to the whole process: two windows at once would restore it in the wrong order.
_window = threading.Lock()


def without_log_lines(text: bytes) -> bytes:
    """Return `text` less the log lines of MediaPipe's C++ code."""
    return LOG_LINE.sub(b"", text)


@contextmanager
def quiet_native_logs() -> Iterator[list[bytes]]:
    """Hold back what is written to descriptor 2 meanwhile, then pass on all of it but MediaPipe's log lines.

    Those are in the yielded list afterwards. Keep the window short: what other threads write to stderr comes late,
    though none of it is lost.
    """
    dropped: list[bytes] = []
    with _window, tempfile.TemporaryFile() as held:
        try:
            stderr_fd = os.dup(STDERR_FD)
        except OSError:  # a process without stderr, as services may be
            yield dropped
            return
        _flush_stderr()
        os.dup2(held.fileno(), STDERR_FD)
        try:
            yield dropped
        finally:
            _flush_stderr()
            os.dup2(stderr_fd, STDERR_FD)
            os.close(stderr_fd)
            dropped += _pass_on(held)


def _flush_stderr() -> None:
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # a reader that went away, or a closed stream
            sys.stderr.flush()


def _pass_on(held: IO[bytes]) -> list[bytes]:
    """Write what is no log line to descriptor 2, and return the log lines."""
    held.seek(0)
    text = held.read()
    rest = without_log_lines(text)
    with suppress(OSError):  # stderr itself may have no reader left
        while rest:
            rest = rest[os.write(STDERR_FD, rest) :]
    return LOG_LINE.findall(text)
