"""The dashboards are what Grafana reads, and ask for nothing that does not exist."""

import json
import re
import subprocess
from itertools import combinations
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from tests.grafana import DASHBOARDS, UNITS, Dashboard, GridPosition, load, with_values
from tests.machine import require_system
from tests.promql import known_names, metric_names

PROVISIONING = DASHBOARDS[0].parents[1] / "provisioning"

boards = pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)


def overlap(one: GridPosition, other: GridPosition) -> bool:
    beside = one.x + one.w <= other.x or other.x + other.w <= one.x
    return not beside and one.y < other.y + other.h and other.y < one.y + one.h


def test_the_three_dashboards_are_there() -> None:
    assert [load(path).uid for path in DASHBOARDS] == [path.stem for path in DASHBOARDS]
    assert {path.stem for path in DASHBOARDS} == {"maskstream-fleet", "maskstream-stream", "maskstream-engine"}


@pytest.mark.parametrize("key", ["datasourse", "repeat"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    content = json.loads(DASHBOARDS[0].read_text(encoding="utf-8"))
    content["panels"][1][key] = "x"
    with pytest.raises(ValidationError, match=key):
        Dashboard.model_validate(content)


@boards
def test_panels_have_their_own_place_and_number(path: Path) -> None:
    board = load(path)
    assert len({panel.id for panel in board.panels}) == len(board.panels)
    assert all(panel.gridPos.x + panel.gridPos.w <= 24 for panel in board.panels)
    clashes = [
        (one.title, other.title) for one, other in combinations(board.panels, 2) if overlap(one.gridPos, other.gridPos)
    ]
    assert clashes == []


@boards
def test_every_panel_has_a_unit(path: Path) -> None:
    assert {panel.fieldConfig.defaults.unit for panel in load(path).charts()} <= UNITS


@boards
def test_no_data_source_is_named_but_by_the_variable(path: Path) -> None:
    variables = load(path).templating.entries
    assert (variables[0].name, variables[0].type, variables[0].query) == ("datasource", "datasource", "prometheus")
    uids = re.findall(r'"uid": "([^"]*)"', path.read_text(encoding="utf-8"))
    assert set(uids) == {"${datasource}", path.stem}


@boards
def test_every_variable_that_is_used_is_defined(path: Path) -> None:
    board = load(path)
    defined = {f"${variable.name}" for variable in board.templating.entries} | {"$__rate_interval"}
    used = {name for panel in board.charts() for target in panel.targets for name in re.findall(r"\$\w+", target.expr)}
    used |= {name for each in board.annotations.entries for name in re.findall(r"\$\w+", each.expr)}
    assert used <= defined


@boards
def test_expressions_ask_for_names_that_exist(path: Path) -> None:
    board, known = load(path), known_names()
    asked = dict(board.expressions()) | {each.name: with_values(each.expr) for each in board.annotations.entries}
    assert not {name for expression in asked.values() for name in metric_names(expression)} - known
    queries = [variable.definition for variable in board.templating.entries if variable.definition]
    assert queries
    assert not {name for query in queries for name in re.findall(r"label_values\((\w+)", query)} - known


@boards
def test_a_share_of_persons_has_a_least_number_of_them(path: Path) -> None:
    for title, expression in load(path).expressions():
        if "compliance_ratio" in expression or "compliance:ratio" in expression or "persons_masked" in expression:
            assert ">= 20" in expression, title


@boards
def test_promtool_parses_every_expression(path: Path, tmp_path: Path) -> None:
    board = load(path)
    expressions = [expression for _, expression in board.expressions()]
    expressions += [with_values(each.expr) for each in board.annotations.entries]
    rules = [{"record": f"expression:{index}", "expr": expression} for index, expression in enumerate(expressions)]
    file = tmp_path / "expressions.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": path.stem, "rules": rules}]}), encoding="utf-8")
    check = subprocess.run(
        [require_system("promtool"), "check", "rules", str(file)], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout + check.stderr
    assert f"{len(rules)} rules found" in check.stdout


def test_the_data_source_is_provisioned() -> None:
    content = yaml.safe_load((PROVISIONING / "datasources" / "prometheus.yml").read_text(encoding="utf-8"))
    (source,) = content["datasources"]
    assert (content["apiVersion"], source["type"], source["url"]) == (1, "prometheus", "${PROMETHEUS_URL}")


def test_the_dashboards_are_provisioned() -> None:
    content = yaml.safe_load((PROVISIONING / "dashboards" / "maskstream.yml").read_text(encoding="utf-8"))
    (provider,) = content["providers"]
    assert (content["apiVersion"], provider["type"], provider["options"]) == (1, "file", {"path": "${DASHBOARDS}"})
