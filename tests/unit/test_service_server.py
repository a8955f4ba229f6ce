"""The server: its port, its thread, and an end that nobody holds up."""

import errno
import logging
import socket
import threading

import pytest

from pipeline.errors import ConfigError
from pipeline.jpeg import Jpeg
from pipeline.service.server import HttpServer
from tests.service import PATH, PATIENCE_S, ScriptedControl, make_server, served, service_config, stream_status

LARGER_THAN_EVERY_BUFFER = 32 * 1024 * 1024


def server_at(**http: object) -> HttpServer:
    return make_server(ScriptedControl(), service_config(http))


def test_a_free_port_is_taken_at_once_and_given_back() -> None:
    server = server_at()
    port = server.port
    assert server.url == f"http://127.0.0.1:{port}"
    socket.create_connection(("127.0.0.1", port)).close()
    server.stop()
    server.stop()
    with socket.create_server(("127.0.0.1", port)) as free:
        assert free.getsockname()[1] == port


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = rf"on 127\.0\.0\.1 port {port}: Address already in use; set http\.port to another one, or to 0"
        with pytest.raises(ConfigError, match=said):
            server_at(port=port)


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(ConfigError, match=r"on 192\.0\.2\.1 port 0: .*; set http\.bind_address to an address of this"):
        server_at(bind_address="192.0.2.1")


def test_a_name_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", fail)
    with pytest.raises(ConfigError, match=r"Name or service not known; set http\.bind_address"):
        server_at(bind_address="nowhere")


def test_a_socket_that_can_not_be_bound_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("socket.socket.bind", refuse)
    with pytest.raises(ConfigError, match=r"port 80: Permission denied; set http\.port"):
        server_at(port=80)


@pytest.mark.parametrize(
    ("bind_address", "shown"), [("0.0.0.0", "127.0.0.1"), ("127.0.0.2", "127.0.0.2"), ("localhost", "localhost")]
)
def test_the_url_is_one_that_a_browser_opens(bind_address: str, shown: str) -> None:
    server = server_at(bind_address=bind_address)
    assert server.url == f"http://{shown}:{server.port}"
    server.stop()


@pytest.mark.parametrize(("bind_address", "shown"), [("::", "[::1]"), ("::1", "[::1]")])
def test_an_address_of_version_six_stands_in_brackets(bind_address: str, shown: str) -> None:
    try:
        server = server_at(bind_address=bind_address)
    except ConfigError:
        pytest.skip("this machine has no IPv6")
    assert server.url == f"http://{shown}:{server.port}"
    server.stop()


def test_it_answers_from_a_thread_of_its_name_until_it_is_stopped() -> None:
    with served(ScriptedControl()) as client:
        assert client.get("/healthz").status == 200
        (thread,) = [thread for thread in threading.enumerate() if thread.name == "http"]
        assert not thread.daemon
    assert not thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        client.get("/healthz")


def test_it_says_nothing(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), served(ScriptedControl()) as client:
        client.get("/healthz")
        with socket.create_connection(("127.0.0.1", client.port), timeout=PATIENCE_S) as connection:
            connection.sendall(b"no HTTP\r\n\r\n")
            assert connection.recv(12) == b"HTTP/1.1 400"
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_a_watcher_is_told_the_end() -> None:
    control = ScriptedControl({"door": stream_status("door")})
    server = make_server(control, service_config({}))
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as connection:
        connection.sendall(f"GET {PATH}/door/preview HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        show = control.next_watcher()
        server.stop()
        assert control.next_who_left() is show
        with connection.makefile("rb") as answer:
            assert answer.read().endswith(b"image/jpeg\r\n\r\n\r\n0\r\n\r\n")


def test_a_watcher_who_takes_nothing_holds_up_nobody() -> None:
    control = ScriptedControl({"door": stream_status("door")})
    server = make_server(control, service_config({}))
    server.start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as connection:
        connection.sendall(f"GET {PATH}/door/preview HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        show = control.next_watcher()
        show(Jpeg(bytes(LARGER_THAN_EVERY_BUFFER), 1, None))
        read_until(connection, b"image/jpeg")
        server.stop(grace_s=0)
        assert control.next_who_left() is show


def read_until(connection: socket.socket, end: bytes) -> None:
    found = b""
    while end not in found:
        found += connection.recv(64)
