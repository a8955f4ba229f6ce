"""Notices to deliver: made up, each with a key of its own."""

from datetime import timedelta

from pipeline.alerts.alert import Alert, AlertKind, AlertState, Reading
from tests.results import START_UTC


def notice(number: int = 0, state: AlertState = AlertState.FIRING) -> Alert:
    """Return the notice of a camera that went down `number` minutes after `START_UTC`."""
    fired_utc = START_UTC + timedelta(minutes=number)
    return Alert(
        stream="door-1",
        rule="down",
        kind=AlertKind.CAMERA_DOWN,
        state=state,
        reading=Reading(60.0, 60.0),
        fired_utc=fired_utc,
        since_utc=fired_utc - timedelta(seconds=60),
        at_utc=fired_utc,
        labels={"line": "7 Zürich"},
    )
