"""A real Prometheus that scrapes what a test serves, stepped by its scrapes."""

import json
import socket
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from pipeline.sinks.metrics_server import MetricsServer
from tests.machine import require_system
from tests.promql import PROMETHEUS

INTERVAL = "200ms"
SCRAPE_TIMEOUT_S = 60.0


class Scrapes(Collector):
    """Does something at each scrape, and lets a test wait for the next one."""

    def __init__(self, registry: CollectorRegistry, act: Callable[[], None]) -> None:
        self._act = act
        self._happened = threading.Semaphore(0)
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        self._act()
        self._happened.release()
        yield from ()

    def describe(self) -> Iterator[Metric]:
        yield from ()

    def wait(self) -> None:
        assert self._happened.acquire(timeout=SCRAPE_TIMEOUT_S), "Prometheus does not scrape"


class PrometheusApi:
    """The HTTP API of a server at `address`, "host:port"."""

    def __init__(self, address: str) -> None:
        self._address = address

    def query(self, expression: str) -> list[Any]:
        """Return the result of `expression` now; nothing while the server starts."""
        url = f"http://{self._address}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        try:
            with urllib.request.urlopen(url, timeout=SCRAPE_TIMEOUT_S) as answer:
                found: list[Any] = json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            return []
        except urllib.error.URLError:
            return []
        return found


@contextmanager
def scraping(registry: CollectorRegistry, folder: Path) -> Iterator[PrometheusApi]:
    """Serve `registry`, and run a Prometheus that scrapes it; see `scraping_of`."""
    with (
        MetricsServer(0, registry) as metrics,
        scraping_of(f"127.0.0.1:{metrics.port}", folder) as prometheus,
    ):
        yield prometheus


@contextmanager
def scraping_of(target: str, folder: Path, interval: str = INTERVAL) -> Iterator[PrometheusApi]:
    """Run a Prometheus under the project's configuration, only faster, that scrapes `target`."""
    server = Path(require_system("promtool")).with_name("prometheus")  # one package has both
    address = f"127.0.0.1:{free_port()}"
    config = configuration(target, folder, interval)
    words = [f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={address}"]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen([str(server), *words], stdout=log, stderr=log)
    try:
        yield PrometheusApi(address)
    finally:
        process.terminate()
        process.wait(timeout=SCRAPE_TIMEOUT_S)


def configuration(target: str, folder: Path, interval: str = INTERVAL) -> Path:
    """Write the project's configuration, with its rules, for `target` into `folder`; return its path."""
    content = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    content["global"] = {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval}
    content["rule_files"] = [str(PROMETHEUS / name) for name in content["rule_files"]]
    content["scrape_configs"][0]["static_configs"] = [{"targets": [target]}]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
