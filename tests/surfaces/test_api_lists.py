"""Lists of articles: who sees which, in what order, and that no page repeats or forgets one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event

from cms.clock import SetClock
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.surfaces.programs import Program, told


@pytest.fixture
def public(client: FlaskClient) -> Program:
    return Program(client, None)


@pytest.fixture
def editor(client: FlaskClient, desk: Desk) -> Program:
    return Program(client, desk.token("editor"))


@contextmanager
def counted(newsroom: Newsroom) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(newsroom.sessions.read_engine, "before_cursor_execute", note)
    yield asked
    event.remove(newsroom.sessions.read_engine, "before_cursor_execute", note)


@pytest.mark.parametrize("sort", ["newest", "modified"])
def test_every_order_is_paged_without_losing_or_repeating_any(
    public: Program, editor: Program, desk: Desk, clock: SetClock, sort: str
) -> None:
    made = []
    for number in range(5):
        made.append(desk.publish(f"Story {number}"))
        clock.advance(timedelta(minutes=number % 2))
    desk.write("A draft")
    clock.advance(timedelta(minutes=1))
    desk.correct(made[1], "It was the other quay.")
    order = made[::-1] if sort == "newest" else [made[1], *(each for each in made[::-1] if each != made[1])]
    assert public.all(f"/articles?sort={sort}&limit=2") == order
    assert [len(page) for page in editor.pages(f"/articles?sort={sort}&limit=2")] == [2, 2, 2]
    assert set(order) < set(editor.all(f"/articles?sort={sort}&limit=2"))


def test_modified_follows_what_the_article_says(public: Program, desk: Desk, clock: SetClock) -> None:
    older, newer = desk.publish("Older"), desk.publish("Newer")
    clock.advance(timedelta(minutes=1))
    desk.save(older, headline="Older, a letter mended")
    desk.put_live(older, minor=True)
    assert public.all("/articles?sort=modified") == [newer, older]
    desk.save(older, headline="Older, rewritten")
    clock.advance(timedelta(minutes=1))
    desk.put_live(older)
    told_of = public("GET", "/articles?sort=modified").get_json()["data"]
    assert [each["id"] for each in told_of] == [older, newer]
    assert [each["modified_at"] for each in told_of] == sorted((e["modified_at"] for e in told_of), reverse=True)


def test_words_find_stories_best_first_and_page_by_page(public: Program, desk: Desk) -> None:
    desk.publish("Nothing of the kind")
    found = {desk.publish(f"Ferry number {number}") for number in range(5)}
    for sort in ("relevance", "newest", "modified"):
        assert set(public.all(f"/articles?q=ferry&sort={sort}&limit=2")) == found
    assert public.all("/articles?q=" + "ferry%20" * 60) == public.all("/articles?q=ferry")
    told(public("GET", "/articles?q=ferry&after=unknown"), 422)


def test_a_list_is_narrowed_by_place_name_and_day(public: Program, desk: Desk, clock: SetClock) -> None:
    desk.section("Sport")
    desk.section("Sailing", parent="sport")
    desk.person("Ana Ruiz")
    sailing = desk.publish("A race", sections=["sailing"], tags=["Boats"], bylines=[{"person": "ana-ruiz", "role": ""}])
    clock.advance(timedelta(days=1))
    other = desk.publish("Another day")
    for narrowing in ("section=sport", "tag=boats", "author=ana-ruiz", "to=2026-03-26", "to=2026-03-26T19:26:05.250Z"):
        assert public.all(f"/articles?{narrowing}") == [sailing], narrowing
    for narrowing in ("from=2026-03-27", "from=2026-03-27T00:00:00-04:00"):
        assert public.all(f"/articles?{narrowing}") == [other], narrowing
    for nobody in ("section=nowhere", "tag=none", "author=nobody", "from=2026-03-28"):
        assert public.all(f"/articles?{nobody}") == []


def test_only_a_token_lists_what_readers_cannot_see(public: Program, editor: Program, desk: Desk) -> None:
    live, draft = desk.publish("Live"), desk.write("Draft")
    planned = desk.write("Planned")
    desk.put_live(planned, live_from=desk.now + timedelta(hours=1))
    assert public.all("/articles") == [live]
    assert set(editor.all("/articles")) == {live, draft, planned}
    assert editor.all("/articles?state=draft") == [draft]
    assert editor.all("/articles?visibility=scheduled") == [planned]
    assert editor.all("/articles?q=plan") == [planned]
    assert told(public("GET", "/articles?state=draft"), 422)["errors"].keys() == {"state"}
    assert told(editor("GET", "/articles?visibility=loud"), 422)["errors"].keys() == {"visibility"}


def test_a_contributors_list_is_their_own(client: FlaskClient, desk: Desk) -> None:
    contributor = Program(client, desk.token("contributor"))
    desk.publish("Somebody else's")
    mine = contributor("POST", "/articles", {"headline": "Mine"}).get_json()["id"]
    assert contributor.all("/articles") == [mine]


def test_a_public_article_has_every_field_and_hides_what_is_hidden(
    public: Program, desk: Desk, clock: SetClock
) -> None:
    article = desk.publish("Live")
    desk.save(article, headline="Tomorrow's")
    spans = {"live_from": desk.now + timedelta(hours=1), "live_until": desk.now + timedelta(hours=3)}
    desk.put_live(article, revision=2, **spans)
    seen = public("GET", f"/articles/{article}").get_json()
    fields = "id url slug state visibility revision headline standfirst key_points body_html bylines sections tags"
    fields += " lead_image published_at modified_at embargo_until live_from live_until corrections views language seo"
    assert seen.keys() == set(fields.split())
    assert (seen["headline"], seen["visibility"]) == ("Live", "live")
    assert seen["live_until"] == "2026-03-26T22:26:05.250Z"
    clock.advance(timedelta(hours=1))
    assert public("GET", f"/articles/{article}").get_json()["headline"] == "Tomorrow's"


def test_a_public_answer_is_known_again_until_its_text_changes(public: Program, desk: Desk, newsroom: Newsroom) -> None:
    article = desk.publish("Live")
    first = public("GET", f"/articles/{article}")
    assert public("GET", f"/articles/{article}", If_None_Match=first.headers["ETag"]).status_code == 304
    desk.correct(article, "A name was wrong.")
    assert public("GET", f"/articles/{article}", If_None_Match=first.headers["ETag"]).status_code == 200


@pytest.mark.parametrize("who", ["public", "editor"])
def test_a_list_asks_as_much_for_one_story_as_for_many(
    who: str, request: pytest.FixtureRequest, desk: Desk, newsroom: Newsroom
) -> None:
    program: Program = request.getfixturevalue(who)
    desk.publish("One", tags=["a"])
    program("GET", "/articles")
    with counted(newsroom) as few:
        program("GET", "/articles")
    for number in range(12):
        desk.publish(f"Story {number}", tags=["a", "b"])
    with counted(newsroom) as many:
        program("GET", "/articles")
    assert len(many) == len(few) < 20


def test_wrong_values_are_named(public: Program) -> None:
    for wrong in (
        "limit=0", "limit=101", "limit=1.0", "limit=%2B5", "limit=٣", "sort=best", "from=yesterday", "to=2026-13-01",
        "from=2026-03-26T10:00:00", "after=!", "after=", "section=a&section=b", "q=a%00b",
    ):  # fmt: skip
        assert told(public("GET", f"/articles?{wrong}"), 422)["errors"].keys() == {wrong.partition("=")[0]}, wrong
