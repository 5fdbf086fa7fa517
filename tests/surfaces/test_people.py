"""Names, kept in the admin and printed alike everywhere: people, desks, agencies, and the house's own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from cms.clock import SetClock
from cms.domain.people.model import Person
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.staff import Staff

Hire = Callable[[str], Staff]
STORY = "/2026/03/26/ferry-returns-to-the-old-quay/"


def room(desk: Desk, slug: str) -> str:
    with desk.newsroom.sessions.read() as session:
        return f"/admin/people/{session.scalar(select(Person.public_id).where(Person.slug == slug))}/"


def printed(client: FlaskClient, path: str = STORY) -> dict[str, Any]:
    """The names that each outlet gives a story, in order."""
    page = client.get(path).get_data(as_text=True)
    data = re.search(r'<script type="application/ld\+json">(.+?)</script>', page)
    assert data
    said = json.loads(data[1])
    [item] = client.get("/feed.json").get_json(force=True)["items"]
    [told] = client.get("/api/v1/articles").get_json()["data"]
    return {
        "page": re.findall(r'rel="author">([^<]+)</a>', page),
        "structured data": [each["name"] for each in said.get("author", [])],
        "feed": [each["name"] for each in item.get("authors", [])],
        "api": [each["name"] for each in told["bylines"]],
    }


def test_somebody_without_a_sign_in_is_added_and_printed(staff: Hire, desk: Desk, client: FlaskClient) -> None:
    editor = staff("editor")
    assert "There is nobody yet" in editor.get("/admin/people/")
    answer = editor.post("/admin/people/", name="Ana Ruiz", title="Harbour reporter", kind="person")
    assert answer.status_code == 303
    desk.publish(bylines=[{"person": "ana-ruiz"}])
    assert "Written by" in client.get(STORY).get_data(as_text=True)
    assert "Harbour reporter" in client.get("/author/ana-ruiz/").get_data(as_text=True)


def test_every_outlet_prints_the_same_names_in_the_same_order(desk: Desk, client: FlaskClient) -> None:
    for name in ("Zoe Vance", "Ana Ruiz", "Wire Agency"):
        desk.person(name)
    desk.publish(
        bylines=[
            {"person": "zoe-vance", "role": "writer"},
            {"person": "wire-agency", "role": "reporting"},
            {"person": "ana-ruiz", "role": "photo"},
        ]
    )
    assert set(map(tuple, printed(client).values())) == {("Zoe Vance", "Wire Agency", "Ana Ruiz")}
    page = client.get(STORY).get_data(as_text=True)
    assert page.index("Written by") < page.index("Reporting by") < page.index("Photographs by")


def test_a_renamed_person_is_renamed_everywhere_and_old_links_lead_on(
    staff: Hire, desk: Desk, client: FlaskClient
) -> None:
    desk.person("Ana Ruiz")
    desk.publish(bylines=[{"person": "ana-ruiz"}])
    form = {"name": "Ana Ruiz-Vance", "slug": "ana-ruiz-vance", "bio": "Writes about the sea.", "kind": "person"}
    assert staff("editor").post(room(desk, "ana-ruiz"), **form).status_code == 303
    assert set(map(tuple, printed(client).values())) == {("Ana Ruiz-Vance",)}
    assert "Writes about the sea." in client.get("/author/ana-ruiz-vance/").get_data(as_text=True)
    for below in ("", "feed.json"):
        answer = client.get(f"/author/ana-ruiz/{below}")
        assert (answer.status_code, answer.location) == (301, f"/author/ana-ruiz-vance/{below}")


@BOTH_DATABASES
def test_an_unsigned_story_carries_the_houses_name_everywhere_or_none(
    staff: Hire, desk: Desk, client: FlaskClient
) -> None:
    desk.publish()
    assert "Written by" not in client.get(STORY).get_data(as_text=True)
    assert set(map(tuple, printed(client).values())) == {()}
    editor = staff("editor")
    editor.post("/admin/people/", name="The Harbour Post staff", slug="staff", kind="desk")
    house = room(desk, "staff").split("/")[-2]
    assert editor.post("/admin/people/house", "/admin/people/", person=house).status_code == 303
    assert set(map(tuple, printed(client).values())) == {("The Harbour Post staff",)}
    assert '"@type":"Organization","name":"The Harbour Post staff"' in client.get(STORY).get_data(as_text=True)
    assert "Ferry returns" in client.get("/author/staff/").get_data(as_text=True)
    assert len(client.get("/author/staff/feed.json").get_json(force=True)["items"]) == 1
    assert [each["slug"] for each in client.get("/api/v1/people").get_json()["data"]] == ["staff"]
    assert editor.post("/admin/people/house", "/admin/people/", person="").status_code == 303
    assert set(map(tuple, printed(client).values())) == {()}
    assert client.get("/author/staff/").status_code == 404


def test_a_signed_story_does_not_carry_the_houses_name(staff: Hire, desk: Desk, client: FlaskClient) -> None:
    desk.person("Ana Ruiz")
    editor = staff("editor")
    editor.post("/admin/people/", name="The staff", slug="staff", kind="desk")
    editor.post("/admin/people/house", "/admin/people/", person=room(desk, "staff").split("/")[-2])
    desk.publish(bylines=[{"person": "ana-ruiz"}])
    assert set(map(tuple, printed(client).values())) == {("Ana Ruiz",)}
    assert client.get("/author/staff/").status_code == 404


def test_a_wrong_field_is_named_and_nothing_is_lost(staff: Hire, desk: Desk) -> None:
    desk.person("Ana Ruiz")
    answer = staff("editor").post(room(desk, "ana-ruiz"), name="Ana", slug="ana", email="nonsense", kind="ghost")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="email-trouble"' in page
    assert 'id="kind-trouble"' in page
    assert 'value="nonsense"' in page


def test_only_an_admin_says_who_signs_in_as_whom(staff: Hire, desk: Desk, client: FlaskClient) -> None:
    desk.person("Ana Ruiz")
    story = desk.write(bylines=[{"person": "ana-ruiz"}])
    contributor, editor, admin = staff("contributor"), staff("editor"), staff("admin")
    link = f"{room(desk, 'ana-ruiz')}sign-in"
    assert editor.post(link, "/admin/", sign_in="contributor@news.example").status_code == 403
    assert contributor.client.get(f"/admin/articles/{story}/").status_code == 404
    assert admin.post(link, room(desk, "ana-ruiz"), sign_in="contributor@news.example").status_code == 303
    assert contributor.client.get(f"/admin/articles/{story}/").status_code == 200
    assert admin.post(link, room(desk, "ana-ruiz"), sign_in="nobody@news.example").status_code == 422


def test_a_reporter_may_not_change_people(staff: Hire, desk: Desk) -> None:
    desk.person("Ana Ruiz")
    reporter = staff("reporter")
    for path in ("/admin/people/", room(desk, "ana-ruiz")):
        assert reporter.client.get(path).status_code == 403
        assert reporter.post(path, "/admin/", name="Mine").status_code == 403
    assert reporter.post("/admin/people/house", "/admin/", person="").status_code == 403


def test_a_picture_is_public_while_a_story_carries_its_persons_name(
    staff: Hire, desk: Desk, client: FlaskClient, clock: SetClock
) -> None:
    desk.person("Ana Ruiz")
    image, key = hang(desk.newsroom, picture())
    form = {"name": "Ana Ruiz", "slug": "ana-ruiz", "kind": "person", "picture": image}
    assert staff("editor").post(room(desk, "ana-ruiz"), **form).status_code == 303
    address = f"/media/{key}/w320.webp"
    assert client.get(address).status_code == 404
    article = desk.publish(bylines=[{"person": "ana-ruiz"}])
    assert f"/media/{key}/" in client.get("/author/ana-ruiz/").get_data(as_text=True)
    assert client.get(address).status_code == 200
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article)
    assert client.get(address).status_code == 404
