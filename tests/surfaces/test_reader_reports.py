"""A reader reports an error: a form without a script or a cookie, whose words reach its editors and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import html

from cms.clock import SetClock
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.staff import Staff
from tests.surfaces.pages import pick, read, words

pytestmark = BOTH_DATABASES

FORM = "/2026/03/26/ferry/report/"
TOLD = "Reported to be wrong by a reader"
WRONG = "The ferry has two decks, not three."


def send(client: FlaskClient, text: str = WRONG, *, path: str = FORM, origin: str = "", **more: Any) -> Any:
    headers = {"Origin": origin} if origin else {}
    network = {"REMOTE_ADDR": more.pop("address_of", "192.0.2.7")}
    form = {"text": text, "address": "", "website": "", **more}
    return client.post(path, data=form, headers=headers, environ_overrides=network)


@pytest.fixture
def article(desk: Desk) -> str:
    return desk.publish("Ferry returns", slug="ferry")


def noted(someone: Staff, article: str) -> list[tuple[str, str]]:
    """The desk notes on a story, and who each is from."""
    page = html.document_fromstring(someone.get(f"/admin/articles/{article}/"))
    said = [[words(each) for each in note.findall("p")] for note in pick(page, ".note")]
    return [(text, signed.partition(", ")[0]) for text, signed in said]


def test_the_link_at_a_storys_foot_leads_to_a_form_that_names_the_story(client: FlaskClient, article: str) -> None:
    [link] = pick(read(client, "/2026/03/26/ferry/"), ".report-link a")
    page = read(client, link.get("href"))
    assert words(pick(page, ".report-of a")[0]) == "Ferry returns"
    [form] = pick(page, "form.report")
    assert (form.get("method"), form.get("action")) == ("post", FORM)
    labels = {each.get("for") for each in pick(form, "label")}
    assert {"text", "address"} <= labels
    assert client.get(FORM).headers["ETag"]
    assert "Set-Cookie" not in client.get(FORM).headers


def test_a_report_reaches_the_storys_editors_and_no_reader(
    client: FlaskClient, staff: Callable[[str], Staff], article: str
) -> None:
    editor = staff("editor")
    before = client.get("/2026/03/26/ferry/").data
    answer = send(client, f"{WRONG}\r\nSee the drawing.", address="bo@reader.example", origin="http://news.example")
    assert answer.status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers.get("Set-Cookie")) == ("no-store", None)
    assert "Thank you" in answer.text
    assert WRONG not in answer.text
    [(said, by)] = noted(editor, article)
    assert said.split() == f"{WRONG} See the drawing. (Answer to bo@reader.example)".split()
    assert by == "A reader"
    told = editor.get("/admin/notices/")
    assert TOLD in told
    assert "bo@reader.example" not in told
    assert "bo@reader.example" not in editor.client.get("/admin/").text
    assert client.get("/2026/03/26/ferry/").data == before


def test_an_editor_who_has_dealt_with_a_report_takes_it_off_and_the_readers_address_is_nowhere(
    client: FlaskClient, staff: Callable[[str], Staff], article: str
) -> None:
    send(client, address="bo@reader.example")
    editor, admin, at = staff("editor"), staff("admin"), f"/admin/articles/{article}/"
    [form] = pick(html.document_fromstring(editor.get(at)), ".note form")
    assert editor.post(form.get("action"), page=at).status_code == 303
    assert noted(editor, article) == []
    for page in (admin.get("/admin/audit/"), admin.get("/admin/notices/")):
        assert "bo@reader.example" not in page


def test_staff_are_told_once_an_hour_of_a_story_and_the_same_words_count_once(
    client: FlaskClient, staff: Callable[[str], Staff], article: str, clock: SetClock
) -> None:
    editor = staff("editor")
    for text in (WRONG, WRONG, "And it is red, not green."):
        assert send(client, text).status_code == 200
    assert len(noted(editor, article)) == 2
    assert editor.get("/admin/notices/").count(TOLD) == 1
    clock.advance(timedelta(hours=1))
    send(client, "Its captain is called Olsen.")
    assert len(noted(editor, article)) == 3
    assert editor.get("/admin/notices/").count(TOLD) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("text", ""),
        ("text", "Wrong."),
        ("text", "x" * 1501),
        ("text", "nothing can hold this: \x00"),
        ("address", "bo"),
        ("address", "bo@" + "x" * 260 + ".example"),
        ("address", "bo@reader.example\r\nBcc: all@reader.example"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, staff: Callable[[str], Staff], article: str, field: str, value: str
) -> None:
    typed = {"text": "<b>It is</b> the other quay.", "address": "bo@reader.example", field: value}
    answer = send(client, **typed)
    assert answer.status_code == 422
    page = html.document_fromstring(answer.text)
    [wrong] = pick(page, "[aria-invalid=true]")
    assert wrong.get("name") == field
    assert pick(page, f"[id={field}-trouble]")
    kept = {"text": pick(page, "textarea")[0].text.strip(), "address": pick(page, "[name=address]")[0].get("value")}
    other = {"text": "address", "address": "text"}[field]
    assert kept[other] == typed[other]
    assert noted(staff("editor"), article) == []


def test_a_program_that_fills_in_everything_is_thanked_and_not_heard(
    client: FlaskClient, staff: Callable[[str], Staff], article: str
) -> None:
    answer = send(client, website="https://spam.example")
    assert (answer.status_code, "Thank you" in answer.text) == (200, True)
    assert noted(staff("editor"), article) == []


def test_another_sites_form_is_refused(client: FlaskClient, staff: Callable[[str], Staff], article: str) -> None:
    for origin in ("https://elsewhere.example", "null"):
        assert send(client, origin=origin).status_code == 400
    assert noted(staff("editor"), article) == []


def test_a_flood_is_held_by_network_by_story_and_in_all(
    client: FlaskClient, desk: Desk, article: str, clock: SetClock
) -> None:
    for number in range(5):
        assert send(client, f"Wrong for reason {number}.").status_code == 200
    clock.advance(timedelta(minutes=5))
    full = send(client, "One more thing is wrong.", address="bo@reader.example")
    assert (full.status_code, full.headers["Retry-After"]) == (429, "601")
    assert "One more thing is wrong." in full.text
    assert "bo@reader.example" in full.text
    for number in range(5):
        assert send(client, f"Another reason {number}.", address_of=f"198.51.{number}.1").status_code == 200
    assert send(client, address_of="203.0.113.1").status_code == 429
    others = [desk.publish(f"Story {number}", slug=f"story-{number}") for number in range(3)]
    taken = [
        send(
            client,
            f"The reason is {reader}.",
            path=f"/2026/03/26/story-{number}/report/",
            address_of=f"10.{number}.{reader}.1",
        )
        for number in range(len(others))
        for reader in range(7)
    ]
    assert [each.status_code for each in taken] == [200] * 20 + [429]
    clock.advance(timedelta(minutes=15))
    assert send(client, "After a while.").status_code == 200


def test_only_a_story_on_show_takes_reports(client: FlaskClient, desk: Desk, article: str, clock: SetClock) -> None:
    nothing = client.get("/2026/03/26/nothing/report/")
    desk.put_live(desk.write("Tomorrow", slug="tomorrow"), live_from=clock.now() + timedelta(days=1))
    for path in ("/2026/03/27/tomorrow/report/", "/2026/03/26/nothing/report/"):
        for answer in (client.get(path), send(client, path=path)):
            assert (answer.status_code, answer.data) == (404, nothing.data)
    clock.advance(timedelta(minutes=1))
    desk.put_live(article, revision=desk.save(article, slug="the-ferry"))
    moved = client.get(FORM)
    assert (moved.status_code, moved.headers["Location"]) == (301, "/2026/03/26/the-ferry/report/")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article, "It was wrong.")
    gone = send(client, path="/2026/03/26/the-ferry/report/")
    assert (gone.status_code, "It was wrong." in gone.text) == (410, True)
