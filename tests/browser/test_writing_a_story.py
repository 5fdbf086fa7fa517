"""A story written in the editor by hand, in a real browser, read on the site afterwards."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from cms import reactions
from cms.app import create_app
from cms.domain.people.hiring import add_user
from cms.domain.people.passwords import hash_password
from cms.domain.people.staff import SYSTEM
from cms.newsroom import Newsroom
from tests.desk import Desk

PASSWORD = "a password for tests"


@pytest.fixture
def site(make_newsroom: Callable[..., Newsroom]) -> Iterator[str]:
    """A served newsroom with one editor, one person and two sections; its origin."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        newsroom = make_newsroom(SITE_URL=origin)
        desk = Desk(newsroom)
        desk.person("Ana Ruiz")
        desk.section("AI", "ai")
        desk.section("Latest news", "latest-news")
        now = newsroom.clock.now()
        with newsroom.sessions.write() as session:
            _user, event = add_user(
                session,
                SYSTEM,
                email="eve@news.example",
                name="Eve",
                role="editor",
                password_hash=hash_password(PASSWORD),
                now=now,
            )
            reactions.commit(session, [event], now, newsroom.signal)
        server = make_server("127.0.0.1", 0, create_app(newsroom), threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield origin
        server.shutdown()
        thread.join()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_a_story_typed_by_hand_reaches_the_site_in_the_right_order(site: str, page: Page) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(f"{site}/admin/articles/new")
    page.get_by_label("E-mail address").fill("eve@news.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()

    page.get_by_label("Headline").fill("Chief woos researchers by letter")
    page.get_by_label("Standfirst").fill("Offers without an interview.")
    page.get_by_label("Key points, one a line").fill("Letters went to rivals.\nTasks replace interviews.")
    text = page.get_by_role("textbox", name="Text")
    text.click()
    page.keyboard.type("The letters began in ")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.type("March")
    page.get_by_role("button", name="Bold").click()
    page.keyboard.type(".")
    page.keyboard.press("Enter")
    page.keyboard.type("Nobody answered for comment.")
    page.get_by_label("Byline 1", exact=True).select_option("Ana Ruiz")
    page.get_by_label("Primary section").select_option("AI")
    page.get_by_role("checkbox", name="Latest news").check()
    page.get_by_label("Tags, separated by commas").fill("Recruitment, Letters")
    page.keyboard.press("Control+s")

    expect(page.get_by_role("status")).to_contain_text("Saved as a draft")
    page.get_by_role("button", name="Publish revision 1").click()
    expect(page.get_by_role("status")).to_contain_text("Published")
    page.get_by_role("link", name="See it on the site").click()

    said = page.locator("main").inner_text()
    parts = [
        "Written by",
        "Ana Ruiz",
        "AI",
        "Latest news",
        "Chief woos researchers by letter",
        "Offers without an interview.",
        "Letters went to rivals.",
        "Tasks replace interviews.",
        "The letters began in March.",
        "Nobody answered for comment.",
        "Visited 0 times, 0 visits today",
        "Tags: Recruitment, Letters",
        "Last modified: March 26, 2026",
    ]
    places = [said.find(part) for part in parts]
    assert -1 not in places, parts[places.index(-1)]
    assert places == sorted(places)
    assert page.locator("strong", has_text="March").count() == 1
    assert wrong == []
