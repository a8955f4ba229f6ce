"""The HTTP service of a configuration: where it listens, and what it lets through."""

import ipaddress
import re
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, SecretStr, model_validator

from pipeline.config.alerts import Host
from pipeline.config.strict import Strict, mistake

MIN_TOKEN_CHARACTERS = 16

_DOMAIN = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)


def _token(token: SecretStr) -> SecretStr:
    text = token.get_secret_value()
    if len(text) < MIN_TOKEN_CHARACTERS or not re.fullmatch("[!-~]+", text):
        raise mistake(
            f"at least {MIN_TOKEN_CHARACTERS} letters, digits and signs of ASCII without spaces, such as `openssl rand "
            "-hex 32` prints"
        )
    return token


def _host_pattern(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        if not _DOMAIN.fullmatch(text) or re.fullmatch(r"[\d.]+", text):
            raise mistake("a host name, *.DOMAIN, an address, or a network such as 10.0.7.0/24") from None
    return text.lower()


HostPattern: TypeAlias = Annotated[str, AfterValidator(_host_pattern)]


class HttpConfig(Strict):
    """The HTTP service: metrics, health, live pictures and the REST interface."""

    bind_address: Host = "127.0.0.1"
    """127.0.0.1 is for this machine alone; 0.0.0.0 is for all, and then a token is needed."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes a free one and prints it."""
    token: Annotated[SecretStr, AfterValidator(_token)] | None = None
    """Asked for with every change, and with every view where bind_address is not this machine's own."""
    rest_url_schemes: tuple[Literal["rtsp", "rtsps", "http", "https"], ...] = ("rtsp", "rtsps")
    """The schemes that the URL of a stream made over REST may have."""
    rest_url_hosts: tuple[HostPattern, ...] = ()
    """The hosts that it may name: names, *.DOMAIN, addresses, networks; with none, REST makes no streams."""

    @model_validator(mode="after")
    def _asks_for_a_token_elsewhere(self) -> Self:
        if self.token is None and not self.is_local:
            raise ValueError("token is needed where bind_address is not this machine's own (127.0.0.1, ::1, localhost)")
        return self

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches the service."""
        try:
            return ipaddress.ip_address(self.bind_address).is_loopback
        except ValueError:
            return self.bind_address.lower() == "localhost"
