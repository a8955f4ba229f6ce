"""A `maskstream run` that a benchmark asks over HTTP, as any other client does."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http.client import HTTPResponse
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from benchmarks.process_usage import Usage, children_of, usage_of

TOKEN = "a-token-of-the-benchmarks-0123456789"
STREAMS = "/api/v1/streams"
PATIENCE_S = 300.0
"""What takes longer on a busy machine has gone wrong."""

LAST_WORDS = 40

_POLL_S = 0.1


class Service:
    """Runs a configuration, as a context; its log goes to `folder/service.log`. Any thread may ask."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        """A free port and a token are filled in; REST may name cameras of this machine."""
        self._folder = folder
        http = {"port": 0, "token": TOKEN, "rest_url_hosts": ["127.0.0.1"]}
        self._config = {"http": http, "log": {"format": "json"}, **config}
        self.url = ""

    def __enter__(self) -> Self:
        path = self._folder / "cameras.yaml"
        path.write_text(yaml.safe_dump(self._config), encoding="utf-8")
        words = [str(Path(sys.executable).with_name("maskstream")), "run", str(path)]
        with (self._folder / "service.log").open("wb") as log:
            self._process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().removeprefix("live page: ").strip().removesuffix("/live")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE_S)
        if kind is not None:
            log = (self._folder / "service.log").read_text(encoding="utf-8").splitlines()
            print("the service's last words:", *log[-LAST_WORDS:], sep="\n", file=sys.stderr)

    def open(self, path: str, method: str = "GET", body: object = None) -> HTTPResponse:
        """Return the answer, to be read and closed; raise urllib.error.HTTPError where it is an error."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers, method=method)
        answer: HTTPResponse = urllib.request.urlopen(request, timeout=PATIENCE_S)
        return answer

    def ask(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Return the JSON of the answer, None where there is no content."""
        with self.open(path, method, body) as answer:
            return json.loads(answer.read() or b"null")

    def families(self) -> list[Metric]:
        """Return what `/metrics` shows."""
        with self.open("/metrics") as answer:
            return list(text_string_to_metric_families(answer.read().decode()))

    def series(self) -> int:
        """Return how many series `/metrics` shows; those that differ by their reason alone count as one.

        A camera that is lost in another way than ever before begins one, which is no growth.
        """
        samples = (sample for family in self.families() for sample in family.samples)
        return len({(sample.name, frozenset({**sample.labels, "reason": ""}.items())) for sample in samples})

    def reconnects(self) -> dict[str, int]:
        """Return how often each stream has come back."""
        counts: dict[str, int] = {}
        for family in self.families():
            for sample in family.samples:
                if sample.name == "maskstream_reconnects_total":
                    stream = sample.labels["stream"]
                    counts[stream] = counts.get(stream, 0) + int(sample.value)
        return counts

    @property
    def pids(self) -> tuple[int, ...]:
        """The parent, and then each worker."""
        return (self._process.pid, *children_of(self._process.pid))

    def usages(self) -> tuple[Usage, ...]:
        """Return what the parent holds, and then each worker."""
        return tuple(usage_of(pid) for pid in self.pids)

    def wait_until_live(self, streams: Sequence[str], for_s: float) -> None:
        """Return when each of these has been live for so long."""

        def are_live() -> bool:
            now = datetime.now(UTC)
            found = {stream["id"]: stream for stream in self.ask(STREAMS)["streams"]}
            return all(_live_s(found[stream], now) >= for_s for stream in streams)

        wait_for(are_live, f"{', '.join(streams)} to be live for {for_s:g} s")

    def wait_for_state(self, stream: str, *states: str) -> None:
        """Return when a stream is in one of these states."""
        wait_for(lambda: self.ask(f"{STREAMS}/{stream}")["state"] in states, f"{stream} to be {' or '.join(states)}")


def _live_s(stream: Mapping[str, Any], now: datetime) -> float:
    """Return for how long a stream has been live, below 0 where it is not."""
    return (now - datetime.fromisoformat(stream["since_utc"])).total_seconds() if stream["state"] == "live" else -1.0


def wait_for(is_reached: Callable[[], bool], what: str) -> None:
    """Look until it is so; raise TimeoutError after `PATIENCE_S`."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not is_reached():
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"waited {PATIENCE_S:.0f} s in vain for {what}")
        time.sleep(_POLL_S)
