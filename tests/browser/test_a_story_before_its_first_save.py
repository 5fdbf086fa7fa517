"""A story that was never saved outlives its browser and its server."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.serving import command, served


def sign_in(page: Page, origin: str, email: str, password: str) -> None:
    page.goto(f"{origin}/admin/sign-in")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{origin}/admin/")


def begin(page: Page, origin: str, headline: str, words: str) -> None:
    page.goto(f"{origin}/admin/articles/new")
    page.locator(".ProseMirror").click()
    page.keyboard.type(words)
    page.get_by_label("Headline").fill(headline)


def test_a_new_story_outlives_a_killed_browser_and_a_killed_server(tmp_path: Path, chromium: Browser) -> None:
    with served(tmp_path / "var", SITE_NAME="The Quay") as first:
        told = command("user", "add", "eve@news.example", "--role", "editor", data=first.data)
        page = chromium.new_page()
        sign_in(page, first.origin, "eve@news.example", told.stdout.strip())
        begin(page, first.origin, "Ferry returns", "Typed before the lights went out.")
        expect(page.locator("[data-save-state]")).to_contain_text("Not a draft yet")
        for number in (*first.children(), first.process.pid):
            os.kill(number, signal.SIGKILL)
        page.close(run_before_unload=False)
    with served(tmp_path / "var", SITE_NAME="The Quay") as again:
        page = chromium.new_page()
        sign_in(page, again.origin, "eve@news.example", told.stdout.strip())
        page.get_by_role("link", name="Ferry returns").click()
        expect(page.locator(".ProseMirror")).to_contain_text("Typed before the lights went out.")
        page.get_by_role("button", name="Save as a draft").click()
        expect(page.locator(".told")).to_contain_text("Saved as a draft")
        expect(page.get_by_label("Headline")).to_have_value("Ferry returns")
        page.locator(".ProseMirror").wait_for()  # the room's script is there, and has looked at what is kept
        page.goto(f"{again.origin}/admin/articles/new")
        page.locator(".ProseMirror").wait_for()
        expect(page.get_by_label("Unsaved words")).to_have_count(0)
        page.close()


def test_a_new_story_typed_without_a_network_is_offered_by_its_browser(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("Eve")
    page.route("**/keep", lambda route: route.abort())
    begin(page, site.origin, "Ferry returns", "Typed in a tunnel.")
    expect(page.locator("[data-save-state]")).to_contain_text("Offline: kept in this browser")
    page.close(run_before_unload=False)

    again = page.context.new_page()
    again.goto(f"{site.origin}/admin/articles/new")
    again.get_by_role("button", name="Restore them").click()
    expect(again.get_by_label("Headline")).to_have_value("Ferry returns")
    expect(again.locator(".ProseMirror")).to_contain_text("Typed in a tunnel.")
    expect(again.locator("[data-save-state]")).to_contain_text("Not a draft yet")
    again.get_by_role("button", name="Save as a draft").click()
    expect(again.locator(".told")).to_contain_text("Saved as a draft")
    again.locator(".ProseMirror").wait_for()  # the room's script is there, and has looked at what is kept
    again.goto(f"{site.origin}/admin/articles/new")
    again.locator(".ProseMirror").wait_for()
    expect(again.get_by_label("Unsaved words")).to_have_count(0)


def test_two_new_stories_of_one_person_are_kept_apart(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in("Eve")
    for headline in ("Ferry returns", "Levy rises"):
        begin(page, site.origin, headline, f"{headline}, as typed.")
        expect(page.locator("[data-save-state]")).to_contain_text("Not a draft yet")
    page.goto(f"{site.origin}/admin/articles/new")
    offers = page.get_by_label("Unsaved words")
    expect(offers).to_have_count(2)
    offers.filter(has_text="Levy rises").get_by_role("button", name="Discard it").click()
    expect(offers).to_have_count(1)
    offers.get_by_role("link", name="Go on with it").click()
    expect(page.locator(".ProseMirror")).to_contain_text("Ferry returns, as typed.")
