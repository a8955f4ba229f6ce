"""A real MQTT broker on this machine alone: Debian's Mosquitto."""

import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.machine import require_system

POLL_S = 0.1
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Message:
    topic: str
    payload: bytes
    qos: int
    retain: bool


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def broker(folder: Path, port: int, lines: Sequence[str] = ("allow_anonymous true",)) -> Iterator[None]:
    """Run a broker with those lines of configuration; it is up when the context begins."""
    mosquitto = require_system("mosquitto")
    configuration = folder / "mosquitto.conf"
    # Run by root it would become a user who can't read the folder.
    configuration.write_text("\n".join((f"listener {port} 127.0.0.1", "user root", "log_dest stderr", *lines, "")))
    with subprocess.Popen([mosquitto, "-v", "-c", str(configuration)], stderr=subprocess.PIPE, text=True) as run:
        try:
            _wait_until_it_says(run, "running")
            # It says so before its loop begins, and a signal that comes in between is lost: the first look at a socket
            # is made by the loop.
            socket.create_connection(("127.0.0.1", port), PATIENCE_S).close()
            _wait_until_it_says(run, "onnection from 127.0.0.1")  # "Client connection ... failed" where it wants TLS
            yield
        finally:
            run.terminate()
            run.communicate()


@contextmanager
def subscriber(port: int, topic: str = "#") -> Iterator[Iterator[Message]]:
    """Subscribe without TLS; the iterator waits for each message."""
    client = Client(CallbackAPIVersion.VERSION2)
    messages: list[Message] = []
    is_subscribed: list[bool] = []

    def take(_client: Client, _data: object, message: MQTTMessage) -> None:
        messages.append(Message(message.topic, bytes(message.payload), message.qos, message.retain))

    client.on_message = take
    client.on_subscribe = lambda *_: is_subscribed.append(True)
    client.connect("127.0.0.1", port)
    client.subscribe(topic, qos=1)
    _loop_until(client, is_subscribed)
    try:
        yield _received(client, messages)
    finally:
        client.disconnect()


def _received(client: Client, messages: list[Message]) -> Iterator[Message]:
    while True:
        _loop_until(client, messages)
        yield messages.pop(0)


def _loop_until(client: Client, arrived: Sequence[object]) -> None:
    for _ in range(round(PATIENCE_S / POLL_S)):
        if arrived:
            return
        client.loop(POLL_S)
    raise AssertionError(f"nothing came from the broker in {PATIENCE_S} s")


def _wait_until_it_says(run: "subprocess.Popen[str]", words: str) -> None:
    assert run.stderr is not None
    said: list[str] = []
    for line in run.stderr:  # its stdout is buffered
        said.append(line)
        if words in line:
            return
    raise AssertionError(f"the broker ended: {''.join(said)}")
