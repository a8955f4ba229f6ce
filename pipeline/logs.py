"""The log of the service: one line a record on stderr, as text or JSON, without credentials.

Facts for programs go along as `logger.info("...", extra={"fields": {"stream": id, "state": "live"}})`. JSON has each as
a key of its own; in text the message has to say them.
"""

import faulthandler
import json
import logging
import math
import os
import re
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from types import TracebackType
from typing import Any, Literal, TypeAlias

from pipeline.redact import redact_text

LogFormat: TypeAlias = Literal["text", "json"]

STDERR_FD = 2

CHATTY = ("absl", "asyncio", "httpcore", "httpx", "matplotlib", "paho", "PIL", "uvicorn")
"""Libraries that log each request or step; of these warnings are shown, and worse."""

# The warnings of the one show the paths of webhooks, in which receivers keep their secrets, and those of the other what
# visitors send.
SECRETIVE = ("urllib3", "python_multipart")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINE_FEED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")

logger = logging.getLogger(__name__)


def configure_logs(log_format: LogFormat = "text", level: str = "info", process_name: str = "") -> None:
    """Send what this process logs from `level` on, its warnings and uncaught errors to stderr.

    `process_name` tells the lines of one process from those of others, such as "worker-1"; the parent has none. A
    signal that ends the process, as SIGSEGV does, leaves the stacks of all threads. May be called again; raises
    ValueError for an unknown level.
    """
    formatter = JsonLines(process_name) if log_format == "json" else TextLines(process_name)
    logging.basicConfig(handlers=[LineHandler(formatter)], level=level.upper(), force=True)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in SECRETIVE:
        logging.getLogger(name).setLevel(logging.ERROR)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_uncaught_of_thread
    faulthandler.enable(STDERR_FD)


class LineHandler(logging.Handler):
    """Writes each record by one call of the system, so that lines of several processes don't mix.

    Pipes promise that up to 4 KiB, which a long traceback exceeds. A stderr that can't be written is none the worse for
    the program.
    """

    def __init__(self, formatter: logging.Formatter, fd: int = STDERR_FD) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self._fd = fd

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
        except Exception:
            self.handleError(record)
            return
        self._write(line)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the library's name
        """Write what is wrong with a record; the library's own way shows its arguments, and so credentials."""
        kind = type(sys.exception()).__name__
        place = f"{record.filename}:{record.lineno}"
        broken = logging.makeLogRecord(
            {"name": record.name, "levelno": logging.ERROR, "levelname": "ERROR"}
            | {"msg": f"the record of {place} can't be formatted: {kind}"}
        )
        self._write(f"{self.format(broken)}\n".encode(errors="backslashreplace"))

    def _write(self, line: bytes) -> None:
        with suppress(OSError):
            while line:
                line = line[os.write(self._fd, line) :]


class TextLines(logging.Formatter):
    """`2026-11-22T05:00:00.123Z INFO streams line7-front: live`; a traceback follows, indented."""

    def __init__(self, process_name: str = "") -> None:
        super().__init__()
        self._process = process_name and f"{process_name}:"

    def format(self, record: logging.LogRecord) -> str:
        head = f"{_moment(record)} {record.levelname} {self._process}{_short_name(record)}"
        # Neither a line break nor an escape of the terminal gets out of a message: it may quote what a camera sent.
        line = f"{head} {_CONTROL.sub(_escaped, redact_text(record.getMessage()))}"
        below = _CONTROL_BUT_LINE_FEED.sub(_escaped, redact_text(_traceback(record)))
        return "\n  ".join([line, *below.splitlines()])


class JsonLines(logging.Formatter):
    """One object a line: `ts`, `level`, `process`, `logger`, `message`, `exception`, and the fields of the record."""

    def __init__(self, process_name: str = "") -> None:
        super().__init__()
        self._process = process_name

    def format(self, record: logging.LogRecord) -> str:
        own = {
            "ts": _moment(record),
            "level": record.levelname,
            "process": self._process,
            "logger": _short_name(record),
            "message": redact_text(record.getMessage()),
            "exception": redact_text(_traceback(record)),
        }
        fields = _plain(getattr(record, "fields", {}))
        said = {name: value for name, value in own.items() if value}
        return json.dumps(said | {name: value for name, value in fields.items() if name not in own}, ensure_ascii=False)


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _short_name(record: logging.LogRecord) -> str:
    return record.name.removeprefix("pipeline.")


def _traceback(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    parts = (*(traceback.format_exception(error) if error else ()), record.stack_info or "")
    return "".join(parts).rstrip("\n")


def _escaped(control: re.Match[str]) -> str:
    return control[0].encode("unicode_escape").decode()


def _plain(value: Any) -> Any:
    """Return `value` as JSON has it, its texts without credentials."""
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, Mapping):
        return {redact_text(str(name)): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return redact_text(str(value))


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logger.critical("an error that nothing caught ends the process", exc_info=(kind, error, trace))


def _log_unraisable(what: "sys.UnraisableHookArgs") -> None:
    if what.exc_value is not None:
        facts = (what.exc_type, what.exc_value, what.exc_traceback)
        logger.error("an error where none can be raised, as in a finaliser", exc_info=facts)


def _log_uncaught_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is None or issubclass(ended.exc_type, SystemExit):
        return
    thread = ended.thread.name if ended.thread else "unknown"
    facts = (ended.exc_type, ended.exc_value, ended.exc_traceback)
    logger.error("an error that nothing caught ended the thread %s", thread, exc_info=facts)
