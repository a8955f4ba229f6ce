"""A strict schema of what our dashboards use of Grafana's (schema version 39), and their expressions, ready to run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

DASHBOARDS = sorted((Path(__file__).parents[1] / "configs" / "grafana" / "dashboards").glob("*.json"))

UNITS = frozenset(("short", "none", "percentunit", "s", "hertz", "cpm", "bytes"))
VALUES = {"$__rate_interval": "1m", "$__interval": "1m", "$instance": ".*", "$stream": ".*", "$least_persons": "20"}
"""What stands for each variable where an expression is run."""


class Strict(BaseModel):
    """Refuses what it does not know: a misspelt key would be ignored by Grafana."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Datasource(Strict):
    type: Literal["prometheus"]
    uid: Literal["${datasource}"]


class GridPosition(Strict):
    x: int = Field(ge=0, lt=24)
    y: int = Field(ge=0)
    w: int = Field(gt=0, le=24)
    h: int = Field(gt=0, le=20)


class Target(Strict):
    refId: str = Field(pattern="[A-F]")  # noqa: N815  # Grafana's name
    datasource: Datasource
    expr: str = Field(min_length=3)
    legendFormat: str  # noqa: N815  # Grafana's name
    range: bool
    instant: bool
    format: Literal["time_series", "table", "heatmap"]


class FieldDefaults(Strict):
    unit: str
    thresholds: dict[str, Any]
    mappings: list[dict[str, Any]]
    color: dict[str, str]
    min: float | int | None = None
    max: float | int | None = None
    decimals: int | None = None
    custom: dict[str, Any] | None = None


class FieldConfig(Strict):
    defaults: FieldDefaults
    overrides: list[dict[str, Any]]


class Panel(Strict):
    id: int
    type: Literal["timeseries", "stat", "bargauge", "state-timeline", "heatmap", "table"]
    title: str = Field(min_length=2)
    description: str = Field(min_length=10)
    datasource: Datasource
    gridPos: GridPosition  # noqa: N815  # Grafana's name
    targets: list[Target] = Field(min_length=1)
    fieldConfig: FieldConfig  # noqa: N815  # Grafana's name
    options: dict[str, Any]
    transformations: list[dict[str, Any]] = []


class Row(Strict):
    id: int
    type: Literal["row"]
    title: str
    collapsed: Literal[False]
    gridPos: GridPosition  # noqa: N815  # Grafana's name
    panels: list[Panel] = Field(max_length=0)


class Variable(Strict):
    name: str
    label: str
    type: Literal["datasource", "query", "custom"]
    query: str | dict[str, str]
    hide: int
    multi: bool
    includeAll: bool  # noqa: N815  # Grafana's name
    current: dict[str, Any]
    options: list[dict[str, Any]]
    refresh: int | None = None
    regex: str | None = None
    sort: int | None = None
    allValue: str | None = None  # noqa: N815  # Grafana's name
    definition: str | None = None
    datasource: Datasource | None = None


class Annotation(Strict):
    name: str
    datasource: Datasource
    enable: bool
    hide: bool
    iconColor: str  # noqa: N815  # Grafana's name
    expr: str
    step: str
    titleFormat: str  # noqa: N815  # Grafana's name
    textFormat: str  # noqa: N815  # Grafana's name
    tagKeys: str  # noqa: N815  # Grafana's name


class Annotations(Strict):
    entries: list[Annotation] = Field(alias="list", min_length=1)


class Templating(Strict):
    entries: list[Variable] = Field(alias="list", min_length=1)


class Dashboard(Strict):
    uid: str = Field(pattern="^maskstream-[a-z]+$")
    title: str
    description: str = Field(min_length=20)
    tags: list[str]
    schemaVersion: Literal[39]  # noqa: N815  # Grafana's name
    version: int
    editable: bool
    graphTooltip: int  # noqa: N815  # Grafana's name
    refresh: str
    timezone: Literal["browser"]
    time: dict[str, str]
    links: list[dict[str, Any]]
    annotations: Annotations
    templating: Templating
    panels: list[Row | Panel]

    def charts(self) -> Iterator[Panel]:
        return (panel for panel in self.panels if isinstance(panel, Panel))

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Yield the title and the expression, values put in, of each target of each panel."""
        for panel in self.charts():
            for target in panel.targets:
                yield f"{self.uid}: {panel.title} ({target.refId})", with_values(target.expr)


def load(path: Path) -> Dashboard:
    """Return the dashboard of a file; pydantic's ValidationError where it is none."""
    return Dashboard.model_validate_json(path.read_text(encoding="utf-8"))


def with_values(expression: str) -> str:
    """Return `expression` with a value for each variable."""
    for name, value in VALUES.items():
        expression = expression.replace(name, value)
    return expression
