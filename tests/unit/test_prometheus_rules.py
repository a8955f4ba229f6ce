"""The files for Prometheus: promtool takes them, each alert was seen to fire, and each name exists."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.machine import require_system
from tests.promql import ALERTS, PROMETHEUS, RECORDING, described_metrics, known_names, metric_names, rules

ALERT_TESTS = Path(__file__).parents[1] / "prometheus" / "alerts.test.yml"
README = PROMETHEUS / "README.md"
OWN_LABELS = "the operator's own"
RECORD_NAME = re.compile(r"(?:job|instance|stream|instance_stage):maskstream_[a-z_]+:[a-z0-9]+(?:_[a-z]+\d+[smh])?")


def promtool(*words: object) -> str:
    """Return what `promtool WORDS...` says; it must be content."""
    ended = subprocess.run([require_system("promtool"), *map(str, words)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def name_of(rule: dict[str, Any]) -> str:
    return str(rule.get("alert") or rule["record"])


def test_promtool_takes_the_configuration_and_finds_its_rules() -> None:
    assert promtool("check", "config", PROMETHEUS / "prometheus.yml").count("rules found") == 2


@pytest.mark.parametrize("path", [RECORDING, ALERTS], ids=lambda path: path.name)
def test_promtool_takes_the_rules(path: Path) -> None:
    assert f"{len(rules(path))} rules found" in promtool("check", "rules", path)


def test_the_alerts_fire_when_they_should() -> None:
    assert "SUCCESS" in promtool("test", "rules", ALERT_TESTS)


def test_an_alert_that_never_fires_would_be_noticed(tmp_path: Path) -> None:
    for path in (RECORDING, ALERTS):
        text = path.read_text(encoding="utf-8")
        (tmp_path / path.name).write_text(text.replace("> 0.1\n", "> 0.9\n"), encoding="utf-8")
    tests = ALERT_TESTS.read_text(encoding="utf-8").replace("../../configs/prometheus/", "")
    (tmp_path / "alerts.test.yml").write_text(tests, encoding="utf-8")
    ended = subprocess.run(
        [require_system("promtool"), "test", "rules", str(tmp_path / "alerts.test.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode != 0
    assert "MaskstreamFramesDropped" in ended.stdout + ended.stderr


@pytest.mark.parametrize("alert", rules(ALERTS), ids=name_of)
def test_every_alert_is_tested_and_says_what_to_do(alert: dict[str, Any]) -> None:
    assert re.search(rf'alertname(="|: ){alert["alert"]}\b', ALERT_TESTS.read_text(encoding="utf-8"))
    assert alert["labels"]["severity"] in ("warning", "critical")
    assert set(alert["annotations"]) == {"summary", "description", "runbook"}
    assert len(alert["annotations"]["runbook"]) > 50


def test_rules_use_names_that_exist() -> None:
    known = known_names()
    for rule in rules(RECORDING) + rules(ALERTS):
        used = metric_names(rule["expr"])
        assert used, name_of(rule)
        assert not used - known, name_of(rule)


@pytest.mark.parametrize("rule", rules(RECORDING), ids=name_of)
def test_recorded_names_tell_level_metric_and_operation(rule: dict[str, Any]) -> None:
    assert RECORD_NAME.fullmatch(rule["record"])


@pytest.mark.parametrize("rule", [rule for rule in rules(RECORDING) if ":ratio_" in rule["record"]], ids=name_of)
def test_a_recorded_ratio_has_a_minimum_of_samples(rule: dict[str, Any]) -> None:
    assert re.search(r">= \d+\)", rule["expr"])


def test_names_are_found_in_expressions_and_nothing_else_is() -> None:
    expression = (
        'sum by (stream) (rate(a_total{b="c{d}", e=~"f"}[5m] offset 1h)) / on (g) group_left (h) (i:j:k > 0.5)'
        ' and l unless label_replace(m, "n", "$1", "o", "(.*)") > bool 10'
    )
    assert metric_names(expression) == {"a_total", "i:j:k", "l", "m"}


def test_the_readme_lists_every_metric_with_its_type_and_labels() -> None:
    table = re.findall(
        r"^\| `(maskstream_\w+)` \| (\w+) \| ([^|]*)\|", README.read_text(encoding="utf-8"), re.MULTILINE
    )
    listed = {
        name: (kind, set(re.findall(r"\w+", labels.replace(OWN_LABELS, "line, vehicle"))))
        for name, kind, labels in table
    }
    assert listed == described_metrics()


def test_the_readme_joins_labels_by_names_that_exist() -> None:
    (join,) = re.findall(r"`(sum by .*)`", README.read_text(encoding="utf-8"))
    assert metric_names(join) <= known_names()
