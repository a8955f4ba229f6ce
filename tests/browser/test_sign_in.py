"""Signing in, and what it allows, in a real browser over scripted streams."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from pipeline.stream_status import Owner
from tests.browser.visit import visit
from tests.service import TOKEN, ScriptedControl, served, stream_status


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    control = ScriptedControl({"door": stream_status("door"), "yard": stream_status("yard", Owner.REST)})
    with served(control) as client, visit(browser, f"http://127.0.0.1:{client.port}/live") as page:
        yield page


def sign_in(page: Page, password: str) -> None:
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_wrong_password_is_told_and_the_right_one_leads_back(page: Page) -> None:
    expect(page.get_by_role("button", name="Add a camera")).to_have_count(0)
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, "not the password")
    expect(page.get_by_role("alert")).to_have_text("The password is wrong.")
    sign_in(page, TOKEN)
    expect(page).to_have_url(re.compile("/live$"))
    expect(page.get_by_role("button", name="Add a camera")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_a_camera_is_added_paused_resumed_and_removed(page: Page) -> None:
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, TOKEN)
    page.get_by_role("button", name="Add a camera").click()
    page.get_by_role("textbox", name="Name").fill("gate")
    page.get_by_role("textbox", name="Address").fill("rtsp://192.0.2.1/elsewhere")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#add-url-fault")).to_contain_text("rest_url_hosts")
    page.get_by_role("textbox", name="Address").fill("rtsp://10.0.7.9/stream1")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    gate = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="gate"))
    page.get_by_role("button", name="Pause gate").click()
    expect(gate).to_contain_text("Paused")
    page.get_by_role("button", name="Resume gate").click()
    expect(gate).to_contain_text("Connecting")
    page.get_by_role("button", name="Remove gate").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep it").click()
    expect(gate).to_be_visible()
    page.get_by_role("button", name="Remove gate").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(gate).to_have_count(0)


def test_a_camera_of_the_file_is_left_to_the_file(page: Page) -> None:
    page.get_by_role("link", name="Sign in").click()
    sign_in(page, TOKEN)
    expect(page.get_by_role("button", name="Pause yard")).to_be_visible()
    expect(page.get_by_role("button", name="Pause door")).to_have_count(0)
