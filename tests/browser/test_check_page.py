"""The page that checks pictures and clips, before a real service without cameras."""

import csv
import io
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from pipeline.sources.demo_picture import demo_picture
from tests.browser.visit import PHONE, visit
from tests.running_service import RunningService

JUDGED_MS = 300_000
"""A busy machine draws and judges a clip in half a minute."""

FIRST_PAGE_BYTES = 100_000

PASTE = """(event) => {
  const picture = new Uint8Array(event.bytes);
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([picture], "pasted.png", { type: "image/png" }));
  document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
}"""

DROP = """(event) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(event.bytes)], "dropped.png", { type: "image/png" }));
  const zone = document.getElementById("drop");
  for (const kind of ["dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { dataTransfer, bubbles: true, cancelable: true }));
  }
}"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with RunningService(tmp_path_factory.mktemp("service"), {"streams": []}) as service:
        yield service


@pytest.fixture
def page(browser: Browser, service: RunningService) -> Iterator[Page]:
    with visit(browser, service.url) as page:
        yield page


def card(page: Page, name: str) -> Locator:
    return page.locator("#list > li").filter(has=page.get_by_role("heading", name=name, exact=True))


def choose(page: Page, *files: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(files)


def blank_png() -> bytes:
    return cv2.imencode(".png", np.full((120, 160, 3), 128, np.uint8))[1].tobytes()


def bomb(path: Path) -> Path:
    """Write the head of a picture of 30,000 x 30,000 pixels, which would take 2.7 GB."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(90_001))))
    return path


def downloaded(page: Page, button: str) -> str:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def test_the_first_page_is_small_in_all(browser: Browser, service: RunningService) -> None:
    sizes: dict[str, int] = {}

    def weigh(request: Any) -> None:
        found = request.sizes()
        sizes[request.url] = found["responseBodySize"] + found["responseHeadersSize"]

    with browser.new_page() as page:
        page.on("requestfinished", weigh)
        page.goto(service.url)
        expect(page.get_by_role("button", name="Choose files")).to_be_visible()
        for picture in page.locator(".sample img").all():
            expect(picture).to_have_js_property("naturalWidth", 210, timeout=JUDGED_MS)
        page.wait_for_load_state("networkidle")
    assert len(sizes) > 10
    assert sum(sizes.values()) < FIRST_PAGE_BYTES


def test_several_pictures_are_judged_shown_and_downloaded(page: Page, tmp_path: Path) -> None:
    tiff, blank = tmp_path / "=portrait.tif", tmp_path / "blank.png"
    cv2.imwrite(str(tiff), np.asarray(cv2.imread(str(demo_picture()))))
    blank.write_bytes(blank_png())
    choose(page, demo_picture(), tiff, blank)
    portrait = card(page, "astronaut.png")
    expect(portrait.get_by_role("row").nth(1)).to_contain_text("Unmasked")
    expect(portrait.locator("canvas")).to_have_js_property("width", 512)
    expect(portrait.locator(".box.unmasked")).to_have_count(1)
    expect(card(page, "=portrait.tif").get_by_role("img")).to_have_js_property("naturalWidth", 512)
    expect(card(page, "blank.png")).to_contain_text("No face was found")
    expect(page.locator("#summary")).to_contain_text("3 files")
    expect(page.locator("#summary")).to_contain_text("2unmasked")
    rows = list(csv.DictReader(io.StringIO(downloaded(page, "Download table"))))
    assert [(row["file"], row["verdict"]) for row in rows] == [
        ("astronaut.png", "unmasked"),
        ("'=portrait.tif", "unmasked"),
    ]
    assert float(rows[0]["p_unmasked"]) > 0.5
    told = json.loads(downloaded(page, "Download JSON"))
    assert [picture["name"] for picture in told["pictures"]] == ["astronaut.png", "=portrait.tif", "blank.png"]
    assert len(told["model"]["sha256"]) == 64
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_role("heading", name="Results")).to_be_hidden()


def test_a_wrong_file_and_a_bomb_are_refused_in_words_and_the_next_picture_is_judged(
    page: Page, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    choose(page, notes, bomb(tmp_path / "bomb.png"), demo_picture())
    expect(card(page, "notes.txt").locator(".fault")).to_contain_text("notes.txt is")
    expect(card(page, "bomb.png").locator(".fault")).to_contain_text("pixels")
    expect(card(page, "astronaut.png")).to_contain_text("1 face")
    expect(page.locator("#summary")).to_contain_text("3 files, 2 refused")
    page.get_by_role("button", name="Remove bomb.png").click()
    expect(page.locator("#summary")).to_contain_text("2 files, 1 refused")


@pytest.mark.slow
def test_a_sample_clip_shows_its_progress_and_then_who_was_seen(page: Page) -> None:
    page.get_by_role("button", name="A short clip").click()
    clip = card(page, "walk.mp4")
    expect(clip.get_by_role("progressbar")).to_be_visible(timeout=JUDGED_MS)
    rows = clip.get_by_role("row")
    expect(rows.filter(has_text="Unmasked")).to_have_count(1, timeout=JUDGED_MS)
    expect(rows).to_have_count(5)
    expect(clip.get_by_role("progressbar")).to_have_count(0)
    expect(clip.get_by_label("walk.mp4", exact=True)).to_have_js_property("videoWidth", 1280)
    expect(clip).to_contain_text("0:06.0, 4 persons, compliance 25 %")


def test_pictures_are_pasted_dropped_and_taken_with_the_camera(page: Page) -> None:
    data = {"bytes": list(blank_png())}
    page.evaluate(PASTE, data)
    expect(card(page, "pasted.png")).to_contain_text("120 px")
    page.evaluate(DROP, data)
    expect(card(page, "dropped.png")).to_contain_text("120 px")
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Take a picture").click()
    taken = page.locator("#list > li").filter(has=page.get_by_role("heading", name="camera-"))
    expect(taken).to_contain_text("px, ")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_it_works_by_keyboard_on_a_narrow_phone(browser: Browser, service: RunningService) -> None:
    with visit(browser, service.url, viewport=PHONE, is_mobile=True) as page:
        # Where somebody listens, Chromium opens no dialog of its own; on a busy machine it hears of that late.
        page.on("filechooser", lambda _: None)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Choose files")).to_be_focused()
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Enter")
        chooser.value.set_files([demo_picture()])
        expect(card(page, "astronaut.png").get_by_role("row")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
