"""The names in PromQL expressions, and those that an expression may use."""

import re
from pathlib import Path
from typing import Any

import yaml
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.reported import report_engine, scrape
from tests.reported_fleet import ReportedFleet, report_service

PROMETHEUS = Path(__file__).parents[1] / "configs" / "prometheus"
RECORDING = PROMETHEUS / "recording.rules.yml"
ALERTS = PROMETHEUS / "alerts.rules.yml"

OF_PROMETHEUS = frozenset(("up", "ALERTS"))
"""Series that Prometheus makes itself."""

_KEYWORDS = frozenset(("and", "or", "unless", "by", "without", "on", "ignoring", "group_left", "group_right"))
_STRING = re.compile(r'"(?:\\.|[^"\\])*"')
_NO_NAMES = re.compile(
    r"\{[^}]*\}|\[[^]]*\]"  # matchers and ranges
    r"|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"  # lists of labels
    r"|\b(?:offset|bool)\b|\b\d+[smhdwy]\b"
)
_NAME = re.compile(r"[a-zA-Z_:][\w:]*(?!\w|:|\s*\()")


def rules(path: Path) -> list[dict[str, Any]]:
    """Return the rules of all groups of a file."""
    return [rule for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"] for rule in group["rules"]]


def metric_names(expression: str) -> set[str]:
    """Return the names of the series that `expression` asks for."""
    bare = _NO_NAMES.sub(" ", _STRING.sub("", expression))
    return set(_NAME.findall(bare)) - _KEYWORDS


def exported_names() -> set[str]:
    """Return the names of all series that the program exports."""
    return {series.partition("{")[0] for series in scrape(reported().registry)}


def described_metrics() -> dict[str, tuple[str, set[str]]]:
    """Return the type and the labels of each of the program's own metrics, as a scrape tells them."""
    found: dict[str, tuple[str, set[str]]] = {}
    for family in text_string_to_metric_families(generate_latest(reported().registry).decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        if name.startswith("maskstream_"):
            found[name] = (family.type, {label for sample in family.samples for label in sample.labels} - {"le"})
    return found


def reported() -> ReportedFleet:
    """Return the metrics of a fleet of which everything was reported."""
    fleet = ReportedFleet()
    fleet.report_all("hall")
    report_service(fleet.metrics)
    for worker in fleet.workers.values():
        report_engine(worker)
    return fleet


def known_names() -> set[str]:
    """Return the names that an expression may use: exported, recorded by the rules, or Prometheus' own."""
    return exported_names() | {rule["record"] for rule in rules(RECORDING)} | OF_PROMETHEUS
