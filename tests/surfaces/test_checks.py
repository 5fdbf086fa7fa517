"""Checks before publishing: what they find, and that what blocks is refused by every way in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cms.clock import SetClock
from cms.domain.errors import Conflict
from cms.domain.people.staff import SYSTEM
from cms.domain.workflow.checks import SAID, set_rules
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.staff import Staff

Hire = Callable[[str], Staff]
WHOLE = {"standfirst": "After a year.", "body_html": "<p>The ferry is back. It is free.</p>"}


@pytest.fixture
def rule(desk: Desk) -> Callable[[str, str], None]:
    def choose(check: str, level: str) -> None:
        with desk.newsroom.sessions.write() as session:
            desk._commit(session, *set_rules(session, SYSTEM, {check: level}))

    return choose


def aside(staff: Staff, article: str) -> str:
    """What the page of a story says was found in it."""
    page = staff.get(f"/admin/articles/{article}/")
    return page.split("data-checks=")[1].split("</div>")[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"headline": "x" * 111}, "The headline has 111 characters"),
        ({"standfirst": ""}, "There is no standfirst."),
        ({}, "Nobody&#39;s name stands on it."),
        ({"body_html": '<p><a href="/2026/01/01/nowhere/">here</a></p>'}, "The link to /2026/01/01/nowhere/ leads to"),
        ({"body_html": '<p><a href="/tag/nothing/">here</a></p>'}, "The link to /tag/nothing/ leads to"),
        ({"body_html": f"<p>{'word ' * 40}.</p>"}, "Sentences have 41 words on average"),
    ],
)
def test_what_is_missing_is_said_on_the_storys_page(staff: Hire, desk: Desk, fields: dict[str, str], said: str) -> None:
    article = desk.write(**{"headline": "Ferry returns", **WHOLE, **fields})
    assert said in aside(staff("editor"), article)


def test_a_picture_without_words_or_with_rights_that_end_is_said(staff: Hire, desk: Desk) -> None:
    image, key = hang(desk.newsroom, picture())
    body = f'<figure><img src="/media/{key}/w960.jpg" alt=""></figure>'
    article = desk.write(lead_image=image, body_html=body)
    page = aside(staff("editor"), article)
    assert "The lead picture has no alternative text." in page
    assert "The lead picture has no credit." in page
    assert "There is a picture in the text without alternative text." in page
    assert "There is a picture in the text without a credit." in page


def test_a_whole_story_has_nothing_to_mend(staff: Hire, desk: Desk) -> None:
    desk.person("Ana Ruiz")
    target = desk.publish("The old quay", tags=["Ferries"])
    assert target
    links = '<p>See <a href="/2026/03/26/the-old-quay/">this</a> and <a href="/tag/ferries/">that</a>.</p>'
    article = desk.write("Ferry returns", standfirst="After a year.", body_html=links, bylines=[{"person": "ana-ruiz"}])
    assert "Nothing to mend was found." in aside(staff("editor"), article)


def test_a_link_to_a_story_that_was_withdrawn_is_said(staff: Hire, desk: Desk, clock: SetClock) -> None:
    target = desk.publish("The old quay")
    article = desk.write("Ferry returns", body_html='<p><a href="/2026/03/26/the-old-quay/">this</a></p>')
    editor = staff("editor")
    assert "The link to" not in aside(editor, article)
    clock.advance(timedelta(minutes=1))
    desk.withdraw(target)
    assert "The link to /2026/03/26/the-old-quay/ leads to nothing" in aside(editor, article)


def test_an_embargo_that_has_not_passed_is_said_until_it_has(staff: Hire, desk: Desk, clock: SetClock) -> None:
    article, editor = desk.write("Ferry returns", **WHOLE), staff("editor")
    desk.embargo(article, desk.now + timedelta(hours=1))
    assert "It is embargoed until after that" in aside(editor, article)
    clock.advance(timedelta(hours=1))
    assert "embargoed" not in aside(editor, article)


def test_what_is_being_typed_is_checked_without_being_saved(staff: Hire, desk: Desk) -> None:
    article = desk.write("Ferry returns", **WHOLE)
    editor, at = staff("editor"), f"/admin/articles/{article}/"
    answer = editor.post(f"{at}checks", at, headline="x" * 120, standfirst="")
    assert "The headline has 120 characters" in answer.get_data(as_text=True)
    assert "There is no standfirst." in answer.get_data(as_text=True)
    assert "The headline has" not in aside(editor, article)


def test_a_warning_stops_nobody(staff: Hire, desk: Desk, client: FlaskClient) -> None:
    article = desk.write("Ferry returns")
    at = f"/admin/articles/{article}/"
    assert staff("editor").post(f"{at}publish", at, revision=1).status_code == 303
    assert client.get("/2026/03/26/ferry-returns/").status_code == 200


@BOTH_DATABASES
def test_what_blocks_is_refused_by_admin_api_and_verb_alike_with_the_reason(
    staff: Hire, desk: Desk, client: FlaskClient, rule: Callable[[str, str], None], clock: SetClock
) -> None:
    rule("standfirst", "block")
    article = desk.write("Ferry returns")
    editor, at = staff("editor"), f"/admin/articles/{article}/"
    assert "Blocks" in aside(editor, article)
    refused = editor.post(f"{at}publish", at, revision=1)
    assert refused.status_code == 409
    assert "There is no standfirst." in refused.get_data(as_text=True)
    token = {"Authorization": f"Bearer {desk.token('editor')}"}
    for asked in ({}, {"live_from": (clock.now() + timedelta(hours=1)).isoformat()}):
        answer = client.post(f"/api/v1/articles/{article}/publications", json=asked, headers=token)
        assert answer.status_code == 409
        assert answer.get_json()["code"] == "blocked_by_checks"
        assert answer.get_json()["checks"][0]["check"] == "standfirst"
    with pytest.raises(Conflict, match="There is no standfirst"):
        desk.put_live(article)
    assert client.get("/2026/03/26/ferry-returns/").status_code == 404
    desk.save(article, standfirst="After a year.")
    assert editor.post(f"{at}publish", at, revision=2).status_code == 303


def test_the_text_that_is_published_is_checked_not_the_newest(desk: Desk, rule: Callable[[str, str], None]) -> None:
    rule("standfirst", "block")
    article = desk.write("Ferry returns", standfirst="After a year.")
    desk.save(article, standfirst="")
    desk.put_live(article, revision=1)
    with pytest.raises(Conflict):
        desk.put_live(article, revision=2)


def test_the_house_byline_is_a_byline(staff: Hire, desk: Desk) -> None:
    editor = staff("editor")
    desk.person("The staff")
    article = desk.write()
    assert "name stands on it" in aside(editor, article)
    made = editor.post("/admin/people/", name="The night desk", kind="desk").location.rstrip("/").split("/")[-1]
    editor.post("/admin/people/house", "/admin/people/", person=made)
    assert "name stands on it" not in aside(editor, article)


def test_an_admin_chooses_the_rules_and_nobody_else(staff: Hire, desk: Desk) -> None:
    admin, editor = staff("admin"), staff("editor")
    page = admin.get("/admin/checks/")
    assert all(f'name="{check}"' in page for check in SAID)
    assert editor.client.get("/admin/checks/").status_code == 403
    assert editor.post("/admin/checks/", "/admin/", standfirst="block").status_code == 403
    assert admin.post("/admin/checks/", standfirst="sometimes").status_code == 422
    assert admin.post("/admin/checks/", standfirst="off").status_code == 303
    assert "There is no standfirst." not in aside(editor, desk.write())
