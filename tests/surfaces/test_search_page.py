"""What readers are promised of the search page and of suggestions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cms.clock import SetClock
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.surfaces.pages import pick, read, words


@pytest.fixture(autouse=True)
def index(newsroom: Newsroom) -> None:
    """An index that knows nothing yet: whatever is found is found before the worker has run."""
    newsroom.search.rebuild([], 0)


def found(client: FlaskClient, query: str) -> list[str]:
    return [words(each) for each in pick(read(client, f"/search?{query}"), ".results .card-headline")]


def two_stories(desk: Desk, clock: SetClock) -> None:
    desk.section("Harbour", "harbour")
    desk.section("Town", "town")
    desk.publish("Ferry at the quay", sections=["harbour"], tags=["Boats"], body_html="<p>It floats.</p>")
    clock.advance(timedelta(days=1))
    desk.publish("Ferry in the square", sections=["town"], tags=["Boats"])


def test_search_finds_a_story_at_once_and_marks_what_matched(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    two_stories(desk, clock)
    page = read(client, "/search?q=quay")
    assert [words(each) for each in pick(page, ".results .card-headline")] == ["Ferry at the quay"]
    assert [words(each) for each in pick(page, ".results mark")] == ["quay"]
    assert words(pick(page, ".search-total")[0]) == "1 story"


def test_search_narrows_by_section_date_and_order(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    two_stories(desk, clock)
    newest = ["Ferry in the square", "Ferry at the quay"]
    assert found(client, "q=ferry&sort=newest") == newest
    assert found(client, "q=ferry&section=harbour") == newest[1:]
    assert found(client, "q=ferry&to=2026-03-26") == newest[1:]
    assert found(client, "q=ferry&from=2026-03-27") == newest[:1]
    assert found(client, "q=ferry&sort=newest&from=yesterday&colour=red") == newest
    assert found(client, "tag=boats&sort=newest") == newest


def test_facets_count_and_narrow(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    two_stories(desk, clock)
    page = read(client, "/search?q=ferry&section=harbour")
    facets = {words(each): each.get("href") for each in pick(page, ".facets a")}
    assert facets["Harbour 1"] == "/search?q=ferry"
    assert facets["Boats 1"] == "/search?q=ferry&section=harbour&tag=boats"


@pytest.mark.parametrize("name", ["section", "tag", "author"])
def test_a_filter_that_finds_nothing_can_be_taken_away(client: FlaskClient, desk: Desk, name: str) -> None:
    desk.publish("Ferry at the quay")
    desk.section("Harbour", "harbour")
    desk.person("Nobody Yet", "harbour")
    for value in ("harbour", "never"):
        page = read(client, f"/search?q=ferry&{name}={value}")
        assert {words(each): each.get("href") for each in pick(page, ".facets a")} == {f"{value} 0": "/search?q=ferry"}


def test_what_is_typed_is_shown_and_never_run(client: FlaskClient, desk: Desk) -> None:
    desk.publish("Is <script>alert(1)</script> a quay?", slug="script")
    page = read(client, "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E+quay")
    assert pick(page, "input[name=q]")[0].get("value") == '"><script>alert(1)</script> quay'
    assert "alert(1)" not in "".join(each.text or "" for each in pick(page, "script"))


def test_a_search_without_words_asks_for_some(client: FlaskClient) -> None:
    page = read(client, "/search")
    assert not pick(page, ".search-answer")
    assert pick(page, "main form input[name=q]")


def test_search_pages_end_and_are_kept_out_of_other_indexes(client: FlaskClient, desk: Desk) -> None:
    desk.publish()
    assert client.get("/search?q=ferry&page=2").status_code == 404
    assert client.get("/search?q=ferry&page=0").status_code == 404
    assert client.get("/search?q=" + "ferry+" * 500).status_code == 200
    assert pick(read(client, "/search?q=ferry"), "meta[name=robots]")[0].get("content") == "noindex"


def test_a_hidden_story_is_neither_found_nor_suggested(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    desk.write("Secret quay")
    gone = desk.publish("Withdrawn quay")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(gone, "Withdrawn.")
    assert found(client, "q=quay") == []
    assert client.get("/search/suggest?q=quay").json == {"data": []}


def test_headlines_are_suggested_while_typing(client: FlaskClient, desk: Desk) -> None:
    desk.publish()
    address = "/2026/03/26/ferry-returns-to-the-old-quay/"
    suggested = {"headline": "Ferry returns to the old quay", "url": address}
    assert client.get("/search/suggest?q=ferr").json == {"data": [suggested]}
    assert client.get("/search/suggest").json == {"data": []}
