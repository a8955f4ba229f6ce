"""Who is told of alerts: what a delivery asks of a webhook or a broker."""

from typing import Protocol

from pipeline.alerts.alert import Alert
from pipeline.errors import SinkError


class ReceiverError(SinkError):
    """A receiver did not take a notice; the message holds no secret.

    `is_final` says that it looked at this very notice and will never take it; else another attempt may do.
    """

    def __init__(self, reason: str, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Receiver(Protocol):
    """Takes notices, one at a time. Used by one thread."""

    @property
    def name(self) -> str:
        """What it is called in logs and metrics; safe to print."""
        ...

    def deliver(self, alert: Alert, timeout_s: float) -> None:
        """Hand the notice over once and wait for its receipt; raise ReceiverError where none came.

        `timeout_s` bounds each wait for the network, but not the system's look-up of a name.
        """
        ...
