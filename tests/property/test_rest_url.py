"""Whatever is written into a URL: one that REST allows leads to a host that the configuration lists."""

import ipaddress
import socket
from urllib.parse import urlsplit

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.config.http import HttpConfig
from pipeline.config.rest_url import why_not_allowed

NETWORKS = [ipaddress.ip_network("10.0.7.0/24"), ipaddress.ip_network("fd00:7::/32")]
HTTP = HttpConfig.model_validate({"rest_url_hosts": [*map(str, NETWORKS), "cam.example", "*.bus.example", "*.9"]})

NAMES = [
    "cam.example",
    "bus.example",
    "evil",
    "a",
    "\N{KELVIN SIGN}",
    "\N{FULLWIDTH FULL STOP}",
    "\N{ZERO WIDTH SPACE}",
]
NUMBERS = ["10.0.7.1", "10.0.8.1", "127.1", "0x7f.9", "2130706433", "017700000001", "::ffff:10.0.7.1", "fd00:7::1", "9"]
SIGNS = [*".@:/\\[]?#%;,-_", "..", "%2e", "%40", "%5b", "u:p@", ":554"]
PIECES = st.sampled_from([*NAMES, *NUMBERS, *SIGNS])
ANYTHING = st.lists(PIECES | st.text(max_size=2), max_size=6).map("".join)
ADDRESSES = st.ip_addresses().map(lambda address: f"[{address}]" if address.version == 6 else str(address))


def ffmpegs_host(url: str) -> str:
    """Return the host that FFmpeg's av_url_split finds in `url`."""
    rest = url.partition(":")[2]
    for _ in range(2):
        rest = rest.removeprefix("/")
    end = min(index for index in (*map(rest.find, "/?#"), len(rest)) if index >= 0)
    authority = rest[:end].rpartition("@")[2]
    if authority.startswith("[") and "]" in authority:
        return authority[1:].partition("]")[0]
    return authority.partition(":")[0]


def is_listed(host: str) -> bool:
    """Tell whether the resolver, which takes many forms of an address, comes to a listed host."""
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeEncodeError):
        try:
            found = ipaddress.IPv6Address(host)
        except ValueError:
            return host.lower() == "cam.example" or host.lower().endswith((".bus.example", ".9"))
        address = found.ipv4_mapped or found
    return any(address in network for network in NETWORKS if network.version == address.version)


@settings(max_examples=500)
@given(ANYTHING)
@example("cam.example@10.0.8.1/")
@example("10.0.8.1/@cam.example")
@example("\N{KELVIN SIGN}.bus.example")
def test_what_is_allowed_leads_to_a_listed_host(rest: str) -> None:
    url = f"rtsp://{rest}"
    if why_not_allowed(url, HTTP) is None:
        host = ffmpegs_host(url)
        assert host.isascii()
        assert is_listed(host)
        assert (urlsplit(url).hostname or "") == host.lower()


@given(ADDRESSES)
@example("10.0.7.255")
@example("[fd00:7:ffff::]")
@example("[::ffff:10.0.7.1]")
def test_an_address_is_allowed_where_it_is_listed_and_nowhere_else(host: str) -> None:
    is_allowed = why_not_allowed(f"rtsp://viewer:secret@{host}:554/live", HTTP) is None
    assert is_allowed == is_listed(host.strip("[]"))
