"""One notice to an operator: something is wrong, or right again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from types import MappingProxyType


class AlertKind(Enum):
    """What can be wrong with a stream."""

    COMPLIANCE_BELOW = "compliance_below"
    CAMERA_DOWN = "camera_down"
    NO_FACES = "no_faces"


class AlertState(Enum):
    """Whether a notice begins or ends an alert."""

    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule saw when it decided.

    `value` and `limit` are shares in [0, 1] where the rule is about compliance, else seconds; `value` is None where
    nobody was judged or nobody looks any more. `persons` is the number of judged persons behind a share.
    """

    value: float | None
    limit: float
    persons: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """One notice. An alert sends two: `firing`, and `resolved` when it is over.

    `fired_utc` is the same in both; `since_utc` is when what this notice says began, `at_utc` when it was decided. An
    alert is withdrawn where it is resolved because nobody watches the stream any more.
    """

    stream: str
    rule: str
    kind: AlertKind
    state: AlertState
    reading: Reading
    fired_utc: datetime
    since_utc: datetime
    at_utc: datetime
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    is_withdrawn: bool = False

    @property
    def alert_id(self) -> str:
        """The same for both notices of an alert, and for no other alert: 16 hexadecimal digits."""
        names = "\n".join((self.stream, self.rule, self.fired_utc.astimezone(UTC).isoformat()))
        return hashlib.sha256(names.encode()).hexdigest()[:16]

    @property
    def idempotency_key(self) -> str:
        """The same each time that this notice is sent, and for no other notice."""
        return f"{self.alert_id}-{self.state.value}"

    @property
    def message(self) -> str:
        """The notice in a sentence."""
        if self.is_withdrawn:
            return f"{self.stream}: the alert {self.rule} is over, since the stream is not watched any more"
        return _SENTENCES[self.kind][self.state](self)


def _compliance_fell(alert: Alert) -> str:
    reading = alert.reading
    return (
        f"{alert.stream}: {_percent(reading.value)} of {reading.persons} judged persons wear their mask as they "
        f"should, less than {_percent(reading.limit)}"
    )


def _compliance_rose(alert: Alert) -> str:
    reading = alert.reading
    if not reading.persons:
        return f"{alert.stream}: compliance is no longer low, since nobody was judged lately"
    return f"{alert.stream}: compliance is {_percent(reading.value)} of {reading.persons} judged persons"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


_SENTENCES = {
    AlertKind.COMPLIANCE_BELOW: {AlertState.FIRING: _compliance_fell, AlertState.RESOLVED: _compliance_rose},
    AlertKind.CAMERA_DOWN: {
        AlertState.FIRING: lambda alert: f"{alert.stream}: no pictures for {alert.reading.value:.0f} s",
        AlertState.RESOLVED: lambda alert: f"{alert.stream}: pictures come again",
    },
    AlertKind.NO_FACES: {
        AlertState.FIRING: lambda alert: (
            f"{alert.stream}: pictures come, but no face was seen for "
            f"{alert.reading.value:.0f} s: is the lens covered or the camera turned away?"
        ),
        AlertState.RESOLVED: lambda alert: f"{alert.stream}: faces are seen again",
    },
}
