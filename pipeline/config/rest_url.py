"""Which cameras REST may open: a URL is held against the schemes and hosts of the configuration.

A name is compared as it is written and never looked up: what it resolves to can change after the check. FFmpeg and the
resolver read odd forms of addresses (`0x7f.1`, `2130706433`) that a comparison of texts would let through, so a host
counts only where it is an ordinary name or an address in its usual form.
"""

import ipaddress
import re
from typing import TypeAlias

from pipeline.config.http import HttpConfig

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_URL = re.compile(r"[a-z]+://(?:[^/?#@]*@)?(?P<host>\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d+)?(?:[/?#].*)?", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


def why_not_allowed(url: str, http: HttpConfig) -> str | None:
    """Return why REST may not open `url`, in words that repeat nothing of it, or None where it may."""
    if not http.rest_url_hosts:
        return "REST makes no streams here: http.rest_url_hosts of the configuration names no host that it may use"
    scheme = url.partition("://")[0].lower()
    if scheme not in http.rest_url_schemes:
        return f"takes a URL that begins with one of {', '.join(f'{name}://' for name in http.rest_url_schemes)}"
    host = host_of(url)
    if host is None:
        return "takes SCHEME://USER:PASSWORD@HOST:PORT/PATH with a name or address as HOST; @ in a password is %40"
    if not any(_matches(host, pattern) for pattern in http.rest_url_hosts):
        return "its host is none of those that http.rest_url_hosts of the configuration allows"
    return None


def host_of(url: str) -> str | Address | None:
    """Return the name (in small letters) or the address that `url` connects to; None where it is not a plain one.

    An IPv4 address in the clothes of IPv6 (`::ffff:10.0.0.7`) is the IPv4 address.
    """
    # Without re.ASCII, and without this, some letters of other alphabets count as k and s in small and capital letters.
    match = _URL.fullmatch(url) if url.isascii() and "\\" not in url else None
    if match is None:
        return None
    host = match["host"].lower()
    address = _address(host)
    return host if address is None and _is_name(host) else address


def _address(host: str) -> Address | None:
    try:
        if not host.startswith("["):
            return ipaddress.IPv4Address(host)
        address = ipaddress.IPv6Address(host[1:-1])
    except ValueError:
        return None
    return address.ipv4_mapped or address


def _is_name(host: str) -> bool:
    """Tell whether `host` is a name: resolvers take one that ends in a number for an address."""
    labels = host.split(".")
    return all(map(_LABEL.fullmatch, labels)) and not re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1])


def _matches(host: str | Address, pattern: str) -> bool:
    try:
        network = ipaddress.ip_network(pattern)
    except ValueError:
        network = None
    if network is None or isinstance(host, str):
        return network is None and isinstance(host, str) and _is_named(host, pattern.lower())
    return host.version == network.version and host in network


def _is_named(host: str, pattern: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
