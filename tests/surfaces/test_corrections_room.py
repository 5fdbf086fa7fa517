"""Corrections, from the desk's room to every place that readers meet them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from cms.clock import SetClock
from cms.domain.articles.model import Correction
from cms.domain.audit import AuditLine
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.staff import Staff

Hire = Callable[[str], Staff]
STORY = "/2026/03/26/ferry-returns-to-the-old-quay/"
OUTLETS = (STORY, "/corrections/", "/feed.json", "/api/v1/articles")
WRONG, RIGHT = "The ferry takes 80 people, not 8.", "The ferry takes 88 people, not 8."


def room(desk: Desk) -> str:
    with desk.newsroom.sessions.read() as session:
        return f"/admin/corrections/{session.scalar(select(Correction.public_id))}/"


def test_a_correction_filed_in_the_room_is_everywhere_at_once(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = desk.publish()
    clock.advance(timedelta(days=1))
    editor = staff("editor")
    assert "Nothing has been corrected" in editor.get("/admin/corrections/")
    assert f"/admin/articles/{article}/corrections" in editor.get("/admin/corrections/?q=ferry")
    form = {"kind": "correction", "text": WRONG}
    assert editor.post(f"/admin/articles/{article}/corrections", **form).status_code == 303
    for path in OUTLETS:
        assert WRONG in client.get(path).get_data(as_text=True), path
    assert "March 27, 2026" in client.get(STORY).get_data(as_text=True).split("Last modified:")[1]
    assert WRONG in editor.get("/admin/corrections/")
    assert WRONG in editor.get(f"/admin/articles/{article}/")


def test_an_amended_correction_reads_so_at_once_and_keeps_its_time(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = desk.publish()
    clock.advance(timedelta(days=1))
    desk.correct(article, WRONG)
    clock.advance(timedelta(days=1))
    before = client.get(f"/api/v1/articles/{article}").get_json()
    answer = staff("editor").post(room(desk), kind="clarification", text=RIGHT)
    assert answer.status_code == 303
    for path in OUTLETS:
        page = client.get(path).get_data(as_text=True)
        assert RIGHT in page, path
        assert WRONG not in page, path
    after = client.get(f"/api/v1/articles/{article}").get_json()
    assert after["modified_at"] == before["modified_at"]
    assert after["corrections"][0]["published_at"] == before["corrections"][0]["published_at"]
    with desk.newsroom.sessions.read() as session:
        line = session.scalar(select(AuditLine).where(AuditLine.verb == "amend_correction"))
        assert line is not None
        assert (line.before["text"], line.after["text"]) == (WRONG, RIGHT)


@BOTH_DATABASES
def test_a_correction_taken_back_is_nowhere_and_last_modified_follows(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    article = desk.publish()
    first = client.get(f"/api/v1/articles/{article}").get_json()["modified_at"]
    clock.advance(timedelta(days=1))
    desk.correct(article, WRONG)
    assert staff("editor").post(f"{room(desk)}remove", room(desk)).status_code == 303
    for path in OUTLETS:
        assert WRONG not in client.get(path).get_data(as_text=True), path
    assert client.get(f"/api/v1/articles/{article}").get_json()["modified_at"] == first
    with desk.newsroom.sessions.read() as session:
        line = session.scalar(select(AuditLine).where(AuditLine.verb == "remove_correction"))
        assert line is not None
        assert line.before["text"] == WRONG


def test_a_correction_needs_a_live_story_a_kind_and_words(staff: Hire, desk: Desk) -> None:
    draft, live = desk.write("Only a draft"), desk.publish()
    editor = staff("editor")
    refused = editor.post(f"/admin/articles/{draft}/corrections", kind="correction", text=WRONG)
    assert refused.status_code == 409
    assert "Only a live story" in refused.get_data(as_text=True)
    answer = editor.post(f"/admin/articles/{live}/corrections", kind="apology", text=" ")
    assert answer.status_code == 422
    assert 'id="kind-trouble"' in answer.get_data(as_text=True)
    assert 'id="text-trouble"' in answer.get_data(as_text=True)


def test_a_reporter_corrects_their_own_stories_only(staff: Hire, desk: Desk) -> None:
    article = desk.publish()
    desk.correct(article, WRONG)
    reporter, contributor = staff("reporter"), staff("contributor")
    assert reporter.client.get(f"/admin/articles/{article}/corrections").status_code == 403
    assert reporter.post(room(desk), "/admin/", kind="update", text=RIGHT).status_code == 403
    assert reporter.post(f"{room(desk)}remove", "/admin/").status_code == 403
    assert contributor.client.get("/admin/corrections/").status_code == 403
    assert contributor.client.get(room(desk)).status_code == 404


def test_the_api_amends_and_takes_back_by_the_same_rules(desk: Desk, client: FlaskClient) -> None:
    article, other = desk.publish(), desk.publish("Another story")
    desk.correct(article, WRONG)
    number = room(desk).split("/")[-2]
    at, form = f"/api/v1/articles/{article}/corrections/{number}", {"kind": "clarification", "text": RIGHT}
    editor, reporter = (
        {"Authorization": f"Bearer {desk.token(role, role.title())}"} for role in ("editor", "reporter")
    )
    assert client.patch(at, json=form).status_code == 401
    assert client.patch(at, json=form, headers=reporter).status_code == 403
    assert client.patch(at.replace(article, other), json=form, headers=editor).status_code == 404
    assert client.patch(at, json={"kind": "apology", "text": RIGHT}, headers=editor).status_code == 422
    told = client.patch(at, json=form, headers=editor)
    assert (told.status_code, told.get_json()["text"], told.get_json()["id"]) == (200, RIGHT, number)
    assert RIGHT in client.get(STORY).get_data(as_text=True)
    assert client.delete(at, headers=reporter).status_code == 403
    assert client.delete(at, headers=editor).status_code == 204
    assert client.delete(at, headers=editor).status_code == 404
    assert RIGHT not in client.get(STORY).get_data(as_text=True)
