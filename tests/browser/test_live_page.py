"""The live page in a real browser, over scripted streams."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from pipeline.jpeg import Jpeg
from pipeline.sources.stream_state import Reason, StreamState
from tests.browser.page import browser_page
from tests.service import ScriptedControl, served, stream_status

MARKUP = "<img src=x onerror=alert(1)>"
SHOWN = "document.querySelector('li')?.textContent"


def a_picture() -> Jpeg:
    _, data = cv2.imencode(".jpg", np.zeros((36, 64, 3), np.uint8))
    return Jpeg(data.tobytes(), 1, None)


def a_control() -> ScriptedControl:
    door = stream_status("door", persons={"masked": 3}, frames_per_s=24.96, compliance=0.75, judged=4)
    return ScriptedControl({"door": door})


def test_streams_are_shown_refreshed_and_gone(tmp_path: Path) -> None:
    control = a_control()
    with served(control) as client, browser_page(tmp_path) as page:
        page.open(f"http://127.0.0.1:{client.port}/")
        page.wait_for(f"{SHOWN}?.includes('25.0')")
        shown = page.evaluate(SHOWN)
        assert all(text in shown for text in ("door", "live", "pictures come", "75 % of 4"))
        control.known["door"] = replace(
            control.known["door"], state=StreamState.BACKING_OFF, reason=Reason.ENDED, detail=MARKUP
        )
        page.wait_for(f"{SHOWN}.includes('backing off')")
        assert MARKUP in page.evaluate(SHOWN)
        assert page.evaluate("document.images.length") == 0
        control.known.clear()
        page.wait_for("document.querySelector('li') === null")


def test_a_picture_moves_while_it_is_asked_for(tmp_path: Path) -> None:
    control = a_control()
    with served(control) as client, browser_page(tmp_path) as page:
        page.open(f"http://127.0.0.1:{client.port}/live")
        page.wait_for("document.querySelector('li button') !== null")
        page.evaluate("document.querySelector('li button').click()")
        show = control.next_watcher()
        show(a_picture())
        page.wait_for("document.images[0]?.naturalWidth === 64")
        page.evaluate("document.querySelector('li button').click()")
        assert control.next_who_left() is show
        assert page.evaluate("document.images.length") == 0
