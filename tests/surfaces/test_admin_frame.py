"""The frame of the admin: its rooms for whom they are, and what it says when there is nothing to show."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.databases import BOTH_DATABASES
from tests.staff import Staff
from tests.watching import Watched


def rooms(page: str) -> list[str]:
    return re.findall(r'data-go="\w"[^>]*>([^<]+)<', page)


def test_each_role_is_led_to_the_rooms_it_may_enter_and_no_others(staff: Callable[[str], Staff]) -> None:
    contributor, admin = rooms(staff("contributor").get("/admin/")), rooms(staff("admin").get("/admin/"))
    assert contributor[:2] == admin[:2] == ["Today", "Articles"]
    assert set(contributor) <= set(admin)


def test_every_room_that_is_shown_opens(staff: Callable[[str], Staff]) -> None:
    for role in ("contributor", "reporter", "editor", "admin"):
        someone = staff(role)
        for address in re.findall(r'href="([^"]+)" data-go=', someone.get("/admin/")):
            assert "aria-current" in someone.get(address)


def test_an_address_that_leads_nowhere_is_answered_in_the_frame(staff: Callable[[str], Staff]) -> None:
    answer = staff("editor").client.get("/admin/nowhere/at-all")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert "There is nothing here" in page
    assert rooms(page)


@BOTH_DATABASES
def test_a_character_that_no_text_can_hold_is_answered_in_words_by_every_room(
    staff: Callable[[str], Staff], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, watch = staff("admin"), Watched()
    monkeypatch.setattr(app, "request_class", watch.request_class())
    for address in re.findall(r'href="([^"]+)" data-go=', admin.get("/admin/")):
        watch.asked.clear()
        tried: set[str] = set()
        answers = {"": admin.client.get(address).status_code}
        while name := next(iter(watch.asked - tried), None):
            tried.add(name)
            answers[name] = admin.client.get(f"{address}?{name}=%00").status_code
        assert [name for name, status in answers.items() if status not in (200, 400, 404)] == [], address


def test_a_stranger_learns_nothing_of_which_addresses_there_are(client: FlaskClient) -> None:
    for path in ("/admin/nowhere/at-all", "/admin/articles/"):
        assert client.get(path).status_code == 302


def test_a_refusal_names_the_right_that_is_missing_and_who_has_it(staff: Callable[[str], Staff]) -> None:
    contributor = staff("contributor")
    at = contributor.write(headline="Mine")
    answer = contributor.post(f"{at}publish", at, revision=1)
    assert answer.status_code == 403
    assert "You don&#39;t have the right to publish. It takes an editor or an admin." in answer.get_data(as_text=True)


def test_the_keys_are_listed_on_a_page_of_their_own_too(staff: Callable[[str], Staff]) -> None:
    page = staff("editor").get("/admin/shortcuts")
    assert page.count("<kbd>g</kbd>") >= 4
