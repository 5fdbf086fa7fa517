"""When something is wrong with a story, its page in the admin has the act for it, and says what it did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from cms.clock import SetClock
from tests.desk import Desk
from tests.staff import Staff

Hire = Callable[[str], Staff]


def path_of(client: FlaskClient, article: str) -> str:
    return client.get(f"/api/v1/articles/{article}").get_json()["url"].removeprefix("http://news.example")


def test_a_live_story_is_fixed_at_once_while_tomorrows_text_waits(
    client: FlaskClient, desk: Desk, clock: SetClock, staff: Hire
) -> None:
    article = desk.publish("Ferry sinks", body_html="<p>It sank.</p>")
    clock.advance(timedelta(minutes=5))
    desk.save(article, standfirst="What tomorrow brings.")
    editor, here = staff("editor"), f"/admin/articles/{article}/"
    assert "Fix it live" in editor.get(here)
    fixed = editor.post(
        f"{here}fix", base="1", headline="Ferry returns", standfirst="", key_points="", body_html="<p>It sailed.</p>"
    )
    assert fixed.status_code == 303, fixed.get_data(as_text=True)
    page = client.get(path_of(client, article)).text
    assert "Ferry returns" in page
    assert "It sailed." in page
    assert "What tomorrow brings." not in page
    form = editor.get(here)
    assert "Ferry returns" in form
    assert "What tomorrow brings." in form


def test_an_earlier_edition_comes_back_in_one_act(
    client: FlaskClient, desk: Desk, clock: SetClock, staff: Hire
) -> None:
    article = desk.publish("First edition")
    clock.advance(timedelta(minutes=5))
    desk.put_live(article, revision=desk.save(article, headline="Second edition"))
    clock.advance(timedelta(minutes=5))
    editor, here = staff("editor"), f"/admin/articles/{article}/"
    assert editor.post(f"{here}history/1/rollback", f"{here}history/").status_code == 303
    assert "First edition" in client.get(path_of(client, article)).text


def test_a_hold_is_lifted_by_its_holder_alone(client: FlaskClient, desk: Desk, clock: SetClock, staff: Hire) -> None:
    article = desk.publish("Under dispute")
    admin, editor, here = staff("admin"), staff("editor"), f"/admin/articles/{article}/"
    assert admin.post(f"{here}hold", here, reason="A letter from counsel").status_code == 303
    assert "A letter from counsel" in editor.get(here)
    assert editor.post(f"{here}hold/lift", here).status_code in (403, 409)
    refused = editor.post(f"{here}publish", here, headline="Under dispute", base="1", revision="1", when="now")
    assert refused.status_code == 409
    assert admin.post(f"{here}hold/lift", here).status_code == 303
    assert "On legal hold" not in admin.get(here)


def test_a_pull_takes_the_story_away_and_gives_a_receipt(
    client: FlaskClient, desk: Desk, clock: SetClock, staff: Hire
) -> None:
    article = desk.publish("Libel")
    path = path_of(client, article)
    clock.advance(timedelta(minutes=5))
    admin, here = staff("admin"), f"/admin/articles/{article}/"
    pulled = admin.post(f"{here}pull", here, reason="It was false", notice="We were wrong.")
    assert pulled.status_code == 303
    assert client.get(path).status_code == 410
    assert "Libel" not in client.get("/").text
    receipt = admin.get(f"{here}pulls/")
    assert "It was false" in receipt
    assert "The search index" in receipt


def test_erasing_takes_two_and_a_reason(client: FlaskClient, desk: Desk, clock: SetClock, staff: Hire) -> None:
    article = desk.write("A name that must go")
    admin, here = staff("admin"), f"/admin/articles/{article}/"
    assert admin.post(f"{here}erasure", here, reason="").status_code == 422
    assert admin.post(f"{here}erasure", here, reason="A court’s order").status_code == 303
    assert "Another admin has to agree." in admin.get(here)
    assert admin.post(f"{here}erasure/agree", here).status_code in (403, 409)
    assert admin.post(f"{here}erasure/drop", here).status_code == 303
    assert "A name that must go" in admin.get(here)
