"""HTTP connections that nobody can hold for nothing."""

import asyncio
from collections.abc import Collection
from ipaddress import ip_address, ip_network

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_TIMEOUT_S = 15.0
"""A connection on which the head of a request does not come for so long is closed."""

MAX_CONNECTIONS = 512
"""Of all, half of the files that a process may have open where nobody raised that limit; what comes above is closed."""

MAX_CONNECTIONS_OF_ONE = 128
"""Of one address: it may have more requests at once than that only where it is a proxy."""


class BoundedProtocol(H11Protocol):
    """Uvicorn's, which would keep open whatever is opened, for as long as somebody likes."""

    proxies: Collection[str] = ()
    """The networks of proxies, each connection of which may be another visitor's."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS or self._has_too_many():
            transport.abort()
        else:
            self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def _has_too_many(self) -> bool:
        address = self.client[0] if self.client else ""
        ours = (each for each in self.connections if isinstance(each, BoundedProtocol))
        count = sum(each.client is not None and each.client[0] == address for each in ours)
        return count > MAX_CONNECTIONS_OF_ONE and not self._is_proxy(address)

    def _is_proxy(self, address: str) -> bool:
        return any(ip_address(address) in ip_network(proxy) for proxy in self.proxies)

    def _watch_head(self) -> None:
        """Give the head of the next request its time, which begins with the first look, however often it is asked."""
        if self.conn.their_state is not h11.IDLE:
            self._forget_head()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT_S, self.transport.close)

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


def protocol_for(proxies: Collection[str]) -> type[BoundedProtocol]:
    """Return the protocol of a service behind `proxies`, which are networks."""
    return type("ProtocolBehindProxies", (BoundedProtocol,), {"proxies": tuple(proxies)})
