"""A TCP connection, encrypted or not, whose waits end by a patience, in the shape that `http.client` takes."""

import errno
import io
import os
import select
import socket
import ssl
from typing import TYPE_CHECKING

from pipeline.sources.patience import SLICE_S, Patience
from pipeline.sources.resolving import SocketAddress, resolve

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

# As in FFmpeg's RTSP, certificates are not checked: cameras have signed theirs themselves.
_TLS = ssl.create_default_context()
_TLS.check_hostname = False
_TLS.verify_mode = ssl.CERT_NONE


class Wire:
    """A connection that was made; its reads raise TimeoutError where the patience is at an end."""

    def __init__(self, connection: socket.socket, patience: Patience) -> None:
        self._connection = connection
        self._patience = patience
        self._has_reader = False

    @classmethod
    def dial(cls, host: str, port: int, patience: Patience) -> "Wire":
        """Connect to `host`, address by address; raise OSError where none accepts."""
        refusal = OSError(errno.EADDRNOTAVAIL, "the name of its host has no address")
        for address in resolve(host, port, patience):
            try:
                return cls(_connected(address, patience), patience)
            except OSError as error:
                refusal = error
        raise refusal

    def encrypted(self, host: str) -> "Wire":
        """Return this connection with TLS on it; raise OSError where the other side has none."""
        connection = _TLS.wrap_socket(self._connection, server_hostname=host, do_handshake_on_connect=False)
        try:
            self._patience.outlast(connection.do_handshake)
        except BaseException:
            connection.close()
            raise
        return Wire(connection, self._patience)

    def sendall(self, data: "ReadableBuffer") -> None:
        self._connection.sendall(data)

    def makefile(self, _: str) -> io.BufferedReader:
        """Return a reader, which the connection is closed with."""
        self._has_reader = True
        return io.BufferedReader(_Reader(self._connection, self._patience))

    def close(self) -> None:
        """Close the connection, unless a reader of it lives on."""
        if not self._has_reader:
            self._connection.close()


class _Reader(io.RawIOBase):
    def __init__(self, connection: socket.socket, patience: Patience) -> None:
        super().__init__()
        self._connection = connection
        self._patience = patience

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        return self._patience.outlast(lambda: self._connection.recv_into(buffer))

    def close(self) -> None:
        self._connection.close()
        super().close()


def _connected(address: SocketAddress, patience: Patience) -> socket.socket:
    family, where = address
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        refusal = connection.connect_ex(where)
        if refusal == errno.EINPROGRESS:
            patience.outlast(lambda: _wait_until_writable(connection))
            refusal = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if refusal:
            raise OSError(refusal, os.strerror(refusal))
        connection.settimeout(SLICE_S)
    except BaseException:
        connection.close()
        raise
    return connection


def _wait_until_writable(connection: socket.socket) -> None:
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    if not poll.poll(SLICE_S * 1000):
        raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
