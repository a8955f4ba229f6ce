"""How RTP packets reach the client: between the answers on its TCP connection, or as datagrams."""

import re
import socket
import struct
import threading
from typing import Protocol

_PORT_PAIR_ATTEMPTS = 100


class Transport(Protocol):
    """Carries the RTP packets of one session."""

    @property
    def header(self) -> str:
        """The value of the Transport header that answers SETUP."""
        ...

    def send(self, packet: bytes) -> None:
        """Send one packet; raises OSError where the client is gone."""
        ...

    def close(self) -> None: ...


class Line:
    """The client's TCP connection, on which answers and interleaved packets take turns."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    @property
    def client_host(self) -> str:
        return str(self._connection.getpeername()[0])

    def send(self, data: bytes) -> None:
        with self._lock:
            self._connection.sendall(data)


class Interleaved:
    """RFC 2326, 10.12: `$`, the channel, the length, the packet."""

    def __init__(self, line: Line, channel: int) -> None:
        self._line = line
        self._channel = channel

    @property
    def header(self) -> str:
        return f"RTP/AVP/TCP;unicast;interleaved={self._channel}-{self._channel + 1}"

    def send(self, packet: bytes) -> None:
        self._line.send(struct.pack(">cBH", b"$", self._channel, len(packet)) + packet)

    def close(self) -> None:
        """The line belongs to the connection."""


class Datagrams:
    """RTP over UDP from an even port; what the client sends to it or to the odd one above is not read."""

    def __init__(self, client_host: str, client_port: int) -> None:
        self._client = (client_host, client_port)
        self._rtp, self._rtcp = _port_pair()

    @property
    def header(self) -> str:
        port = self._rtp.getsockname()[1]
        client_port = self._client[1]
        return f"RTP/AVP;unicast;client_port={client_port}-{client_port + 1};server_port={port}-{port + 1}"

    def send(self, packet: bytes) -> None:
        self._rtp.sendto(packet, self._client)

    def close(self) -> None:
        self._rtp.close()
        self._rtcp.close()


def transport_for(asked: str, line: Line) -> Transport:
    """Return what the Transport header of a SETUP asks for."""
    if "TCP" in asked:
        channel = re.search(r"interleaved=(\d+)", asked)
        return Interleaved(line, int(channel[1]) if channel else 0)
    port = re.search(r"client_port=(\d+)", asked)
    if port is None:
        raise ValueError(f"a transport needs interleaved channels or client ports, got {asked!r}")
    return Datagrams(line.client_host, int(port[1]))


def _port_pair() -> tuple[socket.socket, socket.socket]:
    for _ in range(_PORT_PAIR_ATTEMPTS):
        rtp, rtcp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        rtp.bind(("127.0.0.1", 0))
        port = rtp.getsockname()[1]
        try:
            if port % 2 == 0:
                rtcp.bind(("127.0.0.1", port + 1))
                return rtp, rtcp
        except OSError:
            pass  # the port above is taken
        rtp.close()
        rtcp.close()
    raise OSError("no pair of free UDP ports was found")
