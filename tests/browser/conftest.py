"""Debian's Chromium, driven by Playwright; no browser is downloaded."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.visit import PATIENCE_MS
from tests.machine import require_system

OPTIONS = (
    "--no-sandbox",
    "--autoplay-policy=no-user-gesture-required",
    # The camera of a visitor: a drawn one, which nobody has to allow.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


# Not for the session: while Playwright runs, no other test of the thread can run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require_system("chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=chromium, args=OPTIONS) as browser:
        yield browser
