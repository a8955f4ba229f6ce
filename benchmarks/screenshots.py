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

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from scipy.spatial import KDTree

from benchmarks.live_scene import PICTURES, passers_by
from benchmarks.live_service import STREAMS, TOKEN, Service
from benchmarks.rtsp.camera import Camera
from benchmarks.rtsp.clip import ClipFormat
from benchmarks.rtsp.server import RtspServer
from pipeline.errors import ConfigError
from pipeline.types import UInt8Array
from pipeline.vision.label import COLORS

PATIENCE_MS = 120_000
LATER = {"entrance": 0, "canteen": 90, "loading-bay": 170}
"""The cameras, and by how many pictures each is ahead of the first."""

LOST = "loading-bay"

LOOP_PICTURES = 2 * PICTURES
"""The scene forwards and backwards: nobody jumps where it begins anew."""

WIDTH_PX = 960
"""Of the cameras' pictures."""

WIDE = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=360, height=740)
COLOURS, FLAT_COLOURS = 256, 64
KEPT_COLOURS = (*COLORS.values(), (11, 106, 168), (43, 134, 197))
"""Of the verdicts, and of the sign of the program in light and dark."""


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
    with _service() as (service, lost), _browser() as browser:
        service.wait_until_live(list(LATER), for_s=1)
        time.sleep(60 * minutes)
        lost.kill()
        service.wait_for_state(LOST, "backing_off")
        sizes = {shot.name: _take(browser, service.url, shot, out) for shot in SHOTS}
    return "\n".join(f"{name}: {size_bytes / 1000:.0f} kB" for name, size_bytes in sizes.items())


@contextmanager
def _service() -> Iterator[tuple[Service, RtspServer]]:
    """Give the service, and the server of the camera that is to be lost."""
    cameras = {name: Camera(_clip(pictures)) for name, pictures in LATER.items()}
    lost = RtspServer({LOST: cameras.pop(LOST)})
    with TemporaryDirectory(prefix="maskstream-screenshots-") as folder, RtspServer(cameras) as others, lost:
        streams = [{"id": name, "url": others.url(name), "labels": {"building": "north"}} for name in cameras]
        with Service(Path(folder), {"streams": streams}) as service:
            service.ask(STREAMS, "POST", {"id": LOST, "url": lost.url(LOST), "labels": {"building": "south"}})
            yield service, lost


def _clip(ahead: int) -> ClipFormat:
    def scene(index: int, width: int, height: int) -> UInt8Array:
        position = (index + ahead) % LOOP_PICTURES
        return passers_by(min(position, LOOP_PICTURES - 1 - position), width, height)

    size = WIDTH_PX, WIDTH_PX * 9 // 16
    return ClipFormat(*size, frame_count=LOOP_PICTURES, key_every=50, scene=scene, preset="veryfast", is_numbered=False)


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
    _with_palette(Image.open(BytesIO(png)).convert("RGB")).save(path, optimize=True)
    return path.stat().st_size


def _with_palette(picture: Image.Image) -> Image.Image:
    """Return a picture of 256 colours: a third of the bytes, and what is flat or has a meaning keeps its colour."""
    pixels = np.asarray(picture).reshape(-1, 3)
    colours, numbers, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    flat = np.concatenate((np.array(KEPT_COLOURS, np.uint8), colours[np.argsort(-counts)[:FLAT_COLOURS]]))
    of_photographs = picture.quantize(COLOURS - len(flat)).getpalette() or []
    palette = [*flat.ravel().tolist(), *of_photographs][: 3 * COLOURS]
    # Pillow's own search for the nearest colour is off by a few shades.
    _, nearest = KDTree(np.reshape(palette, (-1, 3))).query(colours)
    indices = np.asarray(nearest, np.uint8)[numbers.ravel()].reshape(picture.height, picture.width)
    mapped = Image.fromarray(indices, "P")
    mapped.putpalette(palette)
    return mapped


def _start(page: Page) -> None:
    for picture in page.locator(".sample img").all():
        expect(picture).not_to_have_js_property("naturalWidth", 0)


def _try_samples(page: Page) -> None:
    _start(page)
    for count, name in enumerate(("Two people", "Four people"), 1):
        page.get_by_role("button", name=name).click()
        expect(page.locator("#list table")).to_have_count(count)
    page.evaluate("scrollTo(0, 0)")


def _sign_in(page: Page) -> None:
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Password").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()


def _watch(page: Page) -> None:
    _sign_in(page)
    for name in set(LATER) - {LOST}:
        page.get_by_role("button", name=f"Show picture of {name}").click()
        expect(page.get_by_role("img", name=f"Live picture of {name}")).not_to_have_js_property("naturalWidth", 0)
    expect(page.get_by_role("img", name="The last hour")).to_have_count(len(LATER))
    expect(page.locator(".present dd").first).not_to_have_text("0")


def _watch_one(page: Page) -> None:
    expect(page.get_by_role("img", name="Live picture of")).not_to_have_js_property("naturalWidth", 0)
    for picture in page.locator("#changes img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).not_to_have_js_property("naturalWidth", 0)
    page.evaluate("scrollTo(0, 0)")
    for place in page.locator("#people dd").all()[:2]:
        expect(place).not_to_have_text("0")


SHOTS = (
    Shot("start", "/", _start, WIDE),
    Shot("check", "/", _try_samples, WIDE, is_tall=True),
    Shot("check-phone", "/", _try_samples, PHONE, is_dark=True),
    Shot("live", "/live", _watch, WIDE),
    Shot("camera", "/live/entrance", _watch_one, WIDE, is_dark=True, is_tall=True),
)
