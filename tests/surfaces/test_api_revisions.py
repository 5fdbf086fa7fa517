"""Revisions through the API, what differs between two, and links that show one."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.desk import Desk
from tests.surfaces.programs import ORIGIN, Program, told


@pytest.fixture
def editor(client: FlaskClient, desk: Desk) -> Program:
    return Program(client, desk.token("editor"))


def test_revisions_come_newest_first_in_a_chain(editor: Program, desk: Desk) -> None:
    article = desk.write("One", body_html="<p>Old words.</p>")
    desk.save(article, headline="Two")
    desk.save(article, body_html="<p>New words.</p>")
    rows = [row for page in editor.pages(f"/articles/{article}/revisions?limit=2") for row in page]
    assert [row["revision"] for row in rows] == [3, 2, 1]
    assert [row["previous"] for row in rows] == [rows[1]["hash"], rows[2]["hash"], None]
    assert rows[0].keys() == {"revision", "hash", "previous", "base", "created_at", "by", "note"}
    second = editor("GET", f"/articles/{article}/revisions/2").get_json()
    assert (second["headline"], second["body_html"], second["base"]) == ("Two", "<p>Old words.</p>", 1)


def test_a_diff_marks_what_came_and_what_went(editor: Program, desk: Desk) -> None:
    article = desk.write("One", body_html="<p>Old words.</p>")
    desk.save(article, body_html="<p>New words.</p>")
    diff = editor("GET", f"/articles/{article}/revisions/1/diff/2").get_json()
    assert (diff["from"], diff["to"]) == (1, 2)
    assert "<ins>New</ins>" in diff["html"].replace(" </ins>", "</ins>")
    assert "<del>Old</del>" in diff["html"].replace(" </del>", "</del>")
    assert editor("GET", f"/articles/{article}/revisions/2/diff/2").get_json()["html"] == ""


def test_a_change_too_long_to_be_compared_word_by_word_went_and_came_whole(editor: Program, desk: Desk) -> None:
    """Word by word, half a megabyte of a few words takes minutes; and both texts together may be more than one may."""
    few = " ".join(f"w{number * number % 121}" for number in range(20_000))
    for older, newer in (
        (f"<p>{few}</p>", f"<p>x {few[::-1]}</p>"),
        (f"<p>{'x' * 600_000}</p>", f"<p>{'y' * 600_000}</p>"),
    ):
        article = desk.write(body_html=older)
        desk.save(article, body_html=newer)
        diff = editor("GET", f"/articles/{article}/revisions/1/diff/2")
        assert diff.status_code == 200
        assert "<del>" in diff.get_json()["html"]
        assert "<ins>" in diff.get_json()["html"]


def test_revisions_are_for_whoever_sees_the_desks_copy(client: FlaskClient, editor: Program, desk: Desk) -> None:
    article = desk.publish()
    for path in ("", "/1", "/1/diff/1"):
        told(Program(client, None)("GET", f"/articles/{article}/revisions{path}"), 401)
        told(Program(client, desk.token("contributor"))("GET", f"/articles/{article}/revisions{path}"), 404)
    for path in ("/2", "/0", "/1/diff/9", "/99999999999999999999"):
        told(editor("GET", f"/articles/{article}/revisions{path}"), 404)
    told(editor("GET", f"/articles/{article}/revisions?after=x"), 422)


def test_a_preview_link_is_told_once_opens_and_can_be_revoked(client: FlaskClient, editor: Program, desk: Desk) -> None:
    article = desk.write("Secret plans")
    made = editor("POST", f"/articles/{article}/preview-links", Idempotency_Key="share")
    assert made.status_code == 201
    link = made.get_json()
    assert client.get(link["url"].removeprefix(ORIGIN)).status_code == 200
    again = editor("POST", f"/articles/{article}/preview-links", Idempotency_Key="share")
    assert told(again, 409)["code"] == "already_created"
    listed = editor("GET", f"/articles/{article}/preview-links").get_json()["data"]
    assert [each["id"] for each in listed] == [link["id"]]
    assert "url" not in listed[0]
    assert editor("DELETE", f"/articles/{article}/preview-links/{link['id']}").status_code == 204
    assert client.get(link["url"].removeprefix(ORIGIN)).status_code == 404
    wrong = told(editor("POST", f"/articles/{article}/preview-links", {"revision": 7}), 422)
    assert wrong["errors"].keys() == {"revision"}
    told(editor("POST", f"/articles/{article}/preview-links", {"expires_at": "2020-01-01T00:00:00Z"}), 422)
