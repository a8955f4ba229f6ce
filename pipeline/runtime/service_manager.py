"""Tells systemd, or what else set NOTIFY_SOCKET, how the service does: the protocol of sd_notify(3)."""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

MICROSECONDS = 1_000_000


class ServiceManager:
    """Who started this process, told of its states; where nobody asked to be, all of it does nothing.

    Any thread may use it. Nothing raises: a manager that went away is no reason to end.
    """

    def __init__(self, address: str = "", watchdog_interval_s: float | None = None) -> None:
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_interval_s = watchdog_interval_s
        """How often `keep_alive` has to be called: twice in the time after which the manager ends the process."""

    @classmethod
    def from_environment(cls, variables: Mapping[str, str] = os.environ) -> Self:
        """Return the one that the environment names. Child processes inherit its variables, which are not for them."""
        return cls(variables.get("NOTIFY_SOCKET", ""), _watchdog_interval_s(variables))

    def ready(self) -> None:
        """Tell that it has started, or that what `reloading` began is done."""
        self._send("READY=1")

    def reloading(self) -> None:
        """Tell that it reads its configuration again; `ready` has to follow."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def status(self, sentence: str) -> None:
        """Tell what it does now; `systemctl status` shows it. No credentials, please."""
        self._send(f"STATUS={' '.join(sentence.split())}")

    def keep_alive(self) -> None:
        """Tell the watchdog that the service works."""
        self._send("WATCHDOG=1")

    def _send(self, state: str) -> None:
        if not self._address:
            return
        # Not blocking: a manager that reads nothing would otherwise hold up who tells it.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as datagrams:
            datagrams.sendto(state.encode(), self._address)


def _watchdog_interval_s(variables: Mapping[str, str]) -> float | None:
    limit_us = variables.get("WATCHDOG_USEC", "")
    is_ours = variables.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    if not is_ours or not limit_us.isdecimal() or int(limit_us) == 0:
        return None
    return int(limit_us) / MICROSECONDS / 2
