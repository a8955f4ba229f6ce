"""The HTTP service of a configuration: where it listens, and what it lets through."""

import ipaddress
import re
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, SecretStr, model_validator

from pipeline.config.alerts import Host
from pipeline.config.strict import Strict, mistake

MIN_TOKEN_CHARACTERS = 16

MAX_HASH_MEMORY_KIB = 1024 * 1024
"""A hash that asks for more would let a few sign-ins take the machine's memory."""

_HASH = re.compile(r"\$argon2id\$v=19\$m=(\d{1,10}),t=\d{1,3},p=\d{1,3}\$[A-Za-z0-9+/]{8,}\$[A-Za-z0-9+/]{16,}")
_DOMAIN = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)


def _token(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if len(text) < MIN_TOKEN_CHARACTERS or not re.fullmatch("[!-~]+", text):
        raise mistake(
            f"at least {MIN_TOKEN_CHARACTERS} letters, digits and signs of ASCII without spaces, such as `openssl rand "
            "-hex 32` prints"
        )
    return token


def _password_hash(written: SecretStr) -> SecretStr:
    found = _HASH.fullmatch(written.get_secret_value())
    if found is None or int(found[1]) > MAX_HASH_MEMORY_KIB:
        raise mistake("a line that `maskstream password` printed: it begins with $argon2id$")
    return written


def _proxy(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise mistake("an address, or a network such as 10.0.7.0/24") from None


def _host_pattern(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        if not _DOMAIN.fullmatch(text) or re.fullmatch(r"[\d.]+", text):
            raise mistake("a host name, *.DOMAIN, an address, or a network such as 10.0.7.0/24") from None
    return text.lower()


HostPattern: TypeAlias = Annotated[str, AfterValidator(_host_pattern)]
Proxy: TypeAlias = Annotated[str, AfterValidator(_proxy)]


class HttpConfig(Strict):
    """The HTTP service: pages, metrics, health, live pictures and the REST interface."""

    bind_address: Host = "127.0.0.1"
    """127.0.0.1 is for this machine alone; 0.0.0.0 is for all, and then a token or a password is needed."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes a free one and prints it."""
    token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    """Programs show it with every change, and with every view where bind_address is not this machine's own."""
    password_hash: Annotated[SecretStr, AfterValidator(_password_hash)] | None = None
    """What `maskstream password` printed: people sign in with that password; left out: with the token."""
    proxies: tuple[Proxy, ...] = ()
    """Reverse proxies in front, whose X-Forwarded-For and X-Forwarded-Proto are believed; views then need a sign-in."""
    max_requests_per_minute: Annotated[int, Field(ge=60, le=1_000_000)] = 3000
    """Of one address; what comes above is told when to come back."""
    max_requests_at_once: Annotated[int, Field(ge=8, le=10_000)] = 64
    """Of one address, live pictures and events among them."""
    max_uploads_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 600
    """Requests with pictures and clips of one address."""
    max_uploads_at_once: Annotated[int, Field(ge=1, le=1000)] = 16
    """The same at a time."""
    rest_url_schemes: tuple[Literal["rtsp", "rtsps", "http", "https"], ...] = ("rtsp", "rtsps")
    """The schemes that the URL of a stream made over REST may have."""
    rest_url_hosts: tuple[HostPattern, ...] = ()
    """The hosts that it may name: names, *.DOMAIN, addresses, networks; with none, REST makes no streams."""

    @model_validator(mode="after")
    def _asks_for_a_sign_in_elsewhere(self) -> Self:
        if not (self.is_open or self.can_sign_in):
            raise ValueError(
                "token is needed where bind_address is not this machine's own (127.0.0.1, ::1, localhost) or proxies "
                "are named; password_hash will do where people sign in and no program asks"
            )
        return self

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the service."""
        try:
            return ipaddress.ip_address(self.bind_address).is_loopback
        except ValueError:
            return self.bind_address.lower() == "localhost"

    @property
    def is_open(self) -> bool:
        """Whether everybody who reaches the service may look: only this machine does, and for nobody else."""
        return self.is_local and not self.proxies

    @property
    def can_sign_in(self) -> bool:
        """Whether there is a password."""
        return self.token is not None or self.password_hash is not None
