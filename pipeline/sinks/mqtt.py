"""Alerts to an MQTT broker."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from paho.mqtt.client import Client, error_string
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from pipeline.alerts.alert import Alert
from pipeline.alerts.message import encode
from pipeline.alerts.receiver import ReceiverError
from pipeline.errors import ConfigError
from pipeline.sinks.tls import tls_context, tls_reason

AT_LEAST_ONCE = 1
RESERVED = "+#/\0"
"""What a stream's id must not hold where it is a level of a topic."""


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to publish, and who says so; `tls` verifies certificates, by those of `ca_file` or the system's."""

    host: str
    port: int = 1883
    topic: str = "maskstream/alerts"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: Path | None = None

    def __post_init__(self) -> None:
        if not self.topic or set(self.topic) & set("+#\0"):
            raise ConfigError(f"the topic of alerts is a text without + and #, got {self.topic!r}")


class Mqtt:
    """Publishes each notice as JSON (`configs/alerts/alert.schema.json`) at `TOPIC/STREAM`, at least once (QoS 1).

    Each notice has a connection of its own (MQTT 3.1.1): alerts are rare, and so it is known at once whether the
    broker is there. The broker's acknowledgement is the receipt; nothing is retained.
    """

    def __init__(self, broker: Broker, name: str | None = None) -> None:
        """Raises ConfigError where the broker's `ca_file` can't be read."""
        self._broker = broker
        self._name = name or f"mqtt {broker.host}:{broker.port}"
        self._tls = _tls_context(broker.ca_file) if broker.tls else None

    @property
    def name(self) -> str:
        return self._name

    def deliver(self, alert: Alert, timeout_s: float) -> None:
        """Publish the notice once and wait for its acknowledgement; raise ReceiverError where none came."""
        session = _Session(self._client(timeout_s), timeout_s)
        try:
            session.connect(self._broker)
            session.publish(self._topic(alert.stream), encode(alert))
        finally:
            session.close()

    def _client(self, timeout_s: float) -> Client:
        client = Client(CallbackAPIVersion.VERSION2)
        client.connect_timeout = timeout_s
        if self._broker.username is not None:
            client.username_pw_set(self._broker.username, self._broker.password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        return client

    def _topic(self, stream: str) -> str:
        level = "".join("_" if letter in RESERVED else letter for letter in stream)
        return f"{self._broker.topic}/{level}"


class _TlsSocket(ssl.SSLSocket):
    """Closes after a failed handshake; paho leaves that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _tls_context(ca_file: Path | None) -> ssl.SSLContext:
    context = tls_context(ca_file)
    context.sslsocket_class = _TlsSocket
    return context


class _Session:
    """One connection, driven by the caller's thread: paho's own threads would outlive a timeout."""

    def __init__(self, client: Client, timeout_s: float) -> None:
        self._client = client
        self._timeout_s = timeout_s
        self._deadline_s = time.monotonic() + timeout_s
        self._answer: ReasonCode | None = None
        client.on_connect = self._take_answer

    def connect(self, broker: Broker) -> None:
        try:
            self._client.connect(broker.host, broker.port)
        except ssl.SSLError as error:
            raise ReceiverError(f"its TLS was not accepted ({tls_reason(error)})") from error
        except (OSError, ValueError) as error:
            raise ReceiverError(_reason(error, self._timeout_s)) from error
        self._run_until(lambda: self._answer is not None)
        if self._answer is None or self._answer.is_failure:
            raise ReceiverError(f"the broker refused the connection: {self._answer}")

    def publish(self, topic: str, payload: bytes) -> None:
        receipt = self._client.publish(topic, payload, AT_LEAST_ONCE)
        self._run_until(receipt.is_published)

    def close(self) -> None:
        """Take leave; the client closes its sockets once nothing refers to it, a callback of ours least of all."""
        self._client.disconnect()
        self._client.on_connect = None

    def _take_answer(self, _client: Client, _data: object, _flags: object, answer: ReasonCode, _more: object) -> None:
        self._answer = answer

    def _run_until(self, is_done: Callable[[], bool]) -> None:
        while not is_done():
            left_s = self._deadline_s - time.monotonic()
            if left_s <= 0:
                raise ReceiverError(f"no answer within {self._timeout_s:g} s")
            status = self._client.loop(left_s)
            if status is not MQTTErrorCode.MQTT_ERR_SUCCESS and not is_done():
                raise ReceiverError(f"the connection broke ({error_string(status)})")


def _reason(error: OSError | ValueError, timeout_s: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_s:g} s"
    if isinstance(error, socket.gaierror):
        return "its name can't be looked up"
    return f"it takes no connection ({getattr(error, 'strerror', None) or type(error).__name__})"
