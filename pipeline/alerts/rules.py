"""What an operator wants to hear of, as pure conditions over what a stream shows."""

from dataclasses import dataclass
from typing import Protocol

from pipeline.alerts.alert import AlertKind, Reading
from pipeline.errors import ConfigError
from pipeline.vision.tally import Tally


@dataclass(frozen=True, slots=True)
class Observation:
    """A look at a stream.

    `is_up` says whether pictures come; `faces` counts those detected since the last look; `persons` are those who left
    within the compliance window.
    """

    is_up: bool
    faces: int
    persons: Tally


class Rule(Protocol):
    """A condition of one stream; what it remembers of time is kept by its alarm."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> AlertKind: ...

    @property
    def for_s(self) -> float:
        """How long it must be bad, without a break, before the alert fires."""
        ...

    @property
    def clear_s(self) -> float:
        """How long it must be good, without a break, before the alert is resolved."""
        ...

    def is_bad(self, seen: Observation, is_firing: bool) -> bool | None:
        """Return whether the condition holds; None where this look tells nothing."""
        ...

    def reading(self, seen: Observation, lasted_s: float) -> Reading:
        """Return the figures behind a decision; `lasted_s` is how long what is decided has lasted."""
        ...


@dataclass(frozen=True, slots=True)
class ComplianceBelow:
    """Too few of at least `min_persons` judged persons wear their mask as they should.

    Fires under `share` and clears from `share + margin` on, so that a rate around the limit does not flap. Where too
    few persons are left in the window to judge, it is not held open: it clears.
    """

    name: str
    share: float
    for_s: float = 300.0
    min_persons: int = 20
    margin: float = 0.05
    clear_s: float = 60.0
    kind = AlertKind.COMPLIANCE_BELOW

    def __post_init__(self) -> None:
        _check_times(self)
        if not 0 < self.share <= 1 or not 0 <= self.margin <= 1:
            raise ConfigError(f"the share and margin of a rule are shares in [0, 1], the share more than 0, got {self}")
        if self.min_persons < 1:
            raise ConfigError(f"a compliance rule needs 1 person or more, got {self.min_persons}")

    @property
    def _clear_share(self) -> float:
        """The share to clear at; rounded, since 0.8 + 0.05 is more than 0.85 in binary and 17 of 20 are to clear."""
        return min(1.0, round(self.share + self.margin, 9))

    def is_bad(self, seen: Observation, is_firing: bool) -> bool | None:
        ratio = seen.persons.compliance
        if ratio is None or seen.persons.judged < self.min_persons:
            return False
        return ratio < (self._clear_share if is_firing else self.share)

    def reading(self, seen: Observation, lasted_s: float) -> Reading:  # noqa: ARG002  # a share, whatever the time
        return Reading(seen.persons.compliance, self.share, seen.persons.judged)


@dataclass(frozen=True, slots=True)
class CameraDown:
    """No pictures come. A camera that comes and goes is down until it stays for `clear_s`."""

    name: str
    for_s: float = 60.0
    clear_s: float = 10.0
    kind = AlertKind.CAMERA_DOWN

    def __post_init__(self) -> None:
        _check_times(self)

    def is_bad(self, seen: Observation, is_firing: bool) -> bool | None:  # noqa: ARG002  # the same either way
        return not seen.is_up

    def reading(self, seen: Observation, lasted_s: float) -> Reading:  # noqa: ARG002  # a time, whatever was seen
        return Reading(lasted_s, self.for_s)


@dataclass(frozen=True, slots=True)
class NoFaces:
    """Pictures come, but no face is seen: a covered lens, or a camera turned away.

    One face ends it, and then no face must be seen for `for_s` again, so that it can't flap. A camera that is down
    shows nothing either way: the time starts anew when it is back.
    """

    name: str
    for_s: float = 3600.0
    kind = AlertKind.NO_FACES
    clear_s = 0.0

    def __post_init__(self) -> None:
        _check_times(self)

    def is_bad(self, seen: Observation, is_firing: bool) -> bool | None:  # noqa: ARG002  # the same either way
        return None if not seen.is_up else seen.faces == 0

    def reading(self, seen: Observation, lasted_s: float) -> Reading:  # noqa: ARG002  # a time, whatever was seen
        return Reading(lasted_s, self.for_s)


def _check_times(rule: Rule) -> None:
    if not rule.for_s >= 0 or not rule.clear_s >= 0:
        raise ConfigError(f"the times of a rule are 0 s or more, got for_s={rule.for_s} and clear_s={rule.clear_s}")
