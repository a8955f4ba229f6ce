"""Who is told what of which stream: rules that look, and the deliveries of their notices."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from pipeline.alerts.alarm import StreamAlerts
from pipeline.alerts.alert import Alert
from pipeline.alerts.rules import Observation
from pipeline.config.alerts import AlertConfig, Channel
from pipeline.fleet.alert_settings import receiver_of, rule_of
from pipeline.stages.deliver import Delivery, DeliverySettings, Outcome

GRACE_S = 2.0
"""How long the last notices may take at the end, all channels together."""


class Alerting:
    """Looks at streams by the rules of a configuration and hands notices to the channels that each rule names.

    Any thread may call. `on_failure(stream, kind of channel)` counts a notice that a channel did not get; it is called
    by several threads, maybe long after the stream has ended. `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        config: AlertConfig,
        on_failure: Callable[[str, str], None],
        delivery: DeliverySettings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect to nothing yet; raise ConfigError, with the channel's name, where a channel can't be used."""
        self._config = config
        self._on_failure = on_failure
        self._clock = clock
        self._lock = threading.Lock()
        self._watched: dict[str, StreamAlerts] = {}
        self._deliveries = {
            channel.name: Delivery(receiver_of(channel), delivery, self._counting(channel))
            for channel in config.channels
        }
        everyone = tuple(self._deliveries)
        self._told = {rule.name: rule.channels or everyone for rule in config.rules}

    def start(self) -> None:
        """Start a thread for each channel."""
        for delivery in self._deliveries.values():
            delivery.start()

    def begin(self, stream: str, labels: Mapping[str, str]) -> None:
        """Watch `stream` from now on; its notices carry the operator's `labels`."""
        rules = [rule_of(rule) for rule in self._config.rules if not rule.streams or stream in rule.streams]
        with self._lock:
            self._watched[stream] = StreamAlerts(stream, rules, self._clock, _utc, labels)

    def end(self, stream: str) -> None:
        """Watch `stream` no longer, since it is removed or paused; its alerts that fire are resolved by that."""
        with self._lock:
            alerts = self._watched.pop(stream, None)
            self._tell(() if alerts is None else alerts.end())

    def look(self, stream: str, seen: Observation) -> None:
        """Take an observation, about once a second; one of a stream that is not watched is ignored."""
        with self._lock:
            alerts = self._watched.get(stream)
            self._tell(() if alerts is None else alerts.look(seen))

    def wind_up(self, grace_s: float = GRACE_S) -> None:
        """Tell nothing new, and try the notices that wait once more until `grace_s` from now; `close` is still due."""
        for delivery in self._deliveries.values():
            delivery.wind_up(grace_s)

    def close(self, grace_s: float = GRACE_S) -> None:
        """Wind up, where that was not begun, and lose what is left when the time is over."""
        self.wind_up(grace_s)
        for delivery in self._deliveries.values():
            delivery.close(grace_s)

    def _tell(self, notices: Iterable[Alert]) -> None:
        """Queue notices, in the order of the looks: within the lock."""
        for alert in notices:
            for channel in self._told[alert.rule]:
                self._deliveries[channel].submit(alert)

    def _counting(self, channel: Channel) -> Callable[[Alert, Outcome], None]:
        def count(alert: Alert, outcome: Outcome) -> None:
            if outcome is not Outcome.DELIVERED:
                self._on_failure(alert.stream, channel.kind)

        return count


def _utc() -> datetime:
    return datetime.now(UTC)
