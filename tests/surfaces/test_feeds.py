"""RSS, Atom and JSON Feed together: each held to its format's rules, and all three to the same story."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from sqlalchemy import event

from cms.clock import SetClock
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.pictures import hang, picture

ATOM = "{http://www.w3.org/2005/Atom}"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
MEDIA = "{http://search.yahoo.com/mrss/}"
TYPES = {"json": "application/feed+json", "rss": "application/rss+xml", "atom": "application/atom+xml"}


def parsed(client: FlaskClient, path: str) -> Any:
    """An RSS or Atom feed, well-formed and without a complaint from a strict reader of feeds."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    assert answer.headers["Content-Type"] == f"{TYPES[path.split('?')[0].rpartition('.')[2]]}; charset=utf-8"
    assert answer.data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    tree = etree.fromstring(answer.data, etree.XMLParser(resolve_entities=False, recover=False))
    check_rules(tree)
    told = feedparser.parse(answer.data, response_headers={"content-type": answer.headers["Content-Type"]})
    assert not told.bozo, told.get("bozo_exception")
    return told


def check_rules(tree: Any) -> None:
    """What RSS 2.0 and RFC 4287 ask for beyond being well-formed."""
    if tree.tag == "rss":
        channel = tree.find("channel")
        assert all(channel.findtext(name) for name in ("title", "link", "description", "language"))
        assert channel.find(f"{ATOM}link[@rel='self']").get("href").startswith("http://news.example/")
        guids = [item.find("guid") for item in channel.findall("item")]
        assert all(guid.get("isPermaLink") == "false" for guid in guids)
        ids = [guid.text for guid in guids]
        for item in channel.findall("item"):
            assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", item.findtext("pubDate"))
            order = [part.tag.rpartition("}")[2] for part in item]
            assert "description" not in order or order.index("description") < order.index("encoded")
            for enclosure in item.findall("enclosure"):
                assert all(enclosure.get(name) for name in ("url", "length", "type"))
    else:
        assert tree.tag == f"{ATOM}feed"
        ids = [entry.findtext(f"{ATOM}id") for entry in tree.findall(f"{ATOM}entry")]
        assert tree.find(f"{ATOM}author/{ATOM}name") is not None
        for part in (tree, *tree.findall(f"{ATOM}entry")):
            assert all(part.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
            stamp = part.findtext(f"{ATOM}updated")
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp)
    assert len(ids) == len(set(ids))
    addresses = [value for part in tree.iter() for name, value in part.items() if name in ("href", "url")]
    assert all(address.startswith("http") for address in addresses)


def full_story(desk: Desk, newsroom: Newsroom, **more: Any) -> str:
    desk.section("Harbour")
    desk.section("City")
    desk.person("Zoë Ruiz", "zoe-ruiz")
    desk.person("Ana Brandt", "ana-brandt")
    image, _ = hang(newsroom, picture(2000, 1000), alt="A ferry", credit="Ola Nilsen")
    return desk.publish(
        **{
            "headline": "Ferry & quay: <em>together</em> again",
            "slug": "ferry",
            "standfirst": "After a year, it’s back.",
            "key_points": ["It sails daily."],
            "body_html": '<p>See <a href="/section/city/">more</a>.</p><p>5 &lt; 6 ]]&gt; done</p>',
            "sections": ["harbour", "city"],
            "bylines": [
                {"person": "zoe-ruiz"},
                {"person": "ana-brandt"},
                {"person": "zoe-ruiz", "role": "photo"},
            ],
            "tags": ["Ferries", "Quays"],
            "lead_image": image,
            **more,
        }
    )


def test_a_story_is_in_rss_whole(client: FlaskClient, desk: Desk, newsroom: Newsroom) -> None:
    article = full_story(desk, newsroom)
    told = parsed(client, "/feed.rss")
    assert told.feed.title == "The Harbour Post"
    assert told.feed.link == "http://news.example/"
    [item] = told.entries
    assert (item.id, item.guidislink) == (f"urn:copydesk:{article}", False)
    assert item.link == "http://news.example/2026/03/26/ferry/"
    assert item.title_detail.value == "Ferry & quay: <em>together</em> again"
    assert item.summary == "After a year, it’s back."
    assert 'href="http://news.example/section/city/"' in item.content[0].value
    assert [author.name for author in item.authors] == ["Zoë Ruiz", "Ana Brandt"]
    assert [tag.term for tag in item.tags] == ["Harbour", "City", "Ferries", "Quays"]
    assert datetime(*item.published_parsed[:6], tzinfo=UTC) == datetime(2026, 3, 26, 19, 26, 5, tzinfo=UTC)
    [media] = item.media_content
    assert (media["medium"], media["width"], media["height"]) == ("image", "1280", "640")
    assert item.media_credit[0]["content"] == "Ola Nilsen"
    [enclosure] = item.enclosures
    assert enclosure.type == "image/jpeg"
    assert client.get(enclosure.href).mimetype == "image/jpeg"


def test_a_story_is_in_atom_whole(client: FlaskClient, desk: Desk, newsroom: Newsroom, clock: SetClock) -> None:
    article = full_story(desk, newsroom, language="sv")
    clock.advance(timedelta(hours=1))
    desk.correct(article, "It was Tuesday.")
    told = parsed(client, "/feed.atom")
    assert told.feed.id == "http://news.example/"
    assert told.feed.updated == "2026-03-26T20:26:05.250Z"
    [entry] = told.entries
    assert entry.id == f"urn:copydesk:{article}"
    assert entry.link == "http://news.example/2026/03/26/ferry/"
    assert (entry.published, entry.updated) == ("2026-03-26T19:26:05.250Z", "2026-03-26T20:26:05.250Z")
    assert [author.name for author in entry.authors] == ["Zoë Ruiz", "Ana Brandt"]
    assert [(tag.term, tag.label) for tag in entry.tags][::3] == [("harbour", "Harbour"), ("quays", "Quays")]
    assert entry.content[0].language == "sv"
    assert 'href="http://news.example/section/city/"' in entry.content[0].value


@pytest.mark.parametrize("form", TYPES)
def test_each_section_tag_and_author_has_every_form_of_feed(client: FlaskClient, desk: Desk, form: str) -> None:
    desk.section("Harbour")
    desk.section("Ferries", "ferries", parent="harbour")
    desk.person("Ana Ruiz")
    desk.publish("Within", sections=["ferries"], tags=["Boats"], bylines=[{"person": "ana-ruiz"}])
    desk.publish("Elsewhere")
    for path in ("/section/harbour/", "/section/harbour/ferries/", "/tag/boats/", "/author/ana-ruiz/"):
        answer = client.get(f"{path}feed.{form}")
        assert answer.mimetype == TYPES[form]
        assert "Within" in answer.text
        assert "Elsewhere" not in answer.text


def test_feeds_are_told_apart_by_title_and_id(client: FlaskClient, desk: Desk) -> None:
    desk.section("Harbour")
    desk.section("City")
    told = [parsed(client, f"{path}feed.atom").feed for path in ("/", "/section/harbour/", "/section/city/")]
    assert len({each.title for each in told}) == 3
    assert len({each.id for each in told}) == 3


@pytest.mark.parametrize("form", TYPES)
def test_nobody_learns_of_a_hidden_tag_or_author_from_its_feed(
    client: FlaskClient, desk: Desk, clock: SetClock, form: str
) -> None:
    desk.person("Ana Ruiz")
    desk.write(tags=["Hidden"], bylines=[{"person": "ana-ruiz"}])
    moment = int(clock.now().timestamp() * 1_000_000)
    for path in ("/tag/hidden/", "/author/ana-ruiz/"):
        for query in ("", "?page=2", f"?page=2&before={moment}-{'0' * 16}"):
            assert client.get(f"{path}feed.{form}{query}").status_code == 404


@pytest.mark.parametrize("form", TYPES)
def test_a_story_no_longer_visible_is_in_no_feed(client: FlaskClient, desk: Desk, clock: SetClock, form: str) -> None:
    desk.write("Only a draft")
    article = desk.publish("Taken back")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article)
    text = client.get(f"/feed.{form}").text
    assert not any(secret in text for secret in ("Only a draft", "Taken back", article))


def test_a_takedown_is_told_where_the_story_stood_for_thirty_days(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.section("Harbour")
    desk.section("City")
    article = desk.publish("Taken down", sections=["harbour"])
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article, notice="Removed on legal advice.")

    def stones(path: str) -> list[tuple[str, str]]:
        tree = etree.fromstring(client.get(path).data)
        return [(stone.get("ref"), stone.get("when")) for stone in tree.iter(DELETED)]

    expected = [(f"urn:copydesk:{article}", "2026-03-26T19:27:05.250Z")]
    assert stones("/feed.atom") == expected
    assert stones("/section/harbour/feed.atom") == expected
    assert stones("/section/city/feed.atom") == []
    clock.advance(timedelta(days=30) - timedelta(microseconds=1))
    assert stones("/feed.atom") == expected
    clock.advance(timedelta(microseconds=1))
    assert stones("/feed.atom") == []


def test_a_story_put_back_or_withdrawn_again_without_a_word_leaves_no_tombstone(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    article = desk.publish("Taken down")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article, notice="Removed on legal advice.")
    clock.advance(timedelta(minutes=1))
    desk.put_live(article)
    assert "deleted-entry" not in client.get("/feed.atom").text.partition("<entry")[0].partition("<title")[2]
    clock.advance(timedelta(minutes=1))
    desk.withdraw(article)
    assert article not in client.get("/feed.atom").text
    assert article not in client.get("/feed.json").text


# --- Order and pages ---------------------------------------------------------------------------------------


def following(client: FlaskClient, form: str, path: str) -> str | None:
    """The next page's address, as this page of the feed gives it."""
    answer = client.get(path)
    if form == "json":
        return answer.get_json(force=True).get("next_url")
    found = [link for link in etree.fromstring(answer.data).iter(f"{ATOM}link") if link.get("rel") == "next"]
    return found[0].get("href") if found else None


def ids(client: FlaskClient, path: str) -> list[str]:
    return re.findall(r"urn:copydesk:([0-9a-z]{16})", client.get(path).text)


@pytest.mark.parametrize("form", TYPES)
def test_turning_pages_meets_every_story_once_while_others_come_and_go(
    client: FlaskClient, desk: Desk, clock: SetClock, form: str
) -> None:
    at = clock.now()
    made = []
    for number in range(45):
        article = desk.write(f"Story number {number}")
        desk.put_live(article, live_from=at - timedelta(hours=number // 3))
        made.append(article)
    met = ids(client, f"/feed.{form}")
    newest = met[0]
    path = following(client, form, f"/feed.{form}")
    while path:
        clock.advance(timedelta(minutes=1))
        desk.publish("One that comes in between")
        if path.endswith(met[19]):
            desk.withdraw(newest)
        met += ids(client, path)
        path = following(client, form, path)
    assert len(met) == 45
    assert set(met) == set(made)


def test_pages_can_be_asked_for_by_number(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    made = []
    for number in range(21):
        made.append(desk.publish(f"Story number {number}"))
        clock.advance(timedelta(minutes=1))
    for form in TYPES:
        assert ids(client, f"/feed.{form}") == made[:0:-1]
        assert ids(client, f"/feed.{form}?page=2") == made[:1]
        assert following(client, form, f"/feed.{form}?page=2") is None
        for wrong in ("3", "0", "x", "-1", "1.5", "99999999"):
            assert client.get(f"/feed.{form}?page={wrong}").status_code == 404
        for wrong in ("x", "1-2", "9" * 30 + "-" + "0" * 16):
            assert client.get(f"/feed.{form}?page=2&before={wrong}").status_code == 404


def test_a_change_moves_no_story_in_its_feed(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    made = [desk.publish(f"Story number {number}") for number in range(3)]
    clock.advance(timedelta(hours=1))
    before = ids(client, "/feed.rss")
    desk.put_live(made[0], revision=desk.save(made[0], headline="Rewritten from end to end"))
    assert ids(client, "/feed.rss") == before
    assert "Rewritten from end to end" in client.get("/feed.rss").text


# --- Corrections -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", TYPES)
def test_every_public_correction_is_an_item_of_the_corrections_feed(
    client: FlaskClient, desk: Desk, clock: SetClock, form: str
) -> None:
    article = desk.publish("As it was", slug="as-it-was")
    other = desk.publish("Another")
    clock.advance(timedelta(hours=1))
    desk.correct(article, "It was <b>Tuesday</b> & not Monday.")
    desk.correct(other, "Never seen again.", kind="clarification")
    clock.advance(timedelta(minutes=1))
    desk.withdraw(other)
    path = f"/corrections/feed.{form}"
    if form == "json":
        [item] = client.get(path).get_json(force=True)["items"]
        assert item["content_html"] == "<p>It was &lt;b&gt;Tuesday&lt;/b&gt; &amp; not Monday.</p>"
        assert item["_copydesk"]["article"] == f"urn:copydesk:{article}"
        assert item["date_published"] == "2026-03-26T20:26:05.250Z"
        title, url = item["title"], item["url"]
    else:
        [entry] = parsed(client, path).entries
        title, url = entry.title, entry.link
    assert title == "Correction: As it was"
    page, _, place = url.partition("#")
    assert f'id="{place}"' in client.get(page).text


def test_corrections_have_pages_too(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    article = desk.publish()
    for number in range(23):
        clock.advance(timedelta(minutes=number % 2))
        desk.correct(article, f"Correction number {number}")
    first = client.get("/corrections/feed.json").get_json(force=True)
    second = client.get(first["next_url"]).get_json(force=True)
    texts = [re.findall(r"\d+", item["content_html"])[0] for item in first["items"] + second["items"]]
    assert texts == [str(number) for number in range(22, -1, -1)]
    assert "next_url" not in second


# --- For machines ------------------------------------------------------------------------------------------


def test_what_xml_cannot_say_is_left_out(client: FlaskClient, desk: Desk) -> None:
    desk.publish("A noncharacter \ufffe in a headline", body_html="<p>And \uffff here: 🚢</p>")
    for form in ("rss", "atom"):
        [entry] = parsed(client, f"/feed.{form}").entries
        assert entry.title == "A noncharacter  in a headline"
        assert "🚢" in entry.content[0].value


@pytest.mark.parametrize("form", TYPES)
def test_an_unchanged_feed_is_not_sent_again(client: FlaskClient, desk: Desk, form: str) -> None:
    desk.publish()
    etag = client.get(f"/feed.{form}").headers["ETag"]
    assert not etag.startswith("W/")
    assert client.get(f"/feed.{form}", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("form", TYPES)
def test_an_empty_paper_has_a_feed(client: FlaskClient, form: str) -> None:
    if form == "json":
        assert client.get("/feed.json").get_json(force=True)["items"] == []
    else:
        assert parsed(client, f"/feed.{form}").entries == []


def test_fifty_stories_cost_no_more_queries_than_one(
    app: Flask, client: FlaskClient, desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    asked: list[str] = []
    event.listen(newsroom.sessions.read_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def cost(path: str) -> int:
        asked.clear()
        assert client.get(path).status_code == 200
        return len(asked)

    full_story(desk, newsroom)
    image, _ = hang(newsroom, picture())
    paths = [
        f"{below}feed.{form}"
        for form in TYPES
        for below in ("/", "/section/harbour/", "/tag/ferries/", "/corrections/")
    ]
    desk.correct(ids(client, "/feed.rss")[0], "It was Tuesday.")
    few = [cost(path) for path in paths]
    for number in range(49):
        article = desk.publish(
            f"Story number {number}",
            sections=["harbour"],
            tags=["Ferries", f"Tag {number}"],
            bylines=[{"person": "zoe-ruiz"}],
            lead_image=image,
        )
        desk.correct(article, "It was Tuesday.")
    assert [cost(path) for path in paths] == few


def test_dates_of_the_forms_are_the_same_instant(client: FlaskClient, desk: Desk, newsroom: Newsroom) -> None:
    full_story(desk, newsroom)
    [item] = client.get("/feed.json").get_json(force=True)["items"]
    tree = etree.fromstring(client.get("/feed.rss").data)
    told = datetime.fromisoformat(item["date_published"])
    assert parsedate_to_datetime(tree.findtext("channel/item/pubDate")) == told.replace(microsecond=0)
    assert tree.findtext(f"channel/item/{ATOM}updated") == item["date_modified"]
    assert tree.find(f"channel/item/{MEDIA}content").get("url") == item["image"]
