"""From what rules see, look by look, to notices: each alert fires once and is resolved once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.alerts.alert import Alert, AlertState, Reading
from pipeline.alerts.rules import Observation, Rule
from pipeline.vision.tally import Tally

NOTHING_SEEN = Observation(is_up=False, faces=0, persons=Tally())


class Alarm:
    """Whether one rule's alert is firing; it changes once the contrary has lasted without a break."""

    def __init__(self, for_s: float, clear_s: float) -> None:
        self._for_s = for_s
        self._clear_s = clear_s
        self._contrary_since_s: float | None = None
        self.is_firing = False

    def update(self, is_bad: bool | None, now_s: float) -> float | None:
        """Take a look; where it turns the alarm, return for how many seconds what it now says has lasted.

        `now_s` never runs backwards. A look that tells nothing (None) breaks what was lasting.
        """
        if is_bad is None or is_bad == self.is_firing:
            self._contrary_since_s = None
            return None
        if self._contrary_since_s is None:
            self._contrary_since_s = now_s
        lasted_s = now_s - self._contrary_since_s
        if lasted_s < (self._clear_s if self.is_firing else self._for_s):
            return None
        self.is_firing, self._contrary_since_s = is_bad, None
        return lasted_s


class StreamAlerts:
    """Watches one stream by its rules. Used by one thread.

    `clock` is monotonic, in seconds, and decides; `now_utc` is the wall clock, for the notices alone.
    """

    def __init__(
        self,
        stream: str,
        rules: Sequence[Rule],
        clock: Callable[[], float],
        now_utc: Callable[[], datetime],
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._now_utc = now_utc
        self._labels = dict(labels or {})
        self._alarms = [(rule, Alarm(rule.for_s, rule.clear_s)) for rule in rules]
        self._fired_utc: dict[str, datetime] = {}

    def look(self, seen: Observation) -> tuple[Alert, ...]:
        """Take an observation, about once a second; return the notices that it gives rise to."""
        now_s = self._clock()
        notices = []
        for rule, alarm in self._alarms:
            lasted_s = alarm.update(rule.is_bad(seen, alarm.is_firing), now_s)
            if lasted_s is not None:
                state = AlertState.FIRING if alarm.is_firing else AlertState.RESOLVED
                notices.append(self._notice(rule, state, rule.reading(seen, lasted_s), lasted_s))
        return tuple(notices)

    def end(self) -> tuple[Alert, ...]:
        """Withdraw the alerts that fire, since nobody looks any more; return the notices of that."""
        withdrawn = []
        for rule, alarm in self._alarms:
            if alarm.is_firing:
                alarm.is_firing = False
                reading = replace(rule.reading(NOTHING_SEEN, 0.0), value=None)
                notice = self._notice(rule, AlertState.RESOLVED, reading, 0.0)
                withdrawn.append(replace(notice, is_withdrawn=True))
        return tuple(withdrawn)

    def _notice(self, rule: Rule, state: AlertState, reading: Reading, lasted_s: float) -> Alert:
        now_utc = self._now_utc()
        fired_utc = self._fired_utc.setdefault(rule.name, now_utc)
        if state is AlertState.RESOLVED:
            del self._fired_utc[rule.name]
        return Alert(
            stream=self._stream,
            rule=rule.name,
            kind=rule.kind,
            state=state,
            reading=reading,
            fired_utc=fired_utc,
            since_utc=now_utc - timedelta(seconds=lasted_s),
            at_utc=now_utc,
            labels=self._labels,
        )
