"""Lists of stories: the newest first, each story once, and what is remembered of them no older than any change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from cms.clock import SetClock
from cms.public import paging
from tests.databases import BOTH_DATABASES
from tests.desk import Desk
from tests.surfaces.pages import pick, read, words

pytestmark = BOTH_DATABASES


def listed(client: FlaskClient, path: str) -> list[str]:
    return [words(headline) for headline in pick(read(client, path), ".card-headline")]


def entries(client: FlaskClient, path: str) -> list[str]:
    """Every item of the feed, by ``next_url`` from page to page."""
    found: list[str] = []
    while path:
        page = client.get(path).get_json(force=True)
        found += [item["title"] for item in page["items"]]
        path = page.get("next_url", "").removeprefix("http://news.example")
    return found


def test_a_section_lists_what_is_filed_below_it_too_and_each_story_once(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.section("Business")
    desk.section("Markets", parent="business")
    wanted = []
    for number in range(27):
        clock.advance(timedelta(minutes=1))
        sections = (["business"], ["markets"], ["business", "markets"])[number % 3]
        desk.publish(f"Story {number}", sections=sections)
        wanted.insert(0, f"Story {number}")
    pages = listed(client, "/section/business/") + listed(client, "/section/business/?page=2")
    assert pages == wanted
    assert entries(client, "/section/business/feed.json") == wanted
    assert listed(client, "/section/business/markets/") == [each for each in wanted if int(each[6:]) % 3]


def test_who_wrote_a_story_and_took_its_picture_has_it_once(client: FlaskClient, desk: Desk) -> None:
    ana = desk.person("Ana Ruiz")
    desk.publish("Twice hers", bylines=[{"person": ana}, {"person": ana, "role": "photo"}])
    assert listed(client, f"/author/{ana}/") == ["Twice hers"]
    assert entries(client, f"/author/{ana}/feed.json") == ["Twice hers"]


def test_a_story_stands_where_its_first_publication_was_moved_to(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.section("Sport")
    filed = {"sections": ["sport"], "tags": ["Ferries"], "bylines": [{"person": desk.person("Ana Ruiz")}]}
    early = desk.write("Was to be first", **filed)
    first = desk.put_live(early, live_from=desk.now + timedelta(hours=1))
    other = desk.write("Stayed where it was", **filed)
    desk.put_live(other, live_from=desk.now + timedelta(hours=2))
    desk.cancel(early, first)
    desk.put_live(early, live_from=desk.now + timedelta(hours=3))
    clock.advance(timedelta(hours=4))
    for path in ("/section/sport/", "/tag/ferries/", "/author/ana-ruiz/"):
        assert listed(client, path) == ["Was to be first", "Stayed where it was"], path


def test_a_story_filed_elsewhere_changes_its_lists_and_keeps_its_place(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.section("Sport")
    desk.section("World")
    moved = desk.publish("Filed anew", sections=["sport"])
    clock.advance(timedelta(minutes=1))
    desk.publish("Newer", sections=["world"])
    assert listed(client, "/section/world/") == ["Newer"]
    clock.advance(timedelta(minutes=1))
    desk.save(moved, sections=["world"])
    desk.put_live(moved)
    assert listed(client, "/section/sport/") == []
    assert listed(client, "/section/world/") == ["Newer", "Filed anew"]


def test_a_list_too_long_to_be_counted_is_turned_over_to_its_end_and_no_further(
    client: FlaskClient, desk: Desk, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED", 30)
    desk.section("World")
    desk.section("Arctic", parent="world")
    wanted = []
    for number in range(61):
        clock.advance(timedelta(minutes=1))
        desk.publish(f"Story {number}", sections=[("world", "arctic")[number % 2]])
        wanted.insert(0, f"Story {number}")
    for path in ("/section/world/", "/archive/2026/"):
        found, turned = [], []
        following: str | None = path
        while following:
            page = read(client, following)
            found += [words(each) for each in pick(page, ".card-headline")]
            turned += [words(each) for each in pick(page, ".paging p")]
            following = next((each.get("href") for each in pick(page, ".paging a") if each.get("rel") == "next"), None)
        assert (found, turned) == (wanted, ["Page 1", "Page 2", "Page 3 of 4", "Page 4 of 4"])
        assert client.get(f"{path}?page=5").status_code == 404


def test_navigation_and_the_lengths_of_lists_follow_every_change(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.section("Sport")
    stories = [desk.publish(f"Story {number}", sections=["sport"]) for number in range(21)]

    def nav() -> list[str]:
        return [words(each) for each in pick(read(client, "/section/sport/"), "header nav a")]

    assert (nav(), client.get("/section/sport/?page=2").status_code) == (["Sport"], 200)
    clock.advance(timedelta(seconds=1))
    desk.section("World")
    desk.withdraw(stories[0])
    assert (nav(), client.get("/section/sport/?page=2").status_code) == (["Sport", "World"], 404)
    last = desk.write("The last", sections=["sport"])
    desk.put_live(last, live_from=desk.now + timedelta(minutes=5))
    assert client.get("/section/sport/?page=2").status_code == 404
    clock.advance(timedelta(minutes=5))
    assert client.get("/section/sport/?page=2").status_code == 200
