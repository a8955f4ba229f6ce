"""What the operator wants to be told, and over which channels."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field, SecretStr

from pipeline.config.secret_url import SecretUrl
from pipeline.config.streams import check_authority
from pipeline.config.strict import FilePath, Name, Port, Seconds, Share, Strict, is_plain, mistake


def _receiver(url: SecretUrl) -> SecretUrl:
    text = url.reveal()
    if not re.match("https?://", text, re.IGNORECASE) or not text.isprintable() or " " in text:
        raise mistake("an address that begins with http:// or https:// and has no spaces")
    check_authority(text)
    return url.without_path()


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", text):
        raise mistake("a host's name or address, without scheme and port")
    return text


def _topic(text: str) -> str:
    if not (0 < len(text.encode()) <= 1024 and is_plain(text)) or set("#+") & set(text):
        raise mistake("1 to 1024 bytes of printable characters without # and +, which MQTT keeps for subscriptions")
    return text


Host: TypeAlias = Annotated[str, AfterValidator(_host)]
NotNegative: TypeAlias = Annotated[float, Field(ge=0)]


class _Rule(Strict):
    name: Name
    """Says which alert it is."""
    streams: tuple[Name, ...] = ()
    """The ids of the streams that it watches; left out: every stream."""
    channels: tuple[Name, ...] = ()
    """The names of the channels that are told; left out: every channel."""


class ComplianceRule(_Rule):
    """Too few people wear their masks."""

    when: Literal["compliance_below"]
    """Which kind of rule this is."""
    share: Annotated[float, Field(gt=0, le=1)]
    """The compliance, masked persons of all judged ones, below which it fires."""
    for_s: NotNegative = 300.0
    """How long it has to last."""
    min_persons: Annotated[int, Field(ge=1)] = 20
    """So many judged persons in the window of compliance_window_s at least; fewer tell nothing."""
    margin: Share = 0.05
    """It ends once the compliance is this much above share, so that it does not come and go."""
    clear_s: NotNegative = 60.0
    """How long it has to be better before it ends."""


class CameraDownRule(_Rule):
    """A camera gives no pictures."""

    when: Literal["camera_down"]
    """Which kind of rule this is."""
    for_s: Seconds = 60.0
    """How long it has to last."""
    clear_s: NotNegative = 10.0
    """How long the camera has to stay before it ends."""


class NoFacesRule(_Rule):
    """Nobody is seen, as when a camera was turned away or its lens covered."""

    when: Literal["no_faces"]
    """Which kind of rule this is."""
    for_s: Seconds = 3600.0
    """How long it has to last."""


class WebhookChannel(Strict):
    """Alerts as JSON, by HTTP POST."""

    kind: Literal["webhook"]
    """Which kind of channel this is."""
    name: Name
    """What rules call it."""
    url: Annotated[SecretUrl, AfterValidator(_receiver)]
    """Where alerts are posted; only scheme and host are ever shown."""
    secret: SecretStr | None = None
    """Signs each message: its HMAC-SHA256 stands in the header X-Maskstream-Signature-256."""
    ca_file: FilePath | None = None
    """The certificates to verify it by; by default the system's."""


class MqttChannel(Strict):
    """Alerts as JSON messages of a broker."""

    kind: Literal["mqtt"]
    """Which kind of channel this is."""
    name: Name
    """What rules call it."""
    host: Host
    """The broker."""
    port: Port = 1883
    """Its port; 8883 is usual with TLS."""
    tls: bool = False
    """Whether the connection is encrypted."""
    ca_file: FilePath | None = None
    """The certificates to verify it by; by default the system's."""
    topic: Annotated[str, AfterValidator(_topic)] = "maskstream/alerts"
    """The messages are published under this and the id of the stream."""
    username: str | None = None
    """Of the broker."""
    password: SecretStr | None = None
    """Of the broker."""


Rule: TypeAlias = Annotated[ComplianceRule | CameraDownRule | NoFacesRule, Field(discriminator="when")]
Channel: TypeAlias = Annotated[WebhookChannel | MqttChannel, Field(discriminator="kind")]


class AlertConfig(Strict):
    """Rules, and the channels that are told."""

    rules: tuple[Rule, ...] = ()
    """What to tell."""
    channels: tuple[Channel, ...] = ()
    """Whom to tell."""
