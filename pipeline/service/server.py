"""Serves the application from a thread of its own."""

import errno
import logging
import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from pipeline.config.http import HttpConfig
from pipeline.errors import ConfigError
from pipeline.service.connections import protocol_for
from pipeline.service.event_readers import EventReaders
from pipeline.service.watches import Watches

GRACE_S = 1
"""How long requests that are being answered may take once the service is told to stop."""

MAX_THREADS = 8
"""So many requests are computed at a time; watchers of moving pictures take none."""

MAX_UNSENT_BYTES = 64 * 1024
"""So much waits in the kernel for a slow watcher. Without it 133 pictures of 50 KB waited, with it 11, which the
watcher's own machine holds."""

DEAD_AFTER_S = 30
"""A connection whose other side takes and confirms nothing for so long is closed."""


class HttpServer:
    """Answers at `url` from a thread named `http` between `start` and `stop`.

    The port is taken at once: ConfigError tells where that can't be, before anything else begins.
    """

    def __init__(self, app: FastAPI, config: HttpConfig) -> None:
        self._host = config.bind_address
        self._socket = _listening(config)
        self.port: int = self._socket.getsockname()[1]
        """The port it listens on."""
        self._server = _Server(app, config.proxies)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="http")

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        return f"http://{_shown(self._host)}:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self, grace_s: int = GRACE_S) -> None:
        """Stop answering and free the port; stopping twice, or before the start, is allowed."""
        self._server.config.timeout_graceful_shutdown = grace_s
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()


class _Server(uvicorn.Server):
    """Uvicorn, quiet, and with an end for those who watch."""

    def __init__(self, app: FastAPI, proxies: Sequence[str]) -> None:
        self._watches: Watches = app.state.watches
        self._readers: EventReaders = app.state.readers
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=protocol_for(proxies),
                ws="none",
                lifespan="off",
                interface="asgi3",
                workers=1,
                log_config=None,
                log_level=logging.CRITICAL + 1,
                access_log=False,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=list(proxies),
                server_header=False,
            )
        )

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        current_default_thread_limiter().total_tokens = MAX_THREADS
        await super().serve(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._watches.end()
        self._readers.end()
        await super().shutdown(sockets)
        # One who takes nothing would keep what is in the buffer, and with it the connection.
        for connection in self.server_state.connections:
            connection.transport.abort()


def _listening(config: HttpConfig) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            config.bind_address, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _unavailable(config, error) from None
    try:
        _set_options(listener)
        listener.bind(address)
        listener.listen()
    except OSError as error:
        listener.close()
        raise _unavailable(config, error) from None
    return listener


def _set_options(listener: socket.socket) -> None:
    """Set what every connection inherits from `listener`."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, DEAD_AFTER_S)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_AFTER_S * 1000)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, MAX_UNSENT_BYTES)


def _unavailable(config: HttpConfig, error: OSError) -> ConfigError:
    is_taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
    remedy = "port to another one, or to 0 for a free one" if is_taken else "bind_address to an address of this machine"
    place = f"{config.bind_address} port {config.port}"
    return ConfigError(f"cannot serve HTTP on {place}: {error.strerror or error}; set http.{remedy}")


def _shown(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "127.0.0.1" if address.version == 4 else "[::1]"
    return host if address.version == 4 else f"[{host}]"
