"""A visit of the site in a tab of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

PATIENCE_MS = 60_000
PHONE = {"width": 360, "height": 740}

# What the browser says of an answer that the page itself tells its visitor.
REFUSED = "Failed to load resource"


@contextmanager
def visit(browser: Browser, url: str, **options: Any) -> Iterator[Page]:
    """Give the page at `url`, which fails its test where a script fails or wants more than the policy allows.

    `options` are those of Playwright's contexts.
    """
    faults: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(REFUSED):
            faults.append(message.text)

    with browser.new_context(**options) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", hear)
        page.goto(url)
        yield page
    assert faults == []
