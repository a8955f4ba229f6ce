"""Connections that are held for nothing."""

import socket
from contextlib import ExitStack

import pytest

from tests.service import PATH, PATIENCE_S, Client, ScriptedControl, served, service_config

ENOUGH_FOR_A_HEAD_S = 1.0
"""Of a client that sends it at once, on a machine that is busy."""

HEAD = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def opened(client: Client) -> socket.socket:
    return socket.create_connection(("127.0.0.1", client.port), timeout=PATIENCE_S)


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def answers(connection: socket.socket) -> bool:
    connection.sendall(HEAD)
    return connection.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\n", HEAD[:-2]])
def test_a_head_that_does_not_come_is_waited_for_a_while(begun: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.service.connections.HEAD_TIMEOUT_S", 0.05)
    with served(ScriptedControl()) as client, opened(client) as connection:
        connection.sendall(begun)
        assert is_closed(connection)


def test_so_is_the_head_of_a_second_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.service.connections.HEAD_TIMEOUT_S", ENOUGH_FOR_A_HEAD_S)
    with served(ScriptedControl()) as client, opened(client) as connection:
        connection.sendall(HEAD + b"GET")
        with connection.makefile("rb") as answer:
            assert answer.read().startswith(b"HTTP/1.1 200")


def test_who_asks_in_time_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    control = ScriptedControl()
    monkeypatch.setattr("pipeline.service.connections.HEAD_TIMEOUT_S", ENOUGH_FOR_A_HEAD_S)
    monkeypatch.setattr("pipeline.service.events.QUIET_S", ENOUGH_FOR_A_HEAD_S / 2)
    with served(control) as client, client.asking("/api/v1/events") as events:
        lines = [events.readline() for _ in range(8)]
    assert lines.count(b": nothing happened\n") == 3


def test_one_address_has_so_many_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.service.connections.MAX_CONNECTIONS_OF_ONE", 2)
    with served(ScriptedControl()) as client, ExitStack() as stack:
        first, second, third = (stack.enter_context(opened(client)) for _ in range(3))
        assert is_closed(third)
        assert answers(first)
        assert answers(second)


def test_a_proxy_has_as_many_as_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.service.connections.MAX_CONNECTIONS_OF_ONE", 2)
    monkeypatch.setattr("pipeline.service.connections.MAX_CONNECTIONS", 3)
    with (
        served(ScriptedControl(), service_config({"proxies": ["127.0.0.0/8"]})) as client,
        ExitStack() as stack,
    ):
        *_, third, fourth = (stack.enter_context(opened(client)) for _ in range(4))
        assert is_closed(fourth)
        third.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert third.recv(12) == b"HTTP/1.1 200"
