"""A served newsroom with its desk, and browsers of people who have signed in to it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from cms import reactions
from cms.app import create_app
from cms.domain.people.hiring import add_user
from cms.domain.people.passwords import hash_password
from cms.domain.people.staff import SYSTEM
from cms.newsroom import Newsroom
from tests.desk import Desk

PASSWORD = "a password for tests"


@dataclass
class Site:
    origin: str
    newsroom: Newsroom
    desk: Desk

    def hire(self, name: str, role: str) -> None:
        """Somebody who can sign in with their first name."""
        now = self.newsroom.clock.now()
        with self.newsroom.sessions.write() as session:
            _user, event = add_user(
                session,
                SYSTEM,
                email=f"{name.lower()}@news.example",
                name=name,
                role=role,
                password_hash=hash_password(PASSWORD),
                now=now,
            )
            reactions.commit(session, [event], now, self.newsroom.signal)


@pytest.fixture
def site(make_newsroom: Callable[..., Newsroom]) -> Iterator[Site]:
    """A served newsroom with one editor (Eve), one person and two sections."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        newsroom = make_newsroom(SITE_URL=origin)
        made = Site(origin, newsroom, Desk(newsroom))
        made.desk.person("Ana Ruiz")
        made.desk.section("AI", "ai")
        made.desk.section("Latest news", "latest-news")
        made.hire("Eve", "editor")
        server = make_server("127.0.0.1", 0, create_app(newsroom), threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield made
        server.shutdown()
        thread.join()


@pytest.fixture
def sign_in(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a browser for somebody of the desk. A script error, or anything on the console, fails the test."""
    contexts, wrong = [], []

    def open_for(name: str = "Eve", **options: object) -> Page:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.goto(f"{site.origin}/admin/sign-in")
        page.get_by_label("E-mail address").fill(f"{name.lower()}@news.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{site.origin}/admin/")
        return page

    yield open_for
    for context in contexts:
        context.close()
    refused = ("the server responded with a status of 4", "net::ERR_FAILED")  # said on the page, which tests look at
    assert [each for each in wrong if not any(said in each for said in refused)] == []
