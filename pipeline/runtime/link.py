"""The line between two processes: whole messages, in order, from any thread."""

import contextlib
import pickle
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Generic, TypeAlias, TypeVar

Sent = TypeVar("Sent")
Received = TypeVar("Received")

SEND_TIMEOUT_S = 10
"""The other end reads all the time: one that has not for so long hangs, and must not make its sender hang too."""


Encode: TypeAlias = Callable[[Any], bytes]
Decode: TypeAlias = Callable[[BinaryIO], Any]


def pickled(message: object) -> bytes:
    """Return what `pickle.load` at the other end makes the message of."""
    return pickle.dumps(message, pickle.HIGHEST_PROTOCOL)


class LinkLostError(Exception):
    """The process at the other end is gone, or hangs."""


class Link(Generic[Sent, Received]):
    """One end of the line. Any thread may send or hang up, one receives.

    Messages are pickled where nothing else is said: both ends are this very program, and nobody else holds the socket.
    What comes from a process that reads files of strangers must not be.
    """

    def __init__(self, end: socket.socket, encode: Encode = pickled, decode: Decode = pickle.load) -> None:
        """Take over one end of a connected pair.

        `decode` reads the next message; EOFError, OSError, UnpicklingError or ValueError of it end the line.
        """
        self._encode = encode
        self._decode = decode
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SEND_TIMEOUT_S, 0))
        self._socket = end
        self._incoming = end.makefile("rb")
        self._sending = threading.Lock()

    def send(self, message: Sent) -> None:
        """Hand a message over; raise LinkLostError where nobody will read it."""
        data = self._encode(message)
        try:
            with self._sending:
                self._socket.sendall(data)
        except OSError as error:
            # A message cut off in its midst would spoil all later ones.
            self.hang_up()
            raise LinkLostError(str(error)) from error

    def received(self) -> Iterator[Received]:
        """Yield the messages as they come, until the other end is gone or either has hung up."""
        while True:
            try:
                message: Received = self._decode(self._incoming)
            except (EOFError, OSError, ValueError, pickle.UnpicklingError):
                return
            yield message

    def hang_up(self) -> None:
        """End the line for both; whoever receives comes to an end."""
        with contextlib.suppress(OSError):  # the other end did so first
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the socket, once nobody receives any more."""
        self._incoming.close()
        self._socket.close()
