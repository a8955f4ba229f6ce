"""Which looks at a stream give rise to which notices, and what a notice says."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.alerts.alarm import StreamAlerts
from pipeline.alerts.alert import Alert, AlertState
from pipeline.alerts.message import AlertMessage, encode, schema
from pipeline.alerts.rules import CameraDown, ComplianceBelow, NoFaces, Observation, Rule
from pipeline.errors import ConfigError
from pipeline.vision.tally import Tally
from tests.alerts import notice
from tests.results import START_UTC

REPOSITORY = Path(__file__).resolve().parents[2]
NOBODY = Tally()
UP, DOWN = Observation(True, 3, NOBODY), Observation(False, 0, NOBODY)
EMPTY = Observation(True, 0, NOBODY)


def wearing(masked: int, of: int) -> Observation:
    """Return a look at a stream where `masked` of `of` judged persons wore their mask, and five are in doubt."""
    return Observation(True, 1, Tally(masked=masked, unmasked=of - masked, unknown=5))


class Day:
    """A stream that is looked at once a second."""

    def __init__(self, *rules: Rule) -> None:
        self.now_s = 0
        self.alerts = StreamAlerts("door-1", rules, lambda: 500.0 + self.now_s, self._now_utc, {"line": "7"})

    def look(self, seen: Observation, seconds: int = 1) -> list[tuple[int, Alert]]:
        """Return the notices of so many equal looks, each with its second."""
        notices: list[tuple[int, Alert]] = []
        for _ in range(seconds):
            notices += [(self.now_s, alert) for alert in self.alerts.look(seen)]
            self.now_s += 1
        return notices

    def _now_utc(self) -> datetime:
        return START_UTC + timedelta(seconds=self.now_s)


def states(notices: Iterable[tuple[int, Alert]]) -> list[tuple[int, str]]:
    return [(second, alert.state.value) for second, alert in notices]


def test_a_camera_that_stays_down_fires_once_and_is_resolved_once() -> None:
    day = Day(CameraDown("down", for_s=60, clear_s=10))
    notices = day.look(UP, 5) + day.look(DOWN, 500) + day.look(UP, 500)
    assert states(notices) == [(65, "firing"), (515, "resolved")]


def test_a_camera_that_comes_and_goes_is_one_alert() -> None:
    day = Day(CameraDown("down", for_s=60, clear_s=10))
    notices = day.look(DOWN, 61)
    for _ in range(20):
        notices += day.look(UP, 9) + day.look(DOWN, 5)
    assert states(notices) == [(60, "firing")]


def test_a_short_interruption_is_none() -> None:
    day = Day(CameraDown("down", for_s=60))
    notices = []
    for _ in range(5):
        notices += day.look(DOWN, 60) + day.look(UP)
    assert notices == []


def test_a_rule_without_patience_fires_at_once() -> None:
    assert states(Day(CameraDown("down", for_s=0)).look(DOWN)) == [(0, "firing")]


def test_low_compliance_fires_after_its_time_and_clears_above_the_margin() -> None:
    day = Day(ComplianceBelow("masks", share=0.8, for_s=30, min_persons=20, margin=0.05, clear_s=10))
    notices = day.look(wearing(15, 20), 40)
    assert states(notices) == [(30, "firing")]
    assert day.look(wearing(16, 20), 100) == []  # 80 % is not below, yet within the margin
    assert states(day.look(wearing(17, 20), 100)) == [(150, "resolved")]


def test_compliance_at_the_limit_is_not_below() -> None:
    assert Day(ComplianceBelow("masks", share=0.8, for_s=0)).look(wearing(16, 20), 100) == []


def test_a_rate_around_the_limit_does_not_flap() -> None:
    day = Day(ComplianceBelow("masks", share=0.8, for_s=5, clear_s=5))
    notices = day.look(wearing(15, 20), 6)
    for _ in range(20):
        notices += day.look(wearing(16, 20), 10) + day.look(wearing(15, 20), 10)
    assert states(notices) == [(5, "firing")]


def test_too_few_persons_tell_nothing() -> None:
    day = Day(ComplianceBelow("masks", share=0.8, for_s=0, min_persons=20))
    assert day.look(wearing(0, 19), 1000) == []


def test_too_few_persons_break_the_time_that_it_must_last() -> None:
    day = Day(ComplianceBelow("masks", share=0.8, for_s=10, min_persons=20))
    assert day.look(wearing(0, 20), 10) + day.look(wearing(0, 19)) + day.look(wearing(0, 20), 10) == []


def test_an_alert_is_not_held_open_by_those_who_left() -> None:
    day = Day(ComplianceBelow("masks", share=0.8, for_s=0, clear_s=60))
    day.look(wearing(0, 20))
    ((second, alert),) = day.look(Observation(True, 0, Tally()), 100)
    assert (second, alert.state, alert.reading.value) == (61, AlertState.RESOLVED, None)
    assert alert.message == "door-1: compliance is no longer low, since nobody was judged lately"


def test_all_persons_can_be_asked_for() -> None:
    day = Day(ComplianceBelow("masks", share=1.0, for_s=0, min_persons=1, clear_s=0))
    assert states(day.look(wearing(19, 20)) + day.look(wearing(20, 20))) == [(0, "firing"), (1, "resolved")]


def test_no_faces_for_long_fires_and_one_face_ends_it() -> None:
    day = Day(NoFaces("covered", for_s=100))
    notices = day.look(UP) + day.look(EMPTY, 300) + day.look(UP) + day.look(EMPTY, 100)
    assert states(notices) == [(101, "firing"), (301, "resolved")]
    assert states(day.look(EMPTY)) == [(402, "firing")]


def test_a_camera_that_is_down_does_not_count_as_showing_nobody() -> None:
    day = Day(NoFaces("covered", for_s=100))
    assert day.look(EMPTY, 90) + day.look(DOWN, 500) + day.look(EMPTY, 100) == []
    assert states(day.look(EMPTY)) == [(690, "firing")]
    assert day.look(DOWN, 500) == []


def test_rules_are_independent() -> None:
    day = Day(CameraDown("short", for_s=5), CameraDown("long", for_s=50))
    notices = day.look(DOWN, 100)
    assert [(second, alert.rule) for second, alert in notices] == [(5, "short"), (50, "long")]


def test_both_notices_of_an_alert_share_its_id_and_no_other_does() -> None:
    day = Day(CameraDown("down", for_s=5, clear_s=5))
    notices = [alert for _ in range(2) for _, alert in day.look(DOWN, 20) + day.look(UP, 20)]
    first, second = {alert.alert_id for alert in notices[:2]}, {alert.alert_id for alert in notices[2:]}
    assert (len(first), len(second), len(first | second)) == (1, 1, 2)
    assert len({alert.idempotency_key for alert in notices}) == 4


def test_a_notice_says_when_and_how_long() -> None:
    day = Day(CameraDown("down", for_s=60, clear_s=10))
    (_, fired), (_, resolved) = day.look(DOWN, 100) + day.look(UP, 20)
    assert fired.fired_utc == resolved.fired_utc == fired.at_utc == START_UTC + timedelta(seconds=60)
    assert (fired.since_utc, resolved.since_utc) == (START_UTC, START_UTC + timedelta(seconds=100))
    assert fired.message == "door-1: no pictures for 60 s"
    assert resolved.message == "door-1: pictures come again"


@pytest.mark.parametrize(
    ("rule", "bad", "persons"),
    [
        (CameraDown("r", for_s=0), DOWN, None),
        (NoFaces("r", for_s=0), EMPTY, None),
        (ComplianceBelow("r", 0.8, for_s=0), wearing(10, 20), 0),
    ],
)
def test_what_fires_is_withdrawn_with_its_stream(rule: Rule, bad: Observation, persons: int | None) -> None:
    day = Day(rule, CameraDown("never", for_s=1000))
    ((_, fired),) = day.look(bad)
    (ended,) = day.alerts.end()
    assert (ended.state, ended.alert_id, ended.is_withdrawn) == (AlertState.RESOLVED, fired.alert_id, True)
    assert (ended.reading.value, ended.reading.persons) == (None, persons)
    assert ended.message == "door-1: the alert r is over, since the stream is not watched any more"
    assert AlertMessage.model_validate_json(encode(ended)).state == "resolved"
    assert day.alerts.end() == ()


@pytest.mark.parametrize(
    ("rule", "bad", "good", "messages"),
    [
        (
            ComplianceBelow("r", 0.8, for_s=0, clear_s=0),
            wearing(10, 20),
            wearing(19, 20),
            (
                "door-1: 50% of 20 judged persons wear their mask as they should, less than 80%",
                "door-1: compliance is 95% of 20 judged persons",
            ),
        ),
        (
            NoFaces("r", for_s=0),
            EMPTY,
            UP,
            (
                "door-1: pictures come, but no face was seen for 0 s: is the lens covered or the camera turned away?",
                "door-1: faces are seen again",
            ),
        ),
    ],
)
def test_a_notice_has_a_sentence_for_people(
    rule: Rule, bad: Observation, good: Observation, messages: tuple[str, str]
) -> None:
    day = Day(rule)
    notices = day.look(bad) + day.look(good)
    assert tuple(alert.message for _, alert in notices) == messages


def test_the_json_of_a_notice() -> None:
    alert = notice()
    assert json.loads(encode(alert)) == {
        "version": "maskstream.alert/1",
        "id": alert.alert_id,
        "key": f"{alert.alert_id}-firing",
        "state": "firing",
        "kind": "camera_down",
        "rule": "down",
        "stream": "door-1",
        "labels": {"line": "7 Zürich"},
        "fired_utc": "2026-03-01T08:30:00.000Z",
        "since_utc": "2026-03-01T08:29:00.000Z",
        "at_utc": "2026-03-01T08:30:00.000Z",
        "value": 60.0,
        "limit": 60.0,
        "persons": None,
        "message": "door-1: no pictures for 60 s",
    }
    assert encode(alert) == encode(notice())


def test_the_documented_schema_is_that_of_the_code() -> None:
    documented = (REPOSITORY / "configs" / "alerts" / "alert.schema.json").read_text(encoding="utf-8")
    assert json.loads(documented) == schema(), "renew it: python -m pipeline.alerts.message > configs/alerts/..."


@pytest.mark.parametrize("change", [{"extra": 1}, {"state": "broken"}, {"fired_utc": "2026-03-01"}, {"key": "x"}])
def test_the_schema_refuses_what_is_no_notice(change: dict[str, Any]) -> None:
    content = json.loads(encode(notice()))
    AlertMessage.model_validate(content)
    with pytest.raises(ValidationError):
        AlertMessage.model_validate({**content, **change})


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (ComplianceBelow, {"share": 0.0}, "shares in"),
        (ComplianceBelow, {"share": 0.5, "margin": 2.0}, "shares in"),
        (ComplianceBelow, {"share": 0.5, "min_persons": 0}, "1 person or more, got 0"),
        (CameraDown, {"for_s": -1.0}, "0 s or more, got for_s=-1.0"),
        (NoFaces, {"for_s": float("nan")}, "0 s or more, got for_s=nan"),
    ],
)
def test_rules_that_mean_nothing_are_refused(kind: Any, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        kind("rule", **fields)
