"""The JSON Feed, held to the format's rules (version 1.1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from cms.clock import SetClock
from tests.desk import Desk


def feed(client: FlaskClient, path: str = "/feed.json") -> dict[str, Any]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "application/feed+json"
    told = answer.get_json(force=True)
    check_rules(told)
    return told


def check_rules(told: dict[str, Any]) -> None:
    assert next(iter(told)) == "version"
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["title"]
    assert all(told[name].startswith("http://news.example/") for name in ("home_page_url", "feed_url"))
    assert told.get("next_url") != told["feed_url"]
    ids = [item["id"] for item in told["items"]]
    assert len(ids) == len(set(ids))
    for item in told["items"]:
        assert item["id"].strip()
        assert item["content_html"]
        assert item["url"].startswith("http://news.example/")
        assert datetime.fromisoformat(item["date_published"]).tzinfo is not None
        assert datetime.fromisoformat(item["date_modified"]).tzinfo is not None
        assert all(author.keys() <= {"name", "url", "avatar"} and author for author in item.get("authors", []))
        assert "" not in item.values()


def test_a_published_story_is_in_the_feed_whole(client: FlaskClient, desk: Desk) -> None:
    desk.section("Harbour")
    desk.person("Ana Ruiz")
    article = desk.publish(
        "Ferry returns",
        standfirst="After a year.",
        key_points=["It sails daily."],
        body_html='<p>See <a href="/section/harbour/">more</a>.</p>',
        sections=["harbour"],
        bylines=[{"person": "ana-ruiz"}],
        tags=["Ferries"],
    )
    [item] = feed(client)["items"]
    assert item["id"] == f"urn:copydesk:{article}"
    assert item["url"] == "http://news.example/2026/03/26/ferry-returns/"
    assert item["title"] == "Ferry returns"
    assert item["summary"] == "After a year."
    assert 'href="http://news.example/section/harbour/"' in item["content_html"]
    assert item["authors"] == [{"name": "Ana Ruiz", "url": "http://news.example/author/ana-ruiz/"}]
    assert item["tags"] == ["Ferries"]
    assert item["date_published"] == "2026-03-26T19:26:05.250Z"
    assert item["_copydesk"]["key_points"] == ["It sails daily."]
    for path in ("/section/harbour/feed.json", "/tag/ferries/feed.json", "/author/ana-ruiz/feed.json"):
        assert [each["id"] for each in feed(client, path)["items"]] == [item["id"]]


def test_what_readers_may_not_see_is_in_no_feed(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    desk.write("Only a draft", tags=["Hidden"])
    later = desk.write("For tomorrow")
    desk.put_live(later, live_from=clock.now() + timedelta(days=1))
    gone = desk.publish("Taken back")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(gone)
    told = feed(client)
    assert told["items"] == []
    assert "_copydesk" not in told
    assert client.get("/tag/hidden/feed.json").status_code == 404


def test_a_takedown_with_a_notice_leaves_a_tombstone_for_thirty_days(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    article = desk.publish("Taken down")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article, notice="Removed on legal advice.")
    assert feed(client)["_copydesk"]["withdrawn"] == [
        {"id": f"urn:copydesk:{article}", "at": "2026-03-26T19:27:05.250Z"}
    ]
    clock.advance(timedelta(days=31))
    assert "_copydesk" not in feed(client)


def test_a_correction_reaches_the_feed(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.publish("As it was")
    clock.advance(timedelta(hours=1))
    desk.correct(article, "It was Tuesday.")
    [item] = feed(client)["items"]
    assert [note["text"] for note in item["_copydesk"]["corrections"]] == ["It was Tuesday."]
    assert item["date_modified"] == "2026-03-26T20:26:05.250Z"


def test_an_unchanged_feed_is_not_sent_again(client: FlaskClient, desk: Desk) -> None:
    desk.publish()
    etag = client.get("/feed.json").headers["ETag"]
    assert not etag.startswith("W/")
    assert client.get("/feed.json", headers={"If-None-Match": etag}).status_code == 304
