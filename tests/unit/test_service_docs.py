"""The description of the interface: as JSON, and as a page."""

import re

import pytest

from pipeline.service.docs import DOCS_PATH
from pipeline.service.openapi import operations
from pipeline.service.schema_words import bounds_of, prose, type_of
from tests.service import PATH, ScriptedControl, served


def test_the_page_shows_every_operation_and_every_type_and_leads_nowhere_wrong() -> None:
    with served(ScriptedControl()) as client:
        described = client.get("/openapi.json").json()
        page = client.get(DOCS_PATH)
    text = page.body.decode()
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    ids = set(re.findall(r'id="([^"]+)"', text))
    assert {operation["operationId"] for _, _, operation in operations(described)} <= ids
    assert described["components"]["schemas"].keys() <= ids
    assert set(re.findall(r'href="#([^"]+)"', text)) <= ids
    assert len(re.findall(r'id="([^"]+)"', text)) == len(ids)


def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing() -> None:
    with served(ScriptedControl()) as client:
        page = client.get(DOCS_PATH)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<style| style=| on\w+=|(?:src|href)=\"(?:https?:)?//", page.body.decode())


def test_it_says_who_may_do_what() -> None:
    with served(ScriptedControl()) as client:
        described = client.get("/openapi.json").json()
    needs = {(method, path): found["security"] for path, method, found in operations(described)}
    assert needs["get", "/healthz"] == needs["post", "/login"] == needs["post", "/logout"] == []
    assert {} in needs["get", PATH]
    assert {} in needs["post", "/api/v1/predict"]
    assert needs["delete", f"{PATH}/{{stream}}"] == [{"token": []}, {"session": [], "csrf": []}]
    named = {name for need in needs.values() for one in need for name in one}
    assert named == described["components"]["securitySchemes"].keys()


def test_a_stream_is_replaced_without_its_id_in_the_body() -> None:
    with served(ScriptedControl()) as client:
        schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["StreamConfig"]["required"] == ["id", "url"]
    assert schemas["StreamReplacement"]["required"] == ["url"]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/components/schemas/Face"}, '<a href="#Face">Face</a>'),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"enum": ["a", "<b>"]}, "<code>a</code> or <code>&lt;b&gt;</code>"),
        ({"type": "array", "items": {"type": "number"}}, "list of number"),
        ({"type": "array", "maxItems": 4, "prefixItems": [{"type": "number"}] * 4}, "4 of number"),
        ({"type": "array"}, "list of value"),
        ({"type": "object", "properties": {"files": {}}}, "with <code>files</code>"),
        ({"type": "string", "format": "date-time"}, "date-time"),
        ({}, "value"),
    ],
)
def test_a_schema_is_told_in_words(schema: dict[str, object], words: str) -> None:
    assert type_of(schema) == words


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, ""),
        ({"minimum": 1, "maximum": 9, "default": 3}, "from 1 to 9, left out: 3"),
        ({"exclusiveMinimum": 0}, "above 0"),
        ({"default": "a"}, 'left out: "a"'),
        ({"default": None}, ""),
    ],
)
def test_bounds_are_told_in_words(schema: dict[str, object], words: str) -> None:
    assert bounds_of(schema) == words


def test_a_description_has_paragraphs_and_code() -> None:
    assert prose("A `b` <c>.\n\nD") == ["A <code>b</code> &lt;c&gt;.", "D"]
