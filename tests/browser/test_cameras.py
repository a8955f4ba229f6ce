"""The live page before a real service with two cameras, of which one dies and comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer
from tests.browser.visit import visit
from tests.running_service import RunningService

SMALL = ClipFormat(128, 96)
LIVE_MS = 180_000


@pytest.fixture
def frail() -> Iterator[RtspServer]:
    with RtspServer({"yard": Camera(SMALL)}) as server:
        yield server


@pytest.fixture
def page(browser: Browser, frail: RtspServer, tmp_path: Path) -> Iterator[Page]:
    with RtspServer({"door": Camera(SMALL)}) as sound:
        streams = [{"id": "door", "url": sound.url("door")}, {"id": "yard", "url": frail.url("yard")}]
        with RunningService(tmp_path, {"streams": streams}) as service, visit(browser, f"{service.url}/live") as page:
            yield page


@pytest.mark.slow
def test_a_camera_that_dies_is_told_and_comes_back(page: Page, frail: RtspServer) -> None:
    door = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="door"))
    yard = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="yard"))
    for camera in (door, yard):
        expect(camera.locator(".state")).to_have_text("Live", timeout=LIVE_MS)
    page.get_by_role("button", name="Show picture of door").click()
    expect(page.get_by_role("img", name="Live picture of door")).to_have_js_property("naturalWidth", 128)
    frail.kill()
    expect(yard.locator(".state")).to_have_text("Lost")
    expect(yard).to_contain_text("It is tried again")
    expect(page.locator("#summary")).to_contain_text("1 of 2 live")
    frail.revive()
    expect(yard.locator(".state")).to_have_text("Live", timeout=LIVE_MS)
    expect(page.locator("#summary")).to_contain_text("2 of 2 live")
    yard.get_by_role("link", name="yard").click()
    expect(page.get_by_role("heading", name="yard")).to_be_visible()
    expect(page.locator("#states > li")).not_to_have_count(0)
    expect(page.locator("#states")).to_contain_text("Lost")
