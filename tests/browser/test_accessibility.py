"""What axe-core finds that keeps people from using a page: nothing serious, in light and dark, wide and narrow."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

from pipeline.sources.stream_state import Reason, StreamState
from pipeline.stream_history import DepartedPerson, Minute, PastState, StreamHistory, VerdictChange
from pipeline.types import Box, MaskState
from pipeline.upload import CheckedFace
from tests.browser.test_check_page import blank_png
from tests.browser.visit import PHONE, visit
from tests.service import ScriptedControl, ScriptedExamination, served, stream_status

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOOKS = [
    {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    {"color_scheme": "dark", "viewport": PHONE},
]
SERIOUS = {"serious", "critical"}


def a_history() -> StreamHistory:
    minutes = tuple(Minute(NOON + timedelta(minutes=minute), masked=minute % 3, unmasked=1) for minute in range(60))
    state = PastState(NOON, StreamState.LIVE, Reason.PICTURES, "pictures come")
    change = VerdictChange(1, 7, MaskState.UNKNOWN, MaskState.MASKED, 0.9, NOON)
    return StreamHistory(minutes, (state,), (change,))


def a_control() -> ScriptedControl:
    known = {
        "door": stream_status(
            "door", persons={"masked": 3}, hints=("too dark: give it light",), compliance=0.5, judged=2
        ),
        "yard": replace(stream_status("yard"), state=StreamState.BACKING_OFF, reason=Reason.UNREACHABLE),
    }
    probabilities = {MaskState.MASKED: 0.4, MaskState.INCORRECT: 0.3, MaskState.UNMASKED: 0.3}
    why = "the face is smaller than 24 px"
    face = CheckedFace(Box(10, 10, 30, 30), MaskState.UNKNOWN, 0.4, probabilities, 20.0, why)
    person = DepartedPerson("door", 7, NOON, NOON, MaskState.MASKED, 0.9, 3)
    examination = ScriptedExamination(faces=(face,))
    return ScriptedControl(known, examination=examination, histories={"door": a_history()}, departed=[person])


@pytest.fixture(params=LOOKS, ids=["light", "dark-phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    with served(a_control()) as client, visit(browser, f"http://127.0.0.1:{client.port}/", **request.param) as page:
        yield page


def faults(page: Page) -> list[str]:
    """Return what axe finds serious, a line each."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['html']}" for fault in found if fault["impact"] in SERIOUS for node in fault["nodes"]
    ]


def test_the_page_that_checks_pictures(page: Page) -> None:
    assert faults(page) == []
    page.locator("#files").set_input_files({"name": "one.png", "mimeType": "image/png", "buffer": blank_png()})
    expect(page.get_by_role("table")).to_contain_text("the face is smaller than 24 px")
    assert faults(page) == []
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_role("button", name="Take a picture")).to_be_enabled()
    assert faults(page) == []


def test_the_page_of_all_cameras(page: Page) -> None:
    page.get_by_role("link", name="Live").click()
    expect(page.get_by_text("Nobody answers at the address")).to_be_visible()
    expect(page.get_by_role("img", name="The last hour")).to_have_count(1)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_of_one_camera(page: Page) -> None:
    page.get_by_role("link", name="Live").click()
    page.get_by_role("link", name="door").click()
    expect(page.get_by_text("Person 7, first verdict")).to_be_visible()
    page.get_by_text("As a table").click()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_page_of_the_sign_in(page: Page) -> None:
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_focused()
    assert faults(page) == []


def test_the_page_of_the_interface(page: Page) -> None:
    page.get_by_role("link", name="API").click()
    expect(page.get_by_role("heading", name="POST /api/v1/predict")).to_be_visible()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
