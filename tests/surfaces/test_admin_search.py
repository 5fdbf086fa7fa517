"""The desk's one search: drafts, notes, people and media, as far as each may see; and searches that are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import event

from cms.clock import SetClock
from cms.domain.workflow.noting import leave_note
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.pictures import hang, picture
from tests.staff import Staff

Hire = Callable[[str], Staff]
ROOM = "/admin/search/"


def group(page: str, kind: str) -> list[str]:
    """The names of what one group shows, without the marks."""
    part = page.partition(f'id="found-{kind}"')[2].partition("</section>")[0]
    links = re.findall(r'<a href="[^"]+" dir="auto">(.*?)</a>', part, re.S)
    return [unescape(re.sub("</?mark>", "", link)) for link in links]


def note(desk: Desk, story: str, text: str) -> None:
    nora = desk.actor("editor", "Nora")
    desk.act(story, lambda session, article: leave_note(session, nora, article, text, desk.now))


@BOTH_DATABASES
@pytest.mark.parametrize("indexed", [True, False])
def test_one_search_finds_stories_in_any_state_notes_people_and_media(staff: Hire, desk: Desk, indexed: bool) -> None:
    if indexed:
        desk.newsroom.search.rebuild([], 0)
    draft = desk.write("Harbour wall cracks", body_html="<p>Divers went down to the old quay.</p>")
    desk.publish("Ferry returns", body_html="<p>It calls at the quay again.</p>")
    desk.write("Tram derails")
    note(desk, draft, "Who owns the quay? Ask the port.")
    desk.person("Quay desk", title="Desk")
    hang(desk.newsroom, picture(), alt="Boats at the quay", credit="Ana Ruiz")
    page = staff("editor").get(f"{ROOM}?q=QUAY")
    assert set(group(page, "stories")) == {"Harbour wall cracks", "Ferry returns"}
    assert group(page, "notes") == ["Who owns the quay? Ask the port."]
    assert group(page, "people") == ["Quay desk"]
    assert group(page, "media") == ["Boats at the quay"]
    assert "<mark>quay</mark>" in page
    assert "Harbour wall cracks" in page[page.index('id="found-notes"') :]


def test_a_headlines_match_stands_before_a_texts_and_every_word_must_be_there(staff: Hire, desk: Desk) -> None:
    desk.write("Storm tonight")
    desk.write("Calm tonight", standfirst="After the storm.")
    desk.write("Ferry returns", body_html="<p>The storm kept it in port.</p>")
    editor = staff("editor")
    assert group(editor.get(f"{ROOM}?q=storm"), "stories")[0] == "Storm tonight"
    assert group(editor.get(f"{ROOM}?q=storm+calm"), "stories") == ["Calm tonight"]
    assert group(editor.get(f'{ROOM}?q="kept it in"'), "stories") == ["Ferry returns"]
    assert group(editor.get(f'{ROOM}?q="it kept in"'), "stories") == []


@BOTH_DATABASES
def test_capitals_of_every_language_are_found_by_small_letters(staff: Hire, desk: Desk) -> None:
    desk.write("ÜBER DEN FLUSS")
    desk.write("Über den Hafen")
    assert len(group(staff("editor").get(f"{ROOM}?q=über"), "stories")) == 2


def test_what_readers_see_is_found_though_the_working_copy_says_otherwise_by_now(staff: Hire, desk: Desk) -> None:
    desk.newsroom.search.rebuild([], 0)
    story = desk.publish("Ferry returns", body_html="<p>The canary sang.</p>")
    desk.save(story, body_html="<p>Nothing sang.</p>")
    assert group(staff("editor").get(f"{ROOM}?q=canary"), "stories") == ["Ferry returns"]


@BOTH_DATABASES
def test_a_contributors_search_tells_nothing_of_other_peoples_stories_or_notes(staff: Hire, desk: Desk) -> None:
    live, draft = desk.publish("Ferry canary"), desk.write("Draft canary", body_html="<p>canary</p>")
    note(desk, live, "A canary in the ferry")
    note(desk, draft, "A canary in the draft")
    hang(desk.newsroom, picture(), alt="A canary")
    contributor, reporter = staff("contributor"), staff("reporter")
    contributor.write(headline="My own canary")
    page = contributor.get(f"{ROOM}?q=canary")
    assert group(page, "stories") == ["My own canary"]
    assert group(page, "notes") == []
    assert 'id="found-media"' not in page
    assert contributor.client.get(f"{ROOM}?q=canary&in=media").status_code == 404
    page = reporter.get(f"{ROOM}?q=canary")
    assert len(group(page, "stories")) == 3
    assert len(group(page, "notes")) == 2
    assert group(page, "media") == ["A canary"]


def test_a_persons_name_leads_to_their_room_or_to_their_stories(staff: Hire, desk: Desk) -> None:
    slug = desk.person("Ana Ruiz")
    assert f'href="/admin/articles/?person={slug}"' in staff("reporter").get(f"{ROOM}?q=ruiz")
    assert re.search(r'href="/admin/people/\w+/" dir="auto"', staff("editor").get(f"{ROOM}?q=ruiz"))


def test_a_highlight_lets_no_markup_through(staff: Hire, desk: Desk) -> None:
    story = desk.write("<script>alert(1)</script> ferry", standfirst="<img src=x onerror=alert(1)> ferry")
    note(desk, story, "<b>ferry</b>")
    page = staff("editor").get(f"{ROOM}?q=ferry+<script>")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert group(page, "stories") == ["<script>alert(1)</script> ferry"]
    assert group(staff("admin").get(f"{ROOM}?q=ferry"), "notes") == ["<b>ferry</b>"]


def test_a_search_that_finds_nothing_says_so_of_each_kind(staff: Hire) -> None:
    editor = staff("editor")
    page = editor.get(f"{ROOM}?q=nowhere")
    for said in ("No story that you may see says that.", "No note says that.", "Nobody is called that."):
        assert said in page


@BOTH_DATABASES
@pytest.mark.parametrize("odd", ["%25", "%22", "%00", "-", "a" * 300, "%ED%A0%80", "_", "%22%22+x", "\\\\"])
def test_odd_words_are_looked_for_like_any_others(staff: Hire, desk: Desk, odd: str) -> None:
    desk.write("Ferry returns")
    assert group(staff("editor").get(f"{ROOM}?q={odd}"), "stories") == []


def test_one_kind_is_leafed_through_to_its_end(staff: Hire, desk: Desk, clock: SetClock) -> None:
    for number in range(23):
        desk.write(f"Storm {number:02}")
        clock.advance(timedelta(seconds=1))
    editor = staff("editor")
    few = editor.get(f"{ROOM}?q=storm")
    assert len(group(few, "stories")) == 5
    assert "All 23 stories" in few
    path: str | None = f"{ROOM}?q=storm&in=stories"
    met: list[str] = []
    while path:
        page = editor.get(path)
        met += group(page, "stories")
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        path = unescape(onward[1]) if onward else None
    assert met == [f"Storm {number:02}" for number in reversed(range(23))]
    for wrong in ("in=stories&page=0", "in=stories&page=11", "in=users"):
        assert editor.client.get(f"{ROOM}?q=storm&{wrong}").status_code == 404


def test_a_search_asks_as_many_queries_for_many_as_for_one(staff: Hire, desk: Desk) -> None:
    editor, asked = staff("editor"), []
    event.listen(desk.newsroom.sessions.read_engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for number in (1, 19):
        for each in range(number):
            story = desk.write(f"Storm {number} {each}", sections=[], bylines=[])
            note(desk, story, "storm")
            desk.person(f"Storm {number} {each}")
        asked.clear()
        editor.get(f"{ROOM}?q=storm")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def keep(someone: Staff, words: str, name: str) -> str:
    """Keep a search; the address of what can be done with it."""
    kept = someone.post(f"/admin/articles/views?q={words}", f"{ROOM}?q={words}", name=name, **{"from": "search"})
    assert kept.location == f"{ROOM}?q={words}"
    found = re.search(r'action="(/admin/articles/views/\d+/)watch', someone.get(f"{ROOM}?q={words}"))
    assert found
    return found[1]


def test_a_search_is_kept_renamed_and_forgotten_by_its_keeper_alone(staff: Hire) -> None:
    editor, admin = staff("editor"), staff("admin")
    at = keep(editor, "storm", "Storms")
    keep(editor, "ferry", "Ferries")
    assert re.search(r'href="/admin/search/\?q=storm" dir="auto">Storms<', editor.get(ROOM))
    assert "Storms" not in admin.get(ROOM)
    assert admin.post(f"{at}rename", ROOM, name="Mine").status_code == 404
    assert editor.post(f"{at}rename", ROOM, name="Ferries").status_code == 409
    assert editor.post(f"{at}rename", ROOM, name=" ").status_code == 422
    assert editor.post(f"{at}rename", ROOM, name="Gales", **{"from": "search"}).location == ROOM
    assert ">Gales<" in editor.get(ROOM)
    editor.post(f"{at}forget", ROOM, **{"from": "search"})
    assert "Gales" not in editor.get(ROOM)


def test_a_kept_search_tells_of_new_stories_until_it_is_told_not_to(staff: Hire, desk: Desk, clock: SetClock) -> None:
    editor = staff("editor")
    at = keep(editor, "storm", "Storms")
    editor.post(f"{at}watch", ROOM, watch="1", **{"from": "search"})
    assert "here and by e-mail" in editor.get(ROOM)
    clock.advance(timedelta(minutes=1))
    desk.write("Storm tonight")
    assert "In your view “Storms”." in editor.get("/admin/notices/")
    editor.post("/admin/notices/choices", "/admin/notices/", **{"match-admin": "on"})
    assert "since" in editor.get(ROOM)
    assert "by e-mail" not in editor.get(ROOM)
    editor.post(f"{at}watch", ROOM, **{"from": "search"})
    desk.write("Storm tomorrow")
    assert "Storm tomorrow" not in editor.get("/admin/notices/")


def test_every_room_holds_the_search_field(staff: Hire) -> None:
    for role in ("contributor", "admin"):
        someone = staff(role)
        for address in re.findall(r'href="([^"]+)" data-go=', someone.get("/admin/")):
            assert f'role="search" action="{ROOM}"' in someone.get(address)
