"""A real `maskstream run` in a process of its own, stepped by the lines of its log."""

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from prometheus_client.parser import text_string_to_metric_families

HANDSHAKE_TIMEOUT_S = 90.0
TOKEN = "a-token-of-the-tests-0123456789"

ERRORS = ('"level": "ERROR"', '"level": "CRITICAL"', " ERROR ", " CRITICAL ")
"""How either format of the log tells of a fault of the program."""

LogLine = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service answered: the status, the headers, and the body as JSON or bytes."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class RunningService:
    """A context; leaving it sends SIGTERM and waits. `maskstream run CONFIG`, with `config` written to `folder`."""

    def __init__(self, folder: Path, config: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> None:
        self.path = folder / "cameras.yaml"
        self.log: list[LogLine] = []
        self.raw_log: list[str] = []
        self.write(config)
        self._environment = {**os.environ, **(environment or {})}
        self._changed = threading.Condition()
        self._has_ended = False

    def write(self, config: Mapping[str, Any]) -> None:
        """Write the configuration anew; a free port, the tests' token and JSON lines are filled in."""
        http = {"port": 0, "token": TOKEN, **config.get("http", {})}
        log = {"format": "json", **config.get("log", {})}
        self.path.write_text(yaml.safe_dump({**config, "http": http, "log": log}), encoding="utf-8")

    def __enter__(self) -> Self:
        words = [str(Path(sys.executable).with_name("maskstream")), "run", str(self.path)]
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self._environment
        )
        self._reader = threading.Thread(target=self._read, name="service-log")
        self._reader.start()
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        self.url = self.first_line.removeprefix("live page: ").strip().removesuffix("/live")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        errors = [line for line in self.raw_log if any(level in line for level in ERRORS)]
        assert error is not None or not errors, f"the service had errors:\n{''.join(errors)}"

    def stop(self) -> int:
        """End the service and return its exit code; stopping twice is allowed."""
        self.process.terminate()
        code = self.process.wait(HANDSHAKE_TIMEOUT_S)
        self._reader.join()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    def wait_for_line(self, words: str, after: int = 0) -> int:
        """Return the position in `raw_log`, of either format, behind the first line with `words` from `after` on."""

        def found() -> int | None:
            lines = enumerate(self.raw_log[after:], after + 1)
            return next((end for end, line in lines if words in line), None)

        return self._wait(found, words)

    def ask(self, path: str, method: str = "GET", body: object = None, token: str | None = TOKEN) -> Answer:
        """Return the answer to a request, whatever its status."""
        request = urllib.request.Request(f"{self.url}{path}", method=method)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=HANDSHAKE_TIMEOUT_S) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def metrics(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """Return all samples of `/metrics` by name and labels."""
        text = self.ask("/metrics").body.decode()
        families = text_string_to_metric_families(text)
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def metric(self, name: str, **labels: str) -> float:
        """Return one sample; KeyError where there is none."""
        return self.metrics()[f"maskstream_{name}", frozenset(labels.items())]

    def wait_for_state(self, stream: str, state: str, after: int = 0) -> int:
        """Return the position in `log` behind the first such change of state from position `after` on."""
        return self.wait_for_log({"stream": stream, "state": state}, after)

    def wait_for_log(self, fields: Mapping[str, str], after: int = 0) -> int:
        """Return the position behind the first line with these fields from position `after` on."""

        def found() -> int | None:
            lines = enumerate(self.log[after:], after + 1)
            return next((end for end, line in lines if fields.items() <= line.items()), None)

        return self._wait(found, fields)

    def workers(self) -> list[int]:
        """Return the processes below this one that are workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").parent.parent
        tasks = children.glob("*/children")
        return sorted({int(pid) for task in tasks for pid in task.read_text().split()})

    def _wait(self, found: Callable[[], int | None], what: object) -> int:
        with self._changed:
            self._changed.wait_for(lambda: found() or self._has_ended, HANDSHAKE_TIMEOUT_S)
            end = found()
        assert end is not None, f"waited in vain for {what}; the log so far:\n{''.join(self.raw_log)}"
        return end

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._changed:
                self.raw_log.append(line)
                if line.startswith("{"):
                    self.log.append(json.loads(line))
                self._changed.notify_all()
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()
