import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.runtime.service_manager import ServiceManager


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    """A manager's socket; `address` as in NOTIFY_SOCKET."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0", 1))
        yield manager


def manager_at(address: str) -> ServiceManager:
    return ServiceManager.from_environment({"NOTIFY_SOCKET": address})


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "notify")


def test_each_state_is_a_datagram(address: str) -> None:
    with listening(address) as socket_of_manager:
        service_manager = manager_at(address)
        service_manager.ready()
        service_manager.status("7 of 8 streams are live")
        service_manager.keep_alive()
        service_manager.stopping()
        told = [socket_of_manager.recv(4096) for _ in range(4)]
    assert told == [b"READY=1", b"STATUS=7 of 8 streams are live", b"WATCHDOG=1", b"STOPPING=1"]


def test_a_reload_tells_when_it_began(address: str) -> None:
    with listening(address) as socket_of_manager:
        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        manager_at(address).reloading()
        reloading, moment = socket_of_manager.recv(4096).decode().splitlines()
    assert reloading == "RELOADING=1"
    name, _, microseconds = moment.partition("=")
    assert name == "MONOTONIC_USEC"
    assert before <= int(microseconds) <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000


def test_an_abstract_socket_is_found() -> None:
    address = f"@maskstream-test-{os.getpid()}"
    with listening(address) as socket_of_manager:
        manager_at(address).ready()
        assert socket_of_manager.recv(4096) == b"READY=1"


def test_a_status_is_one_line(address: str) -> None:
    with listening(address) as socket_of_manager:
        manager_at(address).status("live\nMAINPID=1")
        assert socket_of_manager.recv(4096) == b"STATUS=live MAINPID=1"


def test_without_a_manager_nothing_happens() -> None:
    service_manager = ServiceManager.from_environment({})
    service_manager.ready()
    assert service_manager.watchdog_interval_s is None


def test_a_manager_that_went_away_is_no_error(address: str) -> None:
    manager_at(address).ready()


def test_a_manager_that_reads_nothing_holds_nobody_up(address: str) -> None:
    with listening(address):
        service_manager = manager_at(address)
        for _ in range(2_000):
            service_manager.keep_alive()


@pytest.mark.parametrize(
    ("variables", "interval_s"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_told_twice_in_its_time(variables: dict[str, str], interval_s: float | None) -> None:
    assert ServiceManager.from_environment(variables).watchdog_interval_s == interval_s
