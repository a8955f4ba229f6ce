"""The page for people, as it is sent; `tests/browser` has it run."""

import re
from pathlib import Path

from pipeline.service import live
from tests.service import ScriptedControl, served

PAGES = Path(live.__file__).with_name("pages")


def test_the_start_leads_to_the_page_and_the_page_to_its_parts() -> None:
    with served(ScriptedControl()) as client:
        start = client.get("/")
        page = client.get(start.headers["Location"])
        parts = [client.get(path) for path in re.findall(r'(?:href|src)="([^"]+)"', page.body.decode())]
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert [part.status for part in parts] == [200, 200]
    assert [part.headers["Content-Type"].partition(";")[0] for part in parts] == ["text/css", "text/javascript"]


def test_the_page_may_load_from_here_alone() -> None:
    with served(ScriptedControl()) as client:
        policy = client.get("/live").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_no_part_reaches_out_or_makes_markup_of_data() -> None:
    parts = {path.name: path.read_text(encoding="utf-8") for path in PAGES.iterdir()}
    assert parts.keys() == {"live.html", "live.css", "live.js"}
    for text in parts.values():
        assert not re.search(r"https?:|//[a-z]|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", text)
    assert not re.search(r" on\w+=|style=|<script>|<style>|javascript:", parts["live.html"])
