"""The search window, in a real browser: what readers with a mouse, a keyboard or a screen reader are promised."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from cms.app import create_app
from cms.newsroom import Newsroom
from tests.desk import Desk

STORY = "/2026/03/26/ferry-returns-to-the-old-quay/"


@pytest.fixture
def site(make_newsroom: Callable[..., Newsroom]) -> Iterator[str]:
    """The origin of a running site with one story."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        newsroom = make_newsroom(SITE_URL=origin)
        newsroom.search.rebuild([], 0)
        Desk(newsroom).publish()
        server = make_server("127.0.0.1", 0, create_app(newsroom), threaded=True, fd=listening.fileno())
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        try:
            yield origin
        finally:
            server.shutdown()
            serving.join()


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Page]:
    """The story's page in a browser, any error on which fails the test."""
    context = chromium.new_context(base_url=site, viewport={"width": 1024, "height": 700})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(STORY)
    yield page
    context.close()
    assert not wrong


def test_the_search_button_opens_and_close_gives_the_focus_back(page: Page) -> None:
    opener = page.get_by_role("button", name="Search", exact=True)
    window = page.get_by_role("dialog")
    expect(opener).to_have_count(1)
    expect(page.get_by_role("link", name="Search", exact=True)).to_have_count(0)
    expect(opener).to_have_attribute("aria-expanded", "false")
    opener.click()
    expect(window).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    assert opener.get_attribute("aria-controls") == window.get_attribute("id")
    expect(page.locator("dialog input[name=q]")).to_be_focused()
    close = page.get_by_role("button", name="Close Search Window")
    expect(close).to_have_text("Close")
    close.click()
    expect(window).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")


def test_slash_opens_it_and_escape_gives_the_focus_to_the_button(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("dialog input[name=q]")).to_be_focused()
    expect(page.locator("dialog input[name=q]")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Search", exact=True)).to_be_focused()


def test_slash_can_be_switched_off_for_good(page: Page) -> None:
    page.keyboard.press("/")
    page.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("/")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_backdrop_shuts_it_but_marking_text_does_not(page: Page) -> None:
    window = page.get_by_role("dialog")
    page.keyboard.press("/")
    page.keyboard.type("quay")
    box = page.locator("dialog input[name=q]").bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(5, 690)
    page.mouse.up()
    expect(window).to_be_visible()
    page.mouse.click(5, 690)
    expect(window).to_be_hidden()


def test_tab_stays_inside(page: Page) -> None:
    page.keyboard.press("/")
    for key in ("Tab", "Shift+Tab"):
        for _ in range(6):
            page.keyboard.press(key)
            assert page.evaluate("document.activeElement.closest('dialog') !== null")


def test_suggestions_are_chosen_with_the_arrow_keys(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    field = page.get_by_role("combobox")
    field.press_sequentially("ferr")
    option = page.get_by_role("option", name="Ferry returns to the old quay")
    expect(option).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == option.get_attribute("id")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{STORY}")


def test_the_first_escape_puts_suggestions_away_and_the_second_the_window(page: Page) -> None:
    page.keyboard.press("/")
    page.get_by_role("combobox").press_sequentially("ferr")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_enter_leads_to_the_results(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("quay")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=quay")
    expect(page.locator(".results .card-headline")).to_have_text("Ferry returns to the old quay")


def test_without_javascript_the_button_is_a_link(chromium: Browser, site: str) -> None:
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    page = context.new_page()
    page.goto(STORY)
    page.get_by_role("link", name="Search", exact=True).click()
    page.locator("main input[name=q]").fill("quay")
    page.locator("main input[name=q]").press("Enter")
    expect(page.locator(".results .card-headline")).to_have_count(1)
    context.close()


@pytest.mark.parametrize("width", [320, 768, 1440])
def test_no_page_is_wider_than_its_window(chromium: Browser, site: str, width: int) -> None:
    context = chromium.new_context(base_url=site, viewport={"width": width, "height": 800})
    page = context.new_page()
    for path in ("/", STORY, f"{STORY}history/", "/search?q=ferry", "/archive/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
