"""Who asks."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.types import Scope

NETWORK_BITS = 64
"""What one subscriber of IPv6 has at least: counted as one, or each of their 2^64 addresses would be a new visitor."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the one who asks is to the service.

    `csrf` is what the changes of a session show in the header X-CSRF-Token; None where nobody has signed in.
    """

    signed_in: bool = False
    can_change: bool = False
    can_sign_in: bool = False
    csrf: str | None = None


async def _visitor(request: Request) -> Visitor:
    visitor: Visitor = request.state.visitor
    return visitor


Visiting: TypeAlias = Annotated[Visitor, Depends(_visitor)]


def address_of(scope: Scope) -> str:
    """Return by what the visitor is counted: the address, of IPv6 its network."""
    client = scope.get("client")
    if not client:
        return ""
    try:
        address = ip_address(client[0])
    except ValueError:
        return str(client[0])
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> NETWORK_BITS << NETWORK_BITS)}/{NETWORK_BITS}"


def is_cross_site(request: Request) -> bool:
    """Tell whether a browser says that a page of another site asks; programs say nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()


def wants_page(request: Request) -> bool:
    """Tell whether a browser asks for something that it shows to its user."""
    return "text/html" in request.headers.get("accept", "")
