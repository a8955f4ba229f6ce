"""The page of all cameras in a real browser, over scripted streams."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline.jpeg import Jpeg
from pipeline.sources.stream_state import Reason, StreamState
from tests.browser.visit import visit
from tests.service import ScriptedControl, served, stream_status

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
def control() -> ScriptedControl:
    door = stream_status("door", persons={"masked": 3}, frames_per_s=24.96, frame_age_s=0.1, compliance=0.75, judged=4)
    yard = replace(stream_status("yard"), state=StreamState.PAUSED, labels={"building": "north"})
    return ScriptedControl({"door": door, "yard": yard})


@pytest.fixture
def page(browser: Browser, control: ScriptedControl) -> Iterator[Page]:
    with served(control) as client, visit(browser, f"http://127.0.0.1:{client.port}/live") as page:
        yield page


def a_picture() -> Jpeg:
    _, data = cv2.imencode(".jpg", np.zeros((36, 64, 3), np.uint8))
    return Jpeg(data.tobytes(), 1, None)


def test_streams_are_shown_refreshed_and_gone(page: Page, control: ScriptedControl) -> None:
    door = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="door", exact=True))
    for text in ("Live", "Masked3", "75 %", "masked of 4 persons", "25.0 frames/s, 0.1 s old"):
        expect(door).to_contain_text(text)
    expect(page.locator("#summary")).to_contain_text("1 of 2 live")
    control.known["door"] = replace(
        control.known["door"], state=StreamState.BACKING_OFF, reason=Reason.PICTURES, detail=MARKUP
    )
    expect(door).to_contain_text("Lost")
    expect(door).to_contain_text(MARKUP)
    expect(page.locator("img")).to_have_count(0)
    control.known.clear()
    expect(page.get_by_text("No cameras yet")).to_be_visible()
    expect(door).to_have_count(0)


def test_cameras_are_found_by_words_and_by_state(page: Page) -> None:
    cards = page.locator("#streams > li:visible")
    expect(cards).to_have_count(2)
    page.get_by_role("searchbox").fill("NORTH")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text("yard")
    page.get_by_role("radio", name="Live").check()
    expect(page.get_by_text("No camera matches")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    expect(cards).to_contain_text("door")


def test_a_picture_moves_while_it_is_asked_for(page: Page, control: ScriptedControl) -> None:
    page.get_by_role("button", name="Show picture of door").click()
    show = control.next_watcher()
    show(a_picture())
    picture = page.get_by_role("img", name="Live picture of door")
    expect(picture).to_have_js_property("naturalWidth", 64)
    page.get_by_role("button", name="Hide picture of door").click()
    assert control.next_who_left() is show
    expect(picture).to_have_count(0)
