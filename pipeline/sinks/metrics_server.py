"""The HTTP server behind `--metrics-port`."""

import socket
import threading
from socketserver import TCPServer, ThreadingMixIn
from typing import Self

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import MetricsHandler

from pipeline.errors import ConfigError

LOOPBACK = "127.0.0.1"
MAX_PORT = 65_535
POLL_S = 0.1
"""How long `stop` may take."""


class _Server(ThreadingMixIn, TCPServer):
    """Unlike http.server's own, it never asks a name server for the machine's name."""

    allow_reuse_address = True
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


class MetricsServer:
    """Serves a registry at `http://HOST:PORT/metrics` from a thread named `metrics`.

    Only this machine can reach it unless `host` says otherwise. Port 0 takes a free one: see `port`.
    """

    def __init__(self, port: int, registry: CollectorRegistry, host: str = LOOPBACK) -> None:
        if not 0 <= port <= MAX_PORT:
            raise ConfigError(f"a metrics port lies between 0 and {MAX_PORT}, got {port}")
        server = _Server6 if ":" in host else _Server
        try:
            self._server = server((host, port), MetricsHandler.factory(registry))
        except OSError as error:
            raise ConfigError(
                f"cannot serve metrics on {host} port {port}: {error.strerror or error}; "
                "choose another --metrics-port, or 0 for a free one"
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(POLL_S,), name="metrics")

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port; stopping twice, or before the start, is allowed."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
