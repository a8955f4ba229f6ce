"""Which stream's notices go to which channel, and what is counted of those that don't arrive."""

import logging
import queue
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipeline.alerts.message import AlertMessage
from pipeline.alerts.rules import Observation
from pipeline.config.alerts import AlertConfig
from pipeline.errors import ConfigError
from pipeline.fleet.alerting import Alerting
from pipeline.stages.deliver import DeliverySettings
from pipeline.vision.tally import Tally
from tests.config_files import load
from tests.http_receiver import HttpReceiver

PATIENCE_S = 30.0
ONCE = DeliverySettings(attempts=1, timeout_s=PATIENCE_S)
UP, DOWN = Observation(True, 1, Tally()), Observation(False, 0, Tally())

STREAMS = "streams: [{id: door, url: 'camera:0'}, {id: rear, url: 'camera:1'}]\n"
SHORT = "when: camera_down, for_s: 1, clear_s: 0"


def alerts(folder: Path, channels: str, rules: str = "") -> AlertConfig:
    return load(folder, f"{STREAMS}alerts: {{channels: [{channels}], rules: [{rules}]}}\n").alerts


@dataclass
class Watch:
    """Two streams, and webhooks by the names of their channels; a clock that moves a second with each look."""

    alerting: Alerting
    receivers: dict[str, HttpReceiver]
    failures: "queue.SimpleQueue[tuple[str, str]]" = field(default_factory=queue.SimpleQueue)
    now_s: float = 0.0

    def look(self, stream: str, *seen: Observation) -> None:
        for each in seen:
            self.alerting.look(stream, each)
            self.now_s += 1

    def told(self, channel: str, count: int) -> list[str]:
        """Return rule, stream and state of the next notices of a channel, which gets no others meanwhile."""
        receiver = self.receivers[channel]
        bodies = [AlertMessage.model_validate_json(receiver.next_request().body) for _ in range(count)]
        assert not receiver.has_more()
        return [f"{body.rule} {body.stream} {body.state}" for body in bodies]


@contextmanager
def watching(folder: Path, rules: str) -> Iterator[Watch]:
    with ExitStack() as stack:
        receivers = {name: stack.enter_context(HttpReceiver()) for name in ("office", "guard")}
        channels = (f"{{kind: webhook, name: {name}, url: '{to.url}'}}" for name, to in receivers.items())
        config = alerts(folder, ", ".join(channels), rules)
        alerting = Alerting(config, lambda *told: watch.failures.put(told), ONCE, lambda: watch.now_s)
        watch = Watch(alerting, receivers)
        stack.callback(alerting.close, PATIENCE_S)
        alerting.start()
        for stream in ("door", "rear"):
            alerting.begin(stream, {"line": "7"})
        yield watch


def test_a_rule_tells_its_channels_of_its_streams(tmp_path: Path) -> None:
    rules = f"{{name: all, {SHORT}}}, {{name: rear, {SHORT}, streams: [rear], channels: [guard]}}"
    with watching(tmp_path, rules) as watch:
        watch.look("door", DOWN, DOWN)
        watch.look("rear", DOWN, DOWN, UP)
        assert watch.told("office", 3) == ["all door firing", "all rear firing", "all rear resolved"]
        assert watch.told("guard", 5) == [
            "all door firing",
            "all rear firing",
            "rear rear firing",
            "all rear resolved",
            "rear rear resolved",
        ]


def test_what_fires_is_resolved_where_the_stream_ends(tmp_path: Path) -> None:
    with watching(tmp_path, f"{{name: down, {SHORT}, channels: [office]}}") as watch:
        watch.look("door", DOWN, DOWN)
        for stream in ("door", "rear", "door"):
            watch.alerting.end(stream)
        watch.look("door", DOWN, DOWN)
        watch.alerting.begin("door", {})
        watch.look("door", DOWN, DOWN)
        assert watch.told("office", 3) == ["down door firing", "down door resolved", "down door firing"]


def test_failures_are_counted_by_the_kind_of_the_channel(tmp_path: Path) -> None:
    with watching(tmp_path, f"{{name: down, {SHORT}, channels: [office]}}") as watch:
        watch.receivers["office"].answer(422)
        watch.look("door", DOWN, DOWN)
        assert watch.failures.get(timeout=PATIENCE_S) == ("door", "webhook")


def test_a_channel_is_logged_by_the_operators_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with watching(tmp_path, f"{{name: down, {SHORT}, channels: [office]}}") as watch:
        watch.receivers["office"].answer(500)
        watch.look("door", DOWN, DOWN)
        watch.failures.get(timeout=PATIENCE_S)
    assert "alerts to webhook office are held up: it answered with status 500" in caplog.messages
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    "channel", ["kind: webhook, url: 'https://alerts.example/x'", "kind: mqtt, host: alerts.example, tls: true"]
)
@pytest.mark.parametrize("content", [None, "no certificate"])
def test_certificates_that_cannot_be_used_are_refused_at_the_start(
    tmp_path: Path, channel: str, content: str | None
) -> None:
    if content:
        (tmp_path / "ca.pem").write_text(content)
    config = alerts(tmp_path, f"{{name: office, ca_file: ca.pem, {channel}}}")
    with pytest.raises(ConfigError, match=r"the channel office of the alerts can't be used: .*ca\.pem"):
        Alerting(config, lambda *_: None)


def test_without_rules_nothing_is_told(tmp_path: Path) -> None:
    with watching(tmp_path, "") as watch:
        watch.look("door", DOWN, DOWN)
    assert not any(receiver.has_more() for receiver in watch.receivers.values())
