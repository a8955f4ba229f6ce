"""The server: listens, dies, comes back, keeps silent, asks for a password."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from benchmarks.rtsp.auth import Credentials
from benchmarks.rtsp.camera import HANDSHAKE_TIMEOUT_S, Camera
from benchmarks.rtsp.connection import Connection


class RtspServer:
    """Serves cameras by path on a port of this machine, as a context.

    `kill` and `revive` keep the port. All threads are joined when `kill` or the context ends.
    """

    def __init__(self, cameras: Mapping[str, Camera], credentials: Credentials | None = None) -> None:
        self._cameras = dict(cameras)
        self._credentials = credentials
        self._connections: list[Connection | _Mute] = []
        self._changed = threading.Condition()
        self._accepted = 0
        self._is_mute = False
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self.revive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()

    def url(self, path: str, *, with_credentials: bool = True) -> str:
        """Return the address of a camera."""
        shown = self._credentials if with_credentials else None
        login = f"{shown.user}:{shown.password}@" if shown else ""
        return f"rtsp://{login}127.0.0.1:{self.port}/{path}"

    def kill(self) -> None:
        """Hang up on every client and listen no more: who connects is refused."""
        if self._listener is None or self._thread is None:
            return
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread, which `close` does not
        self._thread.join()
        self._listener.close()
        self._listener = None
        self.hang_up()

    def revive(self) -> None:
        """Listen again, on the port of before."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, args=(self._listener,), name=f"rtsp-accept-{self.port}")
        self._thread.start()

    def hang_up(self) -> None:
        """End every connection, with new ones welcome."""
        with self._changed:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def mute(self) -> None:
        """Hang up, then accept clients and never answer them."""
        self._is_mute = True
        self.hang_up()

    def unmute(self) -> None:
        """Answer new clients; those that wait in vain are hung up on."""
        self._is_mute = False
        self.hang_up()

    def ask_for(self, credentials: Credentials | None) -> None:
        """Hang up, then let in only who knows these."""
        self._credentials = credentials
        self.hang_up()

    @property
    def accepted(self) -> int:
        """How many clients have been accepted so far."""
        return self._accepted

    def wait_until_accepted(self, count: int) -> None:
        """Return when `accepted` has reached `count`."""
        with self._changed:
            reached = self._changed.wait_for(lambda: self._accepted >= count, HANDSHAKE_TIMEOUT_S)
        assert reached, f"{self._accepted} of {count} clients came"

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # killed
            with self._changed:
                self._accepted += 1
                connection = _Mute(client) if self._is_mute else self._connection(client)
                self._connections.append(connection)
                connection.start()
                self._changed.notify_all()

    def _connection(self, client: socket.socket) -> Connection:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Connection(client, self._cameras, self._credentials, self._accepted)


class _Mute:
    """A client that is never answered."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def start(self) -> None:
        """Nothing is read."""

    def close(self) -> None:
        self._client.close()
