"""The log that a service leaves on stderr, as it comes out of real processes."""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.logs import JsonLines, LineHandler, TextLines
from pipeline.sources.stream_state import StreamState

REPOSITORY = Path(__file__).parents[2]
LINES = 200
SECRET = "sesame"
URL = f"rtsp://viewer:{SECRET}@camera/1"
SHOWN = "rtsp://***@camera/1"
BEGIN = """
import logging, sys, threading, warnings
from pipeline.logs import configure_logs
log = logging.getLogger("pipeline.streams")
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Run what `program` does after the imports; SECRET may not be in what it wrote."""
    words = (sys.executable, "-c", BEGIN + program)
    ended = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert ended.stdout == ""
    assert SECRET not in ended.stderr
    return ended


def lines_of(program: str) -> list[str]:
    ended = run(program)
    assert ended.returncode == 0, ended.stderr
    return ended.stderr.splitlines()


def objects_of(program: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines_of(f"configure_logs('json')\n{program}")]


def record_of(message: str, *arguments: object, fields: dict[str, object] | None = None) -> logging.LogRecord:
    record = logging.LogRecord("pipeline.streams", logging.INFO, __file__, 1, message, arguments, None)
    if fields is not None:
        record.fields = fields
    return record


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    try:
        yield reading, writing
    finally:
        os.close(reading)
        os.close(writing)


def test_a_line_of_text_has_moment_level_logger_and_message() -> None:
    (line,) = lines_of("configure_logs()\nlog.info('line7-front: live')")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO streams line7-front: live", line)


def test_a_worker_tells_its_name_in_both_formats() -> None:
    assert TextLines("worker-1").format(record_of("live")).endswith(" INFO worker-1:streams live")
    assert json.loads(JsonLines("worker-1").format(record_of("live")))["process"] == "worker-1"


def test_json_has_the_fields_of_a_record_as_keys() -> None:
    (line,) = objects_of(
        "log.warning('line7-front: lost', extra={'fields': {'stream': 'line7-front', 'retry_s': 0.5, 'level': 9}})"
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("ts"))
    assert line == {
        "level": "WARNING",
        "logger": "streams",
        "message": "line7-front: lost",
        "stream": "line7-front",
        "retry_s": 0.5,
    }


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (StreamState.LIVE, StreamState.LIVE.value),
        (float("inf"), "inf"),
        (None, None),
        ((1, True, {"url": URL}), [1, True, {"url": SHOWN}]),
        (Path("clips"), "clips"),
        ("caf\u00e9 \udcff", "caf\u00e9 \udcff"),
    ],
)
def test_fields_of_any_kind_are_json(value: object, written: object) -> None:
    assert json.loads(JsonLines().format(record_of("live", fields={"value": value})))["value"] == written


def test_debug_lines_come_when_asked_for() -> None:
    assert lines_of("configure_logs(level='info')\nlog.debug('hidden')") == []
    assert len(lines_of("configure_logs(level='debug')\nlog.debug('shown')")) == 1


def test_libraries_that_tell_each_request_are_quiet() -> None:
    names = ("uvicorn.access", "httpx", "urllib3.connectionpool", "paho.mqtt.client", "absl", "asyncio")
    assert (
        lines_of(f"configure_logs(level='debug')\nfor name in {names}: logging.getLogger(name).info('request')") == []
    )


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()])
def test_credentials_are_in_no_part_of_a_line(formatter: logging.Formatter) -> None:
    record = record_of("can't open %s", URL, fields={"url": URL, URL: 1})
    try:
        raise OSError(f"refused: '{URL}'")
    except OSError:
        record.exc_info = sys.exc_info()
    line = formatter.format(record)
    assert SECRET not in line
    assert f"can't open {SHOWN}" in line
    assert f"OSError: refused: '{SHOWN}'" in line


def test_a_traceback_is_indented_text_or_a_part_of_one_json_line() -> None:
    program = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    log.exception('failed')"
    head, *below = lines_of(f"configure_logs()\n{program}")
    assert head.endswith("ERROR streams failed")
    assert below[-1] == "  ZeroDivisionError: division by zero"
    assert all(line.startswith("  ") for line in below)

    (line,) = objects_of(program)
    assert line["exception"].endswith("\nZeroDivisionError: division by zero")


def test_an_error_that_is_none_is_no_traceback() -> None:
    (line,) = objects_of("log.error('failed', exc_info=True)")
    assert "exception" not in line


def test_no_message_forges_a_line_or_moves_the_cursor() -> None:
    line = TextLines().format(record_of("camera said %s", "no\n2026-11-22T05:00:00.000Z INFO all is well\x1b[2K\u2028"))
    assert line.endswith(r"camera said no\n2026-11-22T05:00:00.000Z INFO all is well\x1b[2K\u2028")


def test_warnings_are_lines_of_the_log() -> None:
    (line,) = objects_of(f"warnings.warn('deprecated: {URL}')")
    assert line["logger"] == "py.warnings"
    assert f"deprecated: {SHOWN}" in line["message"]


def test_what_nothing_caught_is_logged_without_credentials() -> None:
    ended = run(f"configure_logs('json')\nraise OSError('{URL}')")
    (line,) = map(json.loads, ended.stderr.splitlines())
    assert (ended.returncode, line["level"], line["logger"]) == (1, "CRITICAL", "logs")
    assert line["exception"].endswith(f"OSError: {SHOWN}")


def test_a_thread_that_dies_is_logged_with_its_name() -> None:
    (line,) = objects_of(
        f"def fail(): raise OSError('{URL}')\n"
        "thread = threading.Thread(target=fail, name='read:front')\nthread.start()\nthread.join()"
    )
    assert line["level"] == "ERROR"
    assert line["message"].endswith("read:front")
    assert line["exception"].endswith(f"OSError: {SHOWN}")


def test_an_error_in_a_finaliser_is_logged() -> None:
    (line,) = objects_of(f"class Camera:\n    def __del__(self): raise OSError('{URL}')\ncamera = Camera()\ndel camera")
    assert line["exception"].endswith(f"OSError: {SHOWN}")


def test_an_interrupt_is_no_error_of_the_log() -> None:
    ended = run("configure_logs('json')\nraise KeyboardInterrupt")
    assert ended.returncode == -signal.SIGINT
    assert ended.stderr.endswith("\nKeyboardInterrupt\n")


def test_a_crash_leaves_the_stacks_of_all_threads() -> None:
    ended = run("import os, signal\nconfigure_logs()\nos.kill(os.getpid(), signal.SIGSEGV)")
    assert ended.returncode == -signal.SIGSEGV
    assert "Segmentation fault" in ended.stderr
    assert 'File "<string>", line' in ended.stderr


def test_a_record_that_can_not_be_formatted_shows_no_arguments() -> None:
    with pipe() as (reading, writing):
        LineHandler(TextLines(), writing).handle(record_of("%d frames", URL))
        line = os.read(reading, 65536).decode()
    assert SECRET not in line
    assert line.endswith(f"ERROR streams the record of {Path(__file__).name}:1 can't be formatted: TypeError\n")


def test_a_reader_that_has_gone_disturbs_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        LineHandler(TextLines(), writing).handle(record_of("live"))
    finally:
        os.close(writing)


def test_lines_of_many_writers_do_not_mix() -> None:
    with pipe() as (reading, writing):
        # Handlers of their own, as processes have: no lock is between them.
        threads = [threading.Thread(target=write_lines, args=(writing, name)) for name in "abcd"]
        for thread in threads:
            thread.start()
        lines = read_lines(reading, 4 * LINES)
        for thread in threads:
            thread.join()
    messages = [json.loads(line)["message"] for line in lines]
    assert sorted(messages) == sorted(name * 1000 for name in "abcd" for _ in range(LINES))


def write_lines(fd: int, name: str) -> None:
    handler = LineHandler(JsonLines(), fd)
    for _ in range(LINES):
        handler.handle(record_of(name * 1000))


def read_lines(fd: int, count: int) -> list[bytes]:
    read = b""
    while read.count(b"\n") < count:
        read += os.read(fd, 65536)
    return read.splitlines()
