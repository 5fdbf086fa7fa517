"""The admin, through its pages: who may come in, and a story from its first word to the site and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.clock import SetClock
from cms.domain.people import passwords
from cms.domain.people.model import User
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.staff import DEAR, PASSWORD, Staff


def test_nobody_comes_in_without_signing_in(client: FlaskClient) -> None:
    for path in ("/admin/", "/admin/articles/", "/admin/articles/new"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.location.startswith("/admin/sign-in")


def test_an_unknown_account_and_a_wrong_password_get_the_same_answer(
    staff: Callable[[str], Staff], client: FlaskClient
) -> None:
    staff("editor")
    stranger = Staff(client)
    wrong = stranger.sign_in("editor@news.example", "not the password at all")
    unknown = stranger.sign_in("nobody@news.example", "not the password at all")
    assert wrong.status_code == unknown.status_code == 403
    said = [re.search(r'role="alert">([^<]+)', each.get_data(as_text=True)) for each in (wrong, unknown)]
    assert said[0] and said[1] and said[0][1] == said[1][1]


def test_the_eleventh_guess_at_an_account_must_wait(
    staff: Callable[[str], Staff], client: FlaskClient, clock: SetClock
) -> None:
    staff("editor")
    stranger = Staff(client)
    for _ in range(10):
        assert stranger.sign_in("editor@news.example", "not the password at all").status_code == 403
    assert stranger.sign_in("editor@news.example").status_code == 429
    clock.advance(timedelta(minutes=16))
    assert stranger.sign_in("editor@news.example").status_code == 303


def test_one_device_has_one_measure_of_guesses_however_its_cookie_is_spelt(
    staff: Callable[[str], Staff], app: Flask
) -> None:
    staff("editor")
    known = Staff(app.test_client())
    known.sign_in("editor@news.example")
    cookie = known.client.get_cookie("cms_device", domain="news.example", path="/admin")
    assert cookie is not None
    said, _, signature = cookie.value.rpartition(".")
    spellings = [
        f"{said}.{signature[:at]}!!!!{signature[at:]}" for at in range(11)
    ]  # base64 overlooks what is none of it
    answers = []
    for spelling in spellings:
        stranger = Staff(app.test_client())
        stranger.client.set_cookie("cms_device", spelling, domain="news.example", path="/admin")
        answers.append(stranger.sign_in("editor@news.example", "not the password at all").status_code)
    assert answers == [403] * 10 + [429]


def test_what_is_kept_of_a_password_is_dear_to_guess_and_an_old_cheap_one_is_made_so_at_the_next_sign_in(
    staff: Callable[[str], Staff], client: FlaskClient, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff("editor")

    def kept() -> str:
        with newsroom.sessions.read() as session:
            return session.scalar(select(User.password).where(User.email == "editor@news.example")) or ""

    dear = "$argon2id$v=19$m=47104,t=1,p=1$"
    assert not kept().startswith(dear)
    monkeypatch.setattr(passwords, "_HASHER", DEAR)
    assert passwords.hash_password(PASSWORD).startswith(dear)
    assert Staff(client).sign_in("editor@news.example").status_code == 303
    assert kept().startswith(dear)
    assert Staff(client).sign_in("editor@news.example").status_code == 303


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/admin/\\evil", "/admin//evil.example"])
def test_signing_in_leads_nowhere_but_into_the_admin(
    staff: Callable[[str], Staff], client: FlaskClient, wanted: str
) -> None:
    staff("editor")
    assert Staff(client).sign_in("editor@news.example", next=wanted).location == "/admin/"


def test_a_change_without_our_own_form_is_refused(staff: Callable[[str], Staff]) -> None:
    editor = staff("editor")
    answer = editor.client.post("/admin/articles/new", data={"headline": "Forged"})
    assert answer.status_code == 400
    assert "Forged" not in editor.get("/admin/articles/")


def test_signing_out_ends_the_session_on_our_side_too(staff: Callable[[str], Staff]) -> None:
    editor = staff("editor")
    cookie = editor.client.get_cookie("cms_admin", domain="news.example", path="/admin")
    assert cookie is not None
    assert editor.post("/admin/sign-out", "/admin/").status_code == 303
    editor.client.set_cookie("cms_admin", cookie.value, domain="news.example", path="/admin")
    assert editor.client.get("/admin/").status_code == 302


def test_no_page_of_the_admin_is_kept_by_anybody(staff: Callable[[str], Staff]) -> None:
    answer = staff("editor").client.get("/admin/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_a_story_goes_from_the_form_to_the_site_and_back(
    staff: Callable[[str], Staff], desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    desk.section("Harbour")
    desk.person("Ana Ruiz")
    editor = staff("editor")
    at = editor.write(
        headline="Ferry returns",
        standfirst="After a year.",
        key_points="It sails daily.\nIt is free.",
        body_html="<p>The ferry is <strong>back</strong>.</p>",
        person="ana-ruiz",
        role="writer",
        primary="harbour",
        tags="Ferries, Old quay",
    )
    address = "/2026/03/26/ferry-returns/"
    assert client.get(address).status_code == 404
    assert editor.post(f"{at}publish", at, revision=1).status_code == 303
    page = client.get(address).get_data(as_text=True)
    for part in ("Ana Ruiz", "Harbour", "After a year.", "It is free.", "<strong>back</strong>", "Old quay"):
        assert part in page
    clock.advance(timedelta(minutes=1))
    assert editor.post(f"{at}withdraw", at, notice="Taken down.").status_code == 303
    answer = client.get(address)
    assert answer.status_code == 410
    assert "Taken down." in answer.get_data(as_text=True)


def test_the_second_of_two_saves_is_refused_with_both_texts(staff: Callable[[str], Staff]) -> None:
    first, second = staff("editor"), staff("admin")
    at = first.write(headline="As it began", body_html="<p>One.</p>")
    assert first.post(at, base=1, headline="What Ana made of it").status_code == 303
    answer = second.post(at, base=1, headline="What Ben made of it", body_html="<p>Ben's words.</p>")
    page = re.sub(r"</?(ins|del)>", "", answer.get_data(as_text=True))
    assert answer.status_code == 409
    assert "What Ana made of it" in page
    assert "What Ben made of it" in page
    assert "Ben's words." in page
    assert second.post(at, base=2, headline="What Ben made of it").status_code == 303


def test_a_field_that_cannot_be_taken_is_named_and_nothing_typed_is_lost(staff: Callable[[str], Staff]) -> None:
    answer = staff("editor").post("/admin/articles/new", headline="x" * 301, standfirst="Keep me.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="headline-trouble"' in page
    assert "Keep me." in page
    assert "x" * 301 in page


def test_a_story_is_scheduled_by_the_sites_wall_clock(
    staff: Callable[[str], Staff], client: FlaskClient, clock: SetClock
) -> None:
    editor = staff("editor")
    at = editor.write(headline="Tomorrow")
    assert editor.post(f"{at}publish", at, revision=1, live_from="2026-03-27T07:00").status_code == 303
    clock.set(datetime(2026, 3, 27, 10, 59, 59, tzinfo=UTC))
    assert client.get("/2026/03/27/tomorrow/").status_code == 404
    clock.set(datetime(2026, 3, 27, 11, 0, tzinfo=UTC))
    assert client.get("/2026/03/27/tomorrow/").status_code == 200


def test_a_time_that_the_spring_change_leaves_out_is_refused_with_the_nearest_two(
    staff: Callable[[str], Staff],
) -> None:
    editor = staff("editor")
    at = editor.write(headline="In the gap")
    answer = editor.post(f"{at}publish", at, revision=1, live_from="2027-03-14T02:30")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "01:30" in page
    assert "03:30" in page


def test_a_time_that_the_autumn_change_brings_twice_is_asked_about(staff: Callable[[str], Staff]) -> None:
    editor = staff("editor")
    at = editor.write(headline="Twice")
    asked = editor.post(f"{at}publish", at, revision=1, live_from="2026-11-01T01:30")
    assert asked.status_code == 422
    assert "second" in asked.get_data(as_text=True)
    told = editor.post(f"{at}publish", at, revision=1, live_from="2026-11-01T01:30", live_from_second="1")
    assert told.status_code == 303


def test_a_contributor_can_submit_but_not_publish(staff: Callable[[str], Staff], client: FlaskClient) -> None:
    contributor = staff("contributor")
    at = contributor.write(headline="Mine")
    page = contributor.get(at)
    assert "Submit for review" in page
    assert "Publish revision" not in page
    assert contributor.post(f"{at}publish", at, revision=1).status_code == 403
    assert contributor.post(f"{at}move/submit", at).status_code == 303
    assert client.get("/2026/03/26/mine/").status_code == 404


def test_a_contributor_is_told_of_no_story_but_their_own(staff: Callable[[str], Staff], desk: Desk) -> None:
    other = desk.write("Somebody else's secret")
    contributor = staff("contributor")
    assert "Somebody else" not in contributor.get("/admin/articles/")
    assert contributor.client.get(f"/admin/articles/{other}/").status_code == 404


@pytest.mark.parametrize("query", ["?state=nonsense", "?after=nobody", "?section=x&visibility=y&q=%00%25_", "?q=ferry"])
def test_the_list_takes_any_filter(staff: Callable[[str], Staff], desk: Desk, query: str) -> None:
    desk.publish()
    staff("editor").get(f"/admin/articles/{query}")
