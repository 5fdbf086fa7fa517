"""Every room of the admin in a real browser: no barrier in the light or the dark, none wider than a phone, keys."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from cms import reactions
from cms.app import create_app
from cms.domain.people.hiring import add_user
from cms.domain.people.passwords import hash_password
from cms.domain.people.staff import SYSTEM
from cms.newsroom import Newsroom
from tests.browser.walking import walk
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.readers import Readers
from tests.sizes import size

PASSWORD = "a password for tests"
AXE = (Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUN = """axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
    .then((told) => told.violations.map((each) => each.id + ": " + each.nodes.map((node) => node.target).join(" ")))"""


@pytest.fixture
def site(make_newsroom: Callable[..., Newsroom]) -> Iterator[str]:
    """A served newsroom with something in every room, and an admin."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        newsroom = make_newsroom(SITE_URL=origin)
        _furnish(newsroom, origin)
        server = make_server("127.0.0.1", 0, create_app(newsroom), threaded=True, fd=listening.fileno())
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield origin
        finally:
            server.shutdown()
            thread.join()


def _furnish(newsroom: Newsroom, origin: str) -> None:
    desk, now = Desk(newsroom), newsroom.clock.now()
    with newsroom.sessions.write() as session:
        _user, event = add_user(
            session,
            SYSTEM,
            email="ada@news.example",
            name="Ada",
            role="admin",
            password_hash=hash_password(PASSWORD),
            now=now,
        )
        reactions.commit(session, [event], now, newsroom.signal)
    desk.section("Harbour")
    desk.person("Ana Ruiz")
    desk.token("editor")
    shown, _ = hang(newsroom, picture(), alt="A ferry")
    story = desk.publish(sections=["harbour"], lead_image=shown, tags=["Ferries"])
    desk.correct(story, "It sails at nine.")
    desk.put_live(desk.write("Tomorrow"), live_from=now + timedelta(days=1))
    readers = Readers(newsroom)
    readers.read(story, origin=origin)
    readers.roll_up()


@pytest.fixture
def page(chromium: Browser, site: str) -> Iterator[Page]:
    """Signed in; any error on a page fails the test."""
    context = chromium.new_context(base_url=site)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto("/admin/")
    page.get_by_label("E-mail address").fill("ada@news.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{site}/admin/")
    yield page
    context.close()
    assert not wrong


def _addresses(page: Page) -> list[str]:
    """Every room, and one of what each room holds."""
    found = page.eval_on_selector_all("[data-go]", "links => links.map((link) => link.getAttribute('href'))")
    inner = ["/admin/account/", "/admin/shortcuts", "/admin/calendar/?view=week"]
    inner += ["/admin/search/", "/admin/search/?q=ferry", "/admin/search/?q=nowhere"]
    for room in ("/admin/users/", "/admin/media/", "/admin/visits/"):
        page.goto(room)
        inner.append(str(page.locator("[data-item]").first.get_attribute("href")))
    page.goto("/admin/articles/")
    inner.append(f"{page.locator('.stories .line > a').first.get_attribute('href')}history/")
    return [*found, *inner]


def test_no_room_has_a_barrier_in_the_light_or_the_dark_or_is_wider_than_a_phone(page: Page) -> None:
    page.goto("/admin/")
    barriers: list[str] = []
    for address in _addresses(page):
        for scheme, width in (("light", 1280), ("dark", 320)):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(address)
            page.evaluate(AXE)
            barriers += [f"{address} {scheme}: {barrier}" for barrier in page.evaluate(RUN)]
            if page.evaluate("document.documentElement.scrollWidth") > width:
                barriers.append(f"{address} is wider than {width}")
    assert barriers == []


def test_every_room_can_be_walked_by_keyboard_and_shows_where_it_is(page: Page) -> None:
    """Every link, button and field is reached, is in sight and is marked when it is, the rooms can be skipped, and the
    page can be left again."""
    found = {}
    for address in ["/admin/articles/new", *_addresses(page)[:: size(6, 1)]]:
        for width in (1280, 320):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(address)
            if address.endswith("/new"):
                page.locator(".ProseMirror").wait_for()
            if trouble := walk(page):
                found[f"{address} {width}"] = trouble
    assert found == {}


def test_keys_lead_to_rooms_and_can_be_switched_off(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/admin/calendar/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/admin/calendar/")


def test_slash_and_ctrl_k_lead_to_the_search_from_everywhere_but_the_text_of_a_story(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    field = page.get_by_role("navigation", name="Rooms").get_by_role("searchbox")
    for room, keys in (("/admin/articles/", "/"), ("/admin/media/", "Control+k"), ("/admin/articles/new", "Control+k")):
        page.goto(room)
        page.keyboard.press(keys)
        expect(field).to_be_focused()
    text = page.locator("[contenteditable=true]").first
    text.click()
    page.keyboard.type("a/b ")
    page.keyboard.press("Control+k")
    expect(field).not_to_be_focused()
    expect(text).to_contain_text("a/b")
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/admin/media/")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    page.keyboard.type("ferry")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="A ferry")).to_be_visible()


def test_on_a_phone_the_rooms_stand_behind_a_button(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    rooms = page.get_by_role("navigation", name="Rooms")
    expect(rooms).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(rooms).to_be_visible()
    page.keyboard.press("Escape")
    expect(rooms).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    rooms.get_by_role("link", name="Visits").click()
    expect(page.get_by_role("heading", name="Visits", level=1)).to_be_visible()


def test_pictures_are_sent_with_progress_and_the_focal_point_is_moved_by_keyboard(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/admin/media/")
    sent = {"name": "quay.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    page.get_by_label("Add pictures").set_input_files([sent])  # type: ignore[list-item]
    page.get_by_role("button", name="Upload").click()
    mark = page.get_by_role("button", name="Focal point")
    mark.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    page.get_by_label("What it shows").fill("The quay")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(page.locator("#focus_x")).to_have_value("51.0")
    expect(page.locator("#focus_y")).to_have_value("40.0")
