"""What pages and feeds are put together from is remembered, and is never older than the newest change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from cms import reactions
from cms.clock import SetClock
from cms.domain.media import queries as media
from cms.domain.people.queries import person_by_slug
from cms.domain.taxonomy.queries import section_by_path
from cms.domain.workflow import people, picturing, sections
from cms.newsroom import Newsroom
from cms.web import memory
from cms.web.page_cache_changes import Changes
from tests.desk import Desk
from tests.pictures import hang, picture

LISTS = ("/", "/section/news/", "/tag/ferries/", "/author/ada-quay/")
FEEDS = ("/feed.json", "/feed.rss", "/feed.atom", "/section/news/feed.json")


@pytest.fixture
def told(newsroom: Newsroom, desk: Desk, client: FlaskClient) -> str:
    """A story that every list and feed has told of, and tells of again out of memory."""
    desk.section("News", "news")
    desk.person("Ada Quay", "ada-quay")
    lead, _key = hang(newsroom, picture(), alt="A ferry at anchor")
    told = desk.publish(
        "The old quay",
        body_html="<p>It stands.</p>",
        bylines=[{"person": "ada-quay"}],
        sections=["news"],
        tags=["Ferries"],
        lead_image=lead,
    )
    everywhere(client)
    another(desk)
    everywhere(client)
    return told


def another(desk: Desk) -> str:
    """A story that joins every list but has nothing to do with the other."""
    fields = {"bylines": [{"person": "ada-quay"}], "sections": ["news"], "tags": ["Ferries"]}
    return desk.publish("A new port", body_html="<p>Dug.</p>", **fields)


def everywhere(client: FlaskClient, paths: tuple[str, ...] = LISTS + FEEDS) -> str:
    answers = [client.get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    return "\n".join(answer.text for answer in answers)


def test_a_list_that_a_story_joins_asks_for_that_story_alone(
    newsroom: Newsroom, desk: Desk, client: FlaskClient, told: str
) -> None:
    asked: list[tuple[str, list[int]]] = []
    event.listen(newsroom.sessions.read_engine, "before_cursor_execute", lambda *a: asked.append((a[2], list(a[3]))))
    another(desk)
    everywhere(client, ("/", *LISTS[1:]))
    names = [given for statement, given in asked if "FROM revision_bylines JOIN people" in statement]
    assert [len(given) for given in names] == [3], "the names of one revision, in three places of one statement"


@pytest.mark.parametrize(
    ("verb", "before", "after"),
    [
        ("text", "The old quay", "The older quay"),
        ("person", "Ada Quay", "Ada Pier"),
        ("section", ">News<", ">Tidings<"),
        ("correction", "", "It leans."),
        ("picture", "A ferry at anchor", "A ferry under way"),
    ],
)
def test_what_is_done_to_a_story_shows_at_once_in_every_list(
    newsroom: Newsroom, desk: Desk, clock: SetClock, client: FlaskClient, told: str, verb: str, before: str, after: str
) -> None:
    assert before in everywhere(client) and after not in everywhere(client)
    clock.advance(timedelta(minutes=1))
    change(newsroom, desk, told, verb)
    shown = everywhere(client)
    assert after in shown
    assert not before or before not in everywhere(client, LISTS)


def change(newsroom: Newsroom, desk: Desk, article: str, verb: str) -> None:
    editor, now = desk.actor("admin"), desk.now
    if verb == "text":
        desk.save(article, headline="The older quay")
        desk.put_live(article)
        return
    if verb == "correction":
        desk.correct(article, "It leans.")
        return
    with newsroom.sessions.write() as session:
        if verb == "person":
            found = person_by_slug(session, "ada-quay")
            assert found is not None
            events = people.change(session, editor, found, {"name": "Ada Pier"}, now)
        elif verb == "section":
            section = section_by_path(session, "news")
            assert section is not None
            events = sections.change(session, editor, section, {"name": "Tidings"}, now)
        else:
            [image] = media.newest(session, 1)
            events = picturing.describe(session, editor, image, {"alt": "A ferry under way"}, now)
        reactions.commit(session, events, now, newsroom.signal)


def test_a_withdrawn_story_is_in_no_list_any_more(desk: Desk, clock: SetClock, client: FlaskClient, told: str) -> None:
    assert "The old quay" in everywhere(client)
    clock.advance(timedelta(minutes=1))
    desk.withdraw(told)
    assert "The old quay" not in everywhere(client)


def test_a_picture_leaves_every_list_when_its_rights_end(
    newsroom: Newsroom, desk: Desk, clock: SetClock, client: FlaskClient, told: str
) -> None:
    editor, ends = desk.actor("admin"), {"usable_until": clock.now() + timedelta(hours=1)}
    with newsroom.sessions.write() as session:
        [image] = media.newest(session, 1)
        events = picturing.describe(session, editor, image, ends, clock.now())
        reactions.commit(session, events, clock.now(), newsroom.signal)
    assert "A ferry at anchor" in everywhere(client, LISTS)
    clock.advance(timedelta(hours=1))
    assert "A ferry at anchor" not in everywhere(client, LISTS)


def test_the_frame_of_every_page_changes_with_the_site(
    newsroom: Newsroom, desk: Desk, client: FlaskClient, told: str
) -> None:
    assert "Tidings" not in everywhere(client)
    change(newsroom, desk, told, "section")
    for path in (*LISTS, "/corrections/", "/archive/"):
        assert ">Tidings</a></li>" in client.get(path).text, path


def test_no_page_marks_the_section_of_another(desk: Desk, client: FlaskClient, told: str) -> None:
    for path in ("/section/news/", "/tag/ferries/", "/section/news/"):
        marked = 'href="/section/news/" aria-current="page"' in client.get(path).text
        assert marked == (path == "/section/news/"), path


def test_what_is_longest_unasked_for_is_forgotten_first(newsroom: Newsroom) -> None:
    kept = memory.Memory(Changes(newsroom), 2 * (memory.WITHOUT_TEXT + 40))
    for number in range(10):
        for name in (0, number):
            kept.recollection().recall(name, {"site"}, lambda: b"x" * 40)
    assert [number for number in range(10) if kept.find(number, 0)] == [0, 9]
