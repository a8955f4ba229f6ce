"""The pictures of the pages that README and docs show: of a real service with cameras, in Debian's Chromium."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from benchmarks.live_cameras import FAULTY, Cameras
from benchmarks.live_service import PATIENCE_S, STREAMS, TOKEN, Service
from pipeline.errors import ConfigError

PATIENCE_MS = PATIENCE_S * 1000
CAMERAS = {"entrance": "cam-1", "canteen": "cam-2", "loading-bay": FAULTY}
LOST = "loading-bay"
LABELS = {"building": "north"}

WIDE = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=360, height=740)
COLOURS = 256


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: the page at `path` as `show` leaves it, in a light or dark look; a tall one has the whole page."""

    name: str
    path: str
    show: Callable[[Page], None]
    viewport: ViewportSize
    is_dark: bool = False
    is_tall: bool = False


def run(out: Path, minutes: float) -> str:
    """Watch the cameras for so long, write the pictures to `out` and return their names and sizes, a line each."""
    out.mkdir(parents=True, exist_ok=True)
    with _service() as (service, cameras), _browser() as browser:
        service.wait_until_live(list(CAMERAS), for_s=1)
        time.sleep(60 * minutes)
        cameras.tell("kill")
        service.wait_for_state(LOST, "backing_off")
        sizes = {shot.name: _take(browser, service.url, shot, out) for shot in SHOTS}
    return "\n".join(f"{name}: {size_bytes / 1000:.0f} kB" for name, size_bytes in sizes.items())


@contextmanager
def _service() -> Iterator[tuple[Service, Cameras]]:
    with TemporaryDirectory(prefix="maskstream-screenshots-") as folder, Cameras(len(CAMERAS) - 1) as cameras:
        streams = {name: {"id": name, "url": cameras.urls[path], "labels": LABELS} for name, path in CAMERAS.items()}
        of_rest = streams.pop(LOST)
        with Service(Path(folder), {"streams": list(streams.values())}) as service:
            service.ask(STREAMS, "POST", of_rest)
            yield service, cameras


@contextmanager
def _browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise ConfigError("chromium is not installed: run `bash scripts/system_packages.sh test`")
    expect.set_options(timeout=PATIENCE_MS)
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        yield browser


def _take(browser: Browser, url: str, shot: Shot, out: Path) -> int:
    """Write one picture and return its size in bytes."""
    look: Mapping[str, Any] = {"viewport": shot.viewport, "color_scheme": "dark" if shot.is_dark else "light"}
    with browser.new_context(**look, device_scale_factor=1, reduced_motion="reduce", locale="en-GB") as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(f"{url}{shot.path}")
        shot.show(page)
        png = page.screenshot(full_page=shot.is_tall)
    path = out / f"{shot.name}.png"
    # The pages have few colours beside their photographs: a palette takes a third of the bytes.
    Image.open(BytesIO(png)).convert("RGB").quantize(COLOURS).save(path, optimize=True)
    return path.stat().st_size


def _start(page: Page) -> None:
    for picture in page.locator(".sample img").all():
        expect(picture).not_to_have_js_property("naturalWidth", 0)


def _try_samples(page: Page) -> None:
    _start(page)
    for count, name in enumerate(("Two people", "Four people"), 1):
        page.get_by_role("button", name=name).dispatch_event("click")
        expect(page.locator("#list table")).to_have_count(count)
    page.evaluate("scrollTo(0, 0)")


def _sign_in(page: Page) -> None:
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Password").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()


def _watch(page: Page) -> None:
    _sign_in(page)
    for name in set(CAMERAS) - {LOST}:
        page.get_by_role("button", name=f"Show picture of {name}").click()
        expect(page.get_by_role("img", name=f"Live picture of {name}")).not_to_have_js_property("naturalWidth", 0)
    expect(page.get_by_role("img", name="The last hour")).to_have_count(len(CAMERAS))


def _watch_one(page: Page) -> None:
    expect(page.get_by_role("img", name="Live picture of")).not_to_have_js_property("naturalWidth", 0)
    for picture in page.locator("#changes img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    page.evaluate("scrollTo(0, 0)")


SHOTS = (
    Shot("start", "/", _start, WIDE),
    Shot("check", "/", _try_samples, WIDE, is_tall=True),
    Shot("check-phone", "/", _try_samples, PHONE, is_dark=True),
    Shot("live", "/live", _watch, WIDE),
    Shot("camera", "/live/entrance", _watch_one, WIDE, is_dark=True, is_tall=True),
)
