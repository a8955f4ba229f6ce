"""Alerts through a real Mosquitto, and past brokers that are none."""

import socket
import subprocess
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.alerts.alert import Alert, AlertState
from pipeline.alerts.message import encode
from pipeline.alerts.receiver import ReceiverError
from pipeline.errors import ConfigError
from pipeline.retry_waits import RetryWaits
from pipeline.sinks.mqtt import Broker, Mqtt
from pipeline.stages.deliver import Delivery, DeliverySettings, Outcome
from tests.alerts import notice
from tests.certificates import self_signed
from tests.machine import require_system
from tests.mosquitto import Message, broker, free_port, subscriber

LONG_S, SHORT_S = 30.0, 0.2
HOST = "127.0.0.1"


def failure(mqtt: Mqtt, timeout_s: float = LONG_S) -> str:
    """Return what the error of an attempt says, which is no secret."""
    with pytest.raises(ReceiverError) as caught:
        mqtt.deliver(notice(), timeout_s)
    assert not caught.value.is_final
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_notices_reach_a_subscriber_once_each(tmp_path: Path) -> None:
    port = free_port()
    mqtt = Mqtt(Broker(HOST, port, topic="bus/alerts"))
    with broker(tmp_path, port), subscriber(port, "bus/alerts/+") as messages:
        for alert in (notice(1), notice(1, AlertState.RESOLVED), notice(2)):
            mqtt.deliver(alert, LONG_S)
            assert next(messages) == Message("bus/alerts/door-1", encode(alert), 1, False)


def test_a_user_needs_the_right_password(tmp_path: Path) -> None:
    port = free_port()
    passwords = tmp_path / "passwords"
    passwords.touch(mode=0o600)
    command = [require_system("mosquitto_passwd"), "-b", str(passwords), "me", "s3cret"]
    subprocess.run(command, check=True, capture_output=True)
    with broker(tmp_path, port, ("allow_anonymous false", f"password_file {passwords}")):
        Mqtt(Broker(HOST, port, username="me", password="s3cret")).deliver(notice(), LONG_S)
        assert failure(Mqtt(Broker(HOST, port, username="me", password="s3cret-no-more"))) == (
            "the broker refused the connection: Not authorized"
        )
        assert "Not authorized" in failure(Mqtt(Broker(HOST, port)))


def test_tls_is_verified(tmp_path: Path) -> None:
    port = free_port()
    certificate, key = self_signed(tmp_path)
    with broker(tmp_path, port, ("allow_anonymous true", f"certfile {certificate}", f"keyfile {key}")):
        Mqtt(Broker(HOST, port, tls=True, ca_file=certificate)).deliver(notice(), LONG_S)
        assert failure(Mqtt(Broker(HOST, port, tls=True))) == "its TLS was not accepted (self-signed certificate)"


def test_a_certificate_for_another_address_is_refused(tmp_path: Path) -> None:
    port = free_port()
    certificate, key = self_signed(tmp_path, "127.0.0.2")
    with broker(tmp_path, port, ("allow_anonymous true", f"certfile {certificate}", f"keyfile {key}")):
        assert "IP address mismatch" in failure(Mqtt(Broker(HOST, port, tls=True, ca_file=certificate)))


def test_a_broker_that_was_away_gets_its_notices_when_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    with broker(tmp_path, port):
        pass
    mqtt = Mqtt(Broker(HOST, port))
    assert failure(mqtt) == "it takes no connection (Connection refused)"
    outcomes: list[tuple[Alert, Outcome]] = []
    settings = DeliverySettings(waits=RetryWaits(0.001, 0.05), attempts=1_000_000)
    delivery = Delivery(mqtt, settings, lambda alert, outcome: outcomes.append((alert, outcome)))
    with broker(tmp_path, port), subscriber(port) as messages:
        delivery.start()
        delivery.submit(notice())
        assert next(messages).payload == encode(notice())
        assert delivery.close(LONG_S)
    assert outcomes == [(notice(), Outcome.DELIVERED)]


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Listen for connections and answer none."""
    with socket.create_server((HOST, port)) as server:
        yield server


@pytest.mark.parametrize("tls", [False, True])
def test_a_broker_that_hangs_is_left_in_time(tls: bool) -> None:
    port = free_port()
    with listening(port):
        assert failure(Mqtt(Broker(HOST, port, tls=tls)), SHORT_S) == "no answer within 0.2 s"


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert failure(Mqtt(Broker("broker.invalid"))) == "its name can't be looked up"


def test_a_password_is_never_shown() -> None:
    where = Broker("broker.example", 8883, username="me", password="s3cret")
    assert Mqtt(where).name == "mqtt broker.example:8883"
    assert "s3cret" not in repr(where)


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"topic": ""}, "got ''"), ({"topic": "alerts/#"}, "without + and #"), ({"topic": "+/alerts"}, "without + and #")],
)
def test_a_topic_that_is_none_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message.replace("+", r"\+")):
        Broker("broker.example", **fields)
