"""Sections and tags, kept in the admin: what is renamed, moved or merged keeps its stories and its links."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from cms.domain.audit import AuditLine, keys_changed
from cms.domain.people.model import User, UserSection
from cms.domain.taxonomy.model import Section, Tag
from cms.newsroom import Newsroom
from cms.worker.loop import Worker
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.staff import Staff

Hire = Callable[[str], Staff]


@pytest.fixture
def room(newsroom: Newsroom) -> Callable[[str], str]:
    """The address of a section's or tag's room, by its slug."""

    def address(slug: str) -> str:
        with newsroom.sessions.read() as session:
            section = session.scalar(select(Section).where(Section.slug == slug))
            if section is not None:
                return f"/admin/sections/{section.public_id}/"
            tag = session.scalar(select(Tag).where(Tag.slug == slug))
            assert tag is not None
            return f"/admin/tags/{tag.public_id}/"

    return address


def section_form(desk: Desk, of: str, /, **other: str) -> dict[str, str]:
    with desk.newsroom.sessions.read() as session:
        section = session.scalar(select(Section).where(Section.slug == of))
        assert section is not None
        parent = session.get(Section, section.parent_id) if section.parent_id else None
        told = {
            "name": section.name,
            "slug": section.slug,
            "parent": parent.slug if parent else "",
            "introduction": section.introduction,
        }
    return {**told, **other}


def leads(client: FlaskClient, former: str, present: str) -> None:
    answer = client.get(former)
    assert (answer.status_code, answer.location) == (301, present)


def audited(newsroom: Newsroom, verb: str) -> list[AuditLine]:
    with newsroom.sessions.read() as session:
        return list(session.scalars(select(AuditLine).where(AuditLine.verb == verb)))


def test_a_section_is_started_in_its_room_and_stands_in_the_navigation(
    staff: Callable[[str], Staff], client: FlaskClient
) -> None:
    editor = staff("editor")
    assert "There is no section yet" in editor.get("/admin/sections/")
    assert editor.post("/admin/sections/", name="Harbour").status_code == 303
    assert editor.post("/admin/sections/", name="Ferries", parent="harbour").status_code == 303
    assert "Harbour" in client.get("/").get_data(as_text=True)
    assert client.get("/section/harbour/ferries/").status_code == 200
    taken = editor.post("/admin/sections/", name="Harbour")
    assert taken.status_code == 409
    assert "There is a section" in taken.get_data(as_text=True)
    assert editor.post("/admin/sections/", name="", slug="Not A Slug").status_code == 422


def test_a_renamed_section_keeps_its_stories_and_its_old_links(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.section("Harbour")
    desk.section("Ferries", parent="harbour")
    desk.publish(sections=["ferries"])
    form = section_form(desk, "harbour", name="The Quays", slug="quays", introduction="All about the water.")
    assert staff("editor").post(room("harbour"), **form).status_code == 303
    page = client.get("/section/quays/").get_data(as_text=True)
    assert "The Quays" in page
    assert "All about the water." in page
    assert "Ferry returns" in page
    leads(client, "/section/harbour/", "/section/quays/")
    leads(client, "/section/harbour/ferries/?page=1", "/section/quays/ferries/?page=1")
    leads(client, "/section/harbour/feed.json", "/section/quays/feed.json")
    [line] = audited(desk.newsroom, "change_section")
    assert line.before["slug"] == "harbour"
    assert line.after["slug"] == "quays"


def test_a_section_moved_back_has_its_first_address_again(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.section("Harbour")
    desk.section("Ferries")
    editor = staff("editor")
    assert editor.post(room("ferries"), **section_form(desk, "ferries", parent="harbour")).status_code == 303
    leads(client, "/section/ferries/", "/section/harbour/ferries/")
    assert editor.post(room("ferries"), **section_form(desk, "ferries", parent="")).status_code == 303
    assert client.get("/section/ferries/").status_code == 200
    leads(client, "/section/harbour/ferries/", "/section/ferries/")


def test_a_section_cannot_be_moved_or_merged_into_itself(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.section("Harbour")
    desk.section("Ferries", parent="harbour")
    editor = staff("editor")
    moved = editor.post(room("harbour"), **section_form(desk, "harbour", parent="ferries"))
    assert moved.status_code == 422
    assert "lies within it" in moved.get_data(as_text=True)
    assert editor.post(f"{room('harbour')}merge", room("harbour"), target="ferries").status_code == 409
    assert client.get("/section/harbour/ferries/").status_code == 200


def test_sections_change_places_in_the_navigation(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    for name in ("Harbour", "Council", "Sport"):
        desk.section(name)
    editor = staff("editor")
    assert editor.post(f"{room('sport')}up", "/admin/sections/").status_code == 303
    page = client.get("/").get_data(as_text=True)
    assert page.index("/section/harbour/") < page.index("/section/sport/") < page.index("/section/council/")
    assert editor.post(f"{room('council')}down", "/admin/sections/").status_code == 303


@BOTH_DATABASES
def test_a_merged_section_hands_over_stories_subsections_and_links(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    for name in ("Harbour", "Water"):
        desk.section(name)
    desk.section("Ferries", parent="harbour")
    first = desk.publish("Of the harbour", sections=["harbour"])
    desk.publish("Of both", sections=["water", "harbour"])
    desk.publish("Of the ferries", sections=["ferries"])
    editor = staff("editor")
    assert editor.post(f"{room('harbour')}merge", room("harbour"), target="water").status_code == 303
    page = client.get("/section/water/").get_data(as_text=True)
    for headline in ("Of the harbour", "Of both", "Of the ferries"):
        assert headline in page
    leads(client, "/section/harbour/", "/section/water/")
    leads(client, "/section/harbour/ferries/", "/section/water/ferries/")
    told = client.get("/api/v1/articles?section=water").get_json()["data"]
    assert {tuple(each["sections"]) for each in told} == {("water",), ("ferries",)}
    assert desk.save(first, headline="Of the harbour") == 1, "a merge is no change of the text"
    [line] = audited(desk.newsroom, "merge_section")
    assert line.after["name"] == "Water"


def test_a_section_that_holds_stories_is_not_removed(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.section("Harbour")
    desk.section("Empty")
    desk.write(sections=["harbour"])
    editor = staff("editor")
    refused = editor.post(f"{room('harbour')}remove", room("harbour"))
    assert refused.status_code == 409
    assert "merge it into another section" in refused.get_data(as_text=True)
    assert editor.post(f"{room('empty')}remove", room("empty")).status_code == 303
    assert client.get("/section/empty/").status_code == 404


def test_a_reporter_may_not_change_sections_or_tags(staff: Hire, room: Callable[[str], str], desk: Desk) -> None:
    desk.section("Harbour")
    desk.write(tags=["Ferries"])
    harbour, ferries = room("harbour"), room("ferries")
    reporter = staff("reporter")
    for path in ("/admin/sections/", "/admin/tags/", harbour, ferries):
        assert reporter.client.get(path).status_code == 403
        assert reporter.post(path, "/admin/", name="Mine").status_code == 403
    assert reporter.post(f"{ferries}merge", "/admin/", target="Ferries").status_code == 403


@BOTH_DATABASES
def test_a_tag_merged_into_another_keeps_stories_links_and_meaning(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.publish("One", tags=["Ferrys"])
    desk.publish("Two", tags=["Ferries", "Ferrys"])
    editor = staff("editor")
    assert editor.post(f"{room('ferrys')}merge", room("ferrys"), target="Ferries").status_code == 303
    page = client.get("/tag/ferries/").get_data(as_text=True)
    assert "One" in page
    assert "Two" in page
    leads(client, "/tag/ferrys/", "/tag/ferries/")
    leads(client, "/tag/ferrys/feed.json", "/tag/ferries/feed.json")
    desk.publish("Three", tags=["Ferrys"])
    assert [each["tags"] for each in client.get("/feed.json").get_json(force=True)["items"]] == [["Ferries"]] * 3


def test_search_finds_merged_and_renamed_stories_under_the_new_term(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.publish("Quay reopens", tags=["Ferrys"])
    desk.publish("Quay closes", tags=["Ferries"])
    worker = Worker(desk.newsroom)
    worker.index()
    staff("editor").post(f"{room('ferrys')}merge", room("ferrys"), target="Ferries")
    for _ in ("before", "after the worker has been"):
        page = client.get("/search?q=quay&tag=ferries").get_data(as_text=True)
        assert "reopens" in page
        assert "closes" in page
        worker.index()


def test_a_tag_has_an_introduction_on_its_topic_page(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.publish(tags=["Ferries"])
    form = {"name": "Ferries", "slug": "boats", "introduction": "Everything that floats."}
    assert staff("editor").post(room("ferries"), **form).status_code == 303
    assert "Everything that floats." in client.get("/tag/boats/").get_data(as_text=True)
    leads(client, "/tag/ferries/", "/tag/boats/")


def test_an_internal_tag_is_shown_to_no_reader(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.publish(tags=["Legal-watch"])
    assert "Legal-watch" in client.get("/2026/03/26/ferry-returns-to-the-old-quay/").get_data(as_text=True)
    form = {"name": "Legal-watch", "slug": "legal-watch", "internal": "1"}
    assert staff("editor").post(room("legal-watch"), **form).status_code == 303
    for path in ("/2026/03/26/ferry-returns-to-the-old-quay/", "/feed.json", "/", "/api/v1/articles"):
        assert "egal-watch" not in client.get(path).get_data(as_text=True)
    for path in ("/tag/legal-watch/", "/tag/legal-watch/feed.json"):
        assert client.get(path).status_code == 404
    assert client.get("/api/v1/articles?tag=legal-watch").get_json()["data"] == []


def test_the_old_address_of_a_tag_without_a_visible_story_says_nothing(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.write(tags=["Project-x"])
    form = {"name": "Project-x", "slug": "project-y"}
    assert staff("editor").post(room("project-x"), **form).status_code == 303
    assert client.get("/tag/project-x/").status_code == 404


def test_a_rename_touches_the_pages_that_show_the_name(
    staff: Hire, room: Callable[[str], str], desk: Desk, newsroom: Newsroom
) -> None:
    article = desk.publish(tags=["Ferries"])
    with newsroom.sessions.read() as session:
        seen = max(seq for seq, _ in keys_changed(session, 0))
    staff("editor").post(room("ferries"), name="Boats", slug="ferries")
    with newsroom.sessions.read() as session:
        assert {key for _, key in keys_changed(session, seen)} == {f"article:{article}", "front", "tag:ferries"}


def test_an_address_that_leads_on_is_given_to_nobody_else(
    staff: Hire, room: Callable[[str], str], desk: Desk, client: FlaskClient
) -> None:
    desk.section("Harbour")
    desk.publish(tags=["Ferries"])
    editor = staff("editor")
    editor.post(room("harbour"), **section_form(desk, "harbour", slug="quays"))
    editor.post(room("ferries"), name="Ferries", slug="boats")
    for path, name in (("/admin/sections/", "Harbour"), ("/admin/tags/", "Ferries")):
        refused = editor.post(path, name=name)
        assert refused.status_code == 409
        assert "Old links to" in refused.get_data(as_text=True)
    leads(client, "/section/harbour/", "/section/quays/")
    leads(client, "/tag/ferries/", "/tag/boats/")


def test_an_editor_limited_to_sections_changes_only_those(staff: Hire, room: Callable[[str], str], desk: Desk) -> None:
    for name in ("Harbour", "Council"):
        desk.section(name)
    desk.section("Ferries", parent="harbour")
    editor = staff("editor")
    with desk.newsroom.sessions.write() as session:
        user = session.scalar(select(User).where(User.email == "editor@news.example"))
        harbour = session.scalar(select(Section.id).where(Section.slug == "harbour"))
        assert user is not None
        session.add(UserSection(user_id=user.id, section_id=harbour))
        desk._commit(session)
    ours, theirs = room("ferries"), room("council")
    assert editor.post(ours, **section_form(desk, "ferries", name="Boats")).status_code == 303
    assert editor.post(theirs, **section_form(desk, "council", name="Mine")).status_code == 403
    assert editor.post(ours, **section_form(desk, "ferries", parent="council")).status_code == 403
    assert editor.post(f"{ours}merge", ours, target="council").status_code == 403
    assert editor.post("/admin/sections/", name="A new one").status_code == 403
    assert editor.post("/admin/sections/", name="Quays", parent="harbour").status_code == 303
