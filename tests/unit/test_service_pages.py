"""The pages for people, as they are sent; `tests/browser` has them run."""

import re
from pathlib import Path

import pytest

from pipeline.service import site
from tests.service import Answer, Client, ScriptedControl, served, stream_status

SERVICE = Path(site.__file__).parent
PAGES = ("/", "/live", "/live/door", "/login", "/docs")
PART = re.compile(r'(?:href|src)="(/assets/[^"]+)"')
IMPORT = re.compile(r'from "\./([^"]+)"')
FONT = re.compile(r'url\("([^"]+)"\)')

FIRST_PAGE_BYTES = 100_000


def a_control() -> ScriptedControl:
    return ScriptedControl({"door": stream_status("door")})


def parts_of(client: Client, page: Answer) -> dict[str, Answer]:
    """Return what a browser asks for to show `page`, by address."""
    found: dict[str, Answer] = {}
    wanted = PART.findall(page.body.decode())
    while wanted:
        address = wanted.pop()
        if address not in found:
            found[address] = client.get(address)
            folder = address.rpartition("/")[0]
            text = found[address].body.decode(errors="replace")
            wanted += [f"{folder}/{name}" for name in (*IMPORT.findall(text), *FONT.findall(text))]
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_small_and_all_of_it_is_there(path: str) -> None:
    with served(a_control()) as client:
        page = client.get(path)
        parts = parts_of(client, page)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert {part.status for part in parts.values()} == {200}
    assert {part.headers["Content-Type"].partition(";")[0] for part in parts.values()} >= {"text/css", "font/woff2"}
    assert len(page.body) + sum(len(part.body) for part in parts.values()) < FIRST_PAGE_BYTES


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_for_all_its_scripts_at_once(path: str) -> None:
    with served(a_control()) as client:
        page = client.get(path)
        scripts = {address for address in parts_of(client, page) if address.endswith(".js")}
    assert scripts == {address for address in PART.findall(page.body.decode()) if address.endswith(".js")}


def test_parts_are_kept_by_browsers_and_pages_are_not() -> None:
    with served(a_control()) as client:
        page = client.get("/live")
        part = client.get(PART.findall(page.body.decode())[0])
    assert page.headers["Cache-Control"] == "no-store"
    assert "immutable" in part.headers["Cache-Control"]


def test_a_part_that_is_not_there_is_not_found() -> None:
    with served(a_control()) as client:
        folder = PART.findall(client.get("/").body.decode())[0].rpartition("/")[0]
        assert client.get(f"{folder}/site.py").status == 404
        assert client.get("/assets/old/site.css").status == 404


@pytest.mark.parametrize("path", PAGES)
def test_a_page_may_load_from_here_alone(path: str) -> None:
    with served(a_control()) as client:
        policy = client.get(path).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_no_part_reaches_out_or_makes_markup_of_data() -> None:
    for path in (*SERVICE.glob("assets/*.js"), *SERVICE.glob("assets/*.css"), *SERVICE.glob("pages/*.html")):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|['\"]//[a-z]|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(", text), (
            path
        )
        if path.suffix == ".html":
            assert not re.search(r" on\w+=|style=|<script>|<style>|javascript:", text), path


def test_what_is_known_of_a_stream_is_escaped() -> None:
    name = "door&amp;<b>"
    with served(ScriptedControl({name: stream_status(name)})) as client:
        page = client.get("/live/door&amp;%3Cb%3E").body.decode()
    assert "<h1>door&amp;amp;&lt;b&gt;</h1>" in page
    assert "<b>" not in page


def test_the_page_of_an_unknown_stream_is_not_found() -> None:
    with served(a_control()) as client:
        assert client.get("/live/nobody").status == 404


def test_the_form_of_the_sign_in_says_what_was_wrong_and_keeps_where_it_leads() -> None:
    with served(a_control()) as client:
        page = client.get("/login?error=wrong&next=/live/door").body.decode()
        other = client.get("/login?error=%3Cscript%3E").body.decode()
    assert "The password is wrong." in page
    assert 'name="next" value="/live/door"' in page
    assert 'role="alert"' not in other
