"""Pages from memory: what was read once costs no query, and nothing older than the newest change is ever shown."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import brotli
import pytest
import zstandard
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text
from werkzeug.http import parse_date
from werkzeug.test import Client, TestResponse

from cms.app import in_front_of
from cms.cli.main import cms
from cms.clock import SetClock
from cms.domain import audit
from cms.domain.views.days import day_start, site_day
from cms.newsroom import Newsroom
from tests.desk import Desk
from tests.lending import serve
from tests.readers import Readers

QUAY, PORT = "/2026/03/26/the-old-quay/", "/2026/03/26/a-new-port/"
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "zstd": lambda sent: zstandard.ZstdDecompressor().decompress(sent),
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


@pytest.fixture
def quay(desk: Desk) -> str:
    return desk.publish("The old quay", body_html="<p>" + "It stands. " * 200 + "</p>", tags=["Ferries"])


@pytest.fixture
def port(desk: Desk) -> str:
    return desk.publish("A new port", body_html="<p>Dug.</p>")


@pytest.fixture
def asked(newsroom: Newsroom) -> Iterator[list[str]]:
    """Every statement that this newsroom's reading engine is asked."""
    statements: list[str] = []
    event.listen(newsroom.sessions.read_engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    yield statements


def renders(asked: list[str]) -> int:
    """How many pages were made: each asks once for the names on all its stories, and nothing else does."""
    return sum("FROM revision_bylines JOIN people" in statement for statement in asked)


# --- Kept --------------------------------------------------------------------------------------------------


def test_a_page_that_was_read_is_read_again_without_a_query(client: FlaskClient, quay: str, asked: list[str]) -> None:
    first = client.get(QUAY)
    asked.clear()
    again = client.get(QUAY)
    assert (again.data, again.headers) == (first.data, first.headers)
    assert not asked


@pytest.mark.parametrize("path", ["/", "/tag/ferries/", "/archive/", "/feed.json", "/feed.rss", "/most-read/"])
def test_lists_and_feeds_are_kept_like_stories(client: FlaskClient, quay: str, asked: list[str], path: str) -> None:
    assert client.get(path).status_code == 200
    asked.clear()
    assert client.get(path).status_code == 200
    assert not asked


def test_parameters_that_an_address_does_not_know_make_no_second_page(
    client: FlaskClient, quay: str, asked: list[str]
) -> None:
    first = client.get(QUAY)
    asked.clear()
    for query in ("?utm_source=x", "?a=1&a=2", "?%ff=%ff", "?=&&", "?" + "x" * 2000):
        assert client.get(QUAY + query).data == first.data
    assert not asked


def test_a_lists_second_page_is_another_page(client: FlaskClient, desk: Desk, clock: SetClock) -> None:
    for number in range(21):
        clock.advance(timedelta(minutes=1))
        desk.publish(f"Story {number}", tags=["Ferries"])
    first, second = client.get("/tag/ferries/?page=1&x=y"), client.get("/tag/ferries/?x=y&page=2")
    assert "Story 0" in second.text
    assert first.data != second.data
    assert client.get("/tag/ferries/?page=2").data == second.data


# --- Never old ---------------------------------------------------------------------------------------------


def test_a_new_text_shows_with_the_next_request(client: FlaskClient, desk: Desk, quay: str, clock: SetClock) -> None:
    for number in range(3):
        clock.advance(timedelta(milliseconds=1))
        assert f"Standing {number}" not in client.get(QUAY).text
        desk.put_live(quay, revision=desk.save(quay, standfirst=f"Standing {number}"))
        assert f"Standing {number}" in client.get(QUAY).text
        assert f"Standing {number}" in client.get("/").text


def test_a_story_taken_down_is_gone_with_the_next_request(
    client: FlaskClient, desk: Desk, quay: str, clock: SetClock
) -> None:
    clock.advance(timedelta(milliseconds=1))
    assert "The old quay" in client.get("/").text
    assert client.get(QUAY).status_code == 200
    desk.withdraw(quay)
    assert client.get(QUAY).status_code == 404
    assert all("The old quay" not in client.get(path).text for path in ("/", "/feed.json", "/archive/"))


def test_a_correction_shows_with_the_next_request(client: FlaskClient, desk: Desk, quay: str) -> None:
    client.get(QUAY)
    desk.correct(quay, "It was built in 1911.")
    assert "It was built in 1911." in client.get(QUAY).text


def test_an_address_that_was_missing_is_there_once_it_is_published(client: FlaskClient, desk: Desk) -> None:
    assert client.get(QUAY).status_code == 404
    desk.publish("The old quay")
    assert client.get(QUAY).status_code == 200


def test_a_scheduled_story_appears_at_its_second_though_nobody_acts(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    desk.put_live(desk.write("The old quay"), live_from=clock.now() + timedelta(seconds=10))
    for _ in range(2):
        assert client.get(QUAY).status_code == 404
        assert "The old quay" not in client.get("/").text
        clock.advance(timedelta(seconds=4, milliseconds=999))
    clock.advance(timedelta(milliseconds=2))
    assert client.get(QUAY).status_code == 200
    assert all("The old quay" in client.get(path).text for path in ("/", "/feed.json", "/feed.rss", "/archive/"))


def test_a_story_leaves_every_page_at_its_end_though_nobody_acts(
    client: FlaskClient, desk: Desk, clock: SetClock, port: str
) -> None:
    desk.put_live(desk.write("The old quay"), live_until=clock.now() + timedelta(seconds=5))
    pages = ("/", PORT, "/feed.json", "/archive/")
    assert all("The old quay" in client.get(path).text for path in ("/", "/feed.json", "/archive/"))
    client.get(PORT)
    clock.advance(timedelta(seconds=5))
    assert client.get(QUAY).status_code == 404
    assert all("The old quay" not in client.get(path).text for path in pages)


def test_a_change_leaves_the_pages_alone_that_do_not_show_it(
    client: FlaskClient, desk: Desk, quay: str, asked: list[str]
) -> None:
    client.get(QUAY)
    client.get("/")
    desk.publish("A new port")
    asked.clear()
    client.get(QUAY)
    assert renders(asked) == 0
    client.get("/")
    assert renders(asked) == 1


def test_a_change_whose_maker_died_before_telling_is_seen(
    client: FlaskClient, desk: Desk, newsroom: Newsroom, quay: str
) -> None:
    client.get(QUAY)
    newsroom.signal.pending()
    with newsroom.sessions.write() as session:
        session.execute(text("UPDATE revisions SET standfirst = 'Told by nobody'"))
        session.add(audit.Change(key=f"article:{quay}", at=desk.now))
        session.commit()
    assert "Told by nobody" in client.get(QUAY).text


def test_a_purge_has_every_page_made_anew(client: FlaskClient, newsroom: Newsroom, quay: str, asked: list[str]) -> None:
    client.get(QUAY)
    client.get("/")
    asked.clear()
    assert CliRunner().invoke(cms, ["pages", "purge"], obj=lambda: newsroom).exit_code == 0
    client.get(QUAY)
    client.get("/")
    assert renders(asked) == 2


def test_a_page_tells_the_visits_of_the_last_minute(
    client: FlaskClient, newsroom: Newsroom, quay: str, clock: SetClock
) -> None:
    assert "Visited 0 times" in client.get(QUAY).text
    readers = Readers(newsroom)
    readers.read(quay)
    readers.roll_up()
    clock.advance(timedelta(minutes=1))
    assert "Visited 1 time, 1 visit today" in client.get(QUAY).text


def test_only_the_visits_of_a_page_are_told_anew(
    client: FlaskClient, newsroom: Newsroom, quay: str, clock: SetClock, asked: list[str]
) -> None:
    first = client.get(QUAY)
    clock.advance(timedelta(seconds=50))
    asked.clear()
    same = client.get(QUAY)
    assert (same.headers["ETag"], same.headers["Last-Modified"]) == (
        first.headers["ETag"],
        first.headers["Last-Modified"],
    )
    readers = Readers(newsroom)
    readers.read(quay)
    readers.roll_up()
    clock.advance(timedelta(seconds=50))
    by_date = {"If-Modified-Since": first.headers["Last-Modified"]}
    for accepted, decode in DECODERS.items():
        assert b"Visited 1 time, 1 visit today" in decode(client.get(QUAY, headers={"Accept-Encoding": accepted}).data)
    assert client.get(QUAY, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert client.get(QUAY, headers=by_date).status_code == 200
    assert first.text.replace("Visited 0 times, 0 visits", "Visited 1 time, 1 visit") == client.get(QUAY).text
    assert renders(asked) == 0


def test_pages_whose_visits_have_grown_old_are_told_them_together(
    client: FlaskClient, newsroom: Newsroom, quay: str, port: str, clock: SetClock, asked: list[str]
) -> None:
    paths = [QUAY, PORT]
    assert [client.get(path).status_code for path in paths] == [200, 200]
    readers = Readers(newsroom)
    readers.read(port)
    readers.roll_up()
    clock.advance(timedelta(seconds=50))
    asked.clear()
    assert ["Visited 1 time" in client.get(path).text for path in paths] == [False, True]
    assert sum("FROM visit_totals" in statement for statement in asked) == 1


def test_today_is_another_day_at_midnight(
    client: FlaskClient, newsroom: Newsroom, quay: str, clock: SetClock, asked: list[str]
) -> None:
    readers = Readers(newsroom)
    readers.read(quay)
    readers.roll_up()
    zone = newsroom.settings.site_timezone
    midnight = day_start(site_day(clock.now(), zone) + timedelta(days=1), zone)
    clock.advance(midnight - clock.now() - timedelta(seconds=1))
    assert "Visited 1 time, 1 visit today" in client.get(QUAY).text
    asked.clear()
    clock.advance(timedelta(seconds=1))
    assert "Visited 1 time, 0 visits today" in client.get(QUAY).text
    assert renders(asked) == 0


def test_words_like_the_visits_in_a_text_stay_as_they_were_written(
    client: FlaskClient, desk: Desk, newsroom: Newsroom, clock: SetClock
) -> None:
    said = "Visited 0 times, 0 visits today"
    quay = desk.publish("The old quay", standfirst=said, body_html=f"<p>{said}</p>")
    before = client.get(QUAY).text.count(said)
    readers = Readers(newsroom)
    readers.read(quay)
    readers.roll_up()
    clock.advance(timedelta(minutes=1))
    page = client.get(QUAY).text
    assert (page.count(said), page.count("Visited 1 time, 1 visit today")) == (before - 1, 1)


def test_the_newest_of_a_section_names_the_one_after_it_at_once(
    client: FlaskClient, desk: Desk, clock: SetClock
) -> None:
    world = desk.section("World")
    desk.publish("The old quay", sections=[world])
    assert "A new port" not in client.get(QUAY).text
    clock.advance(timedelta(minutes=1))
    desk.publish("A new port", sections=[world])
    assert "A new port" in client.get(QUAY).text


# --- HTTP --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("zstd", "zstd"),
        ("br", "br"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, br", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity, gzip;q=0.5", None),
        ("gzip;q=0", None),
        ("gzip;q=x", None),
        ("deflate", None),
        ("", None),
    ],
)
def test_a_page_comes_in_the_encoding_that_its_reader_likes_best(
    client: FlaskClient, quay: str, accepted: str, encoding: str | None
) -> None:
    plain = client.get(QUAY)
    answer = client.get(QUAY, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert (DECODERS[encoding](answer.data) if encoding else answer.data) == plain.data
    assert answer.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    assert answer.content_length == len(answer.data)


def test_each_encoding_has_a_strong_etag_of_its_own(client: FlaskClient, quay: str) -> None:
    tags = [client.get(QUAY, headers={"Accept-Encoding": each}).headers["ETag"] for each in ("", *DECODERS)]
    assert len(set(tags)) == 4
    assert all(tag.startswith('"') for tag in tags)
    for accepted, tag in zip(("", *DECODERS), tags, strict=True):
        for other in tags:
            sent = {"Accept-Encoding": accepted, "If-None-Match": f'"x", W/{other}'}
            assert client.get(QUAY, headers=sent).status_code == (304 if other == tag else 200)


def test_whoever_has_the_page_is_not_sent_it_again_until_it_changes(client: FlaskClient, desk: Desk, quay: str) -> None:
    first = client.get(QUAY)
    by_tag, by_date = {"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}
    for held in (by_tag, by_date, {"If-None-Match": "*"}):
        answer = client.get(QUAY, headers=held)
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == first.headers["ETag"]
        assert "Content-Security-Policy" in answer.headers
    assert client.get(QUAY, headers={**by_date, "If-None-Match": '"other"'}).status_code == 200
    assert client.get(QUAY, headers={"If-Modified-Since": "yesterday"}).status_code == 200
    desk.correct(quay, "It was built in 1911.")
    assert client.get(QUAY, headers=by_tag).status_code == 200
    assert client.get(QUAY, headers=by_date).status_code == 200, "within the same second"


def test_processes_tell_the_same_date_of_the_same_page(
    client: FlaskClient, app: Flask, newsroom: Newsroom, desk: Desk, quay: str, clock: SetClock
) -> None:
    def get(address: str, **held: str) -> TestResponse:
        return other.get(address, base_url="http://news.example", headers=held)

    other = Client(in_front_of(Flask.wsgi_app.__get__(app), newsroom))
    for address in (QUAY, "/", "/feed.json", "/sitemap.xml", "/search?q=quay"):
        date = client.get(address).headers["Last-Modified"]
        clock.advance(timedelta(seconds=3))
        assert get(address).headers["Last-Modified"] == date, address
        assert get(address, **{"If-Modified-Since": date}).status_code == 304, address
        desk.correct(quay, f"{address} said otherwise.")
        desk.save(quay, standfirst=address)
        desk.put_live(quay)
        changed = get(address)
        assert parse_date(changed.headers["Last-Modified"]) > parse_date(date), address  # type: ignore[operator]
        assert client.get(address, headers={"If-Modified-Since": date}).status_code == 200, address
        assert client.get(address).headers["Last-Modified"] == changed.headers["Last-Modified"], address


def test_head_has_the_headers_and_no_body_and_a_range_gets_the_whole(client: FlaskClient, quay: str) -> None:
    whole = client.get(QUAY)
    head = client.head(QUAY)
    assert (head.headers, head.data) == (whole.headers, b"")
    part = client.get(QUAY, headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data, part.headers["Accept-Ranges"]) == (200, whole.data, "none")


@pytest.mark.parametrize("host", ["elsewhere.example", "news.example.evil", "news.example:80", "", "NEWS.example/"])
def test_a_page_in_memory_is_not_shown_under_another_name(app: Flask, quay: str, host: str) -> None:
    client = Client(app)
    assert client.get(QUAY, base_url="http://news.example").status_code == 200
    assert client.get(QUAY, environ_overrides={"HTTP_HOST": host}).status_code == 400


def test_nothing_of_a_request_but_its_address_reaches_the_page(app: Flask, quay: str) -> None:
    names = "Cookie X-Forwarded-Host X-Forwarded-Proto X-Forwarded-Prefix X-Original-Url X-Http-Method-Override Accept "
    names += "Accept-Language Authorization Forwarded Referer User-Agent Via"
    marked = dict.fromkeys(names.split(), "canary.example")
    client = Client(app, use_cookies=False)
    poisoner = client.get(QUAY, base_url="http://news.example", headers={**marked, "Range": "bytes=0-9"})
    victim = client.get(QUAY, base_url="http://news.example")
    assert (victim.data, victim.headers) == (poisoner.data, poisoner.headers)
    assert "canary" not in victim.text + str(victim.headers)
    assert "Set-Cookie" not in victim.headers


def test_a_hidden_address_and_one_that_never_was_answer_alike(client: FlaskClient, desk: Desk) -> None:
    desk.write("The old quay")
    for _ in range(2):
        hidden, never = client.get(QUAY), client.get(PORT)
        assert (hidden.status_code, hidden.data, hidden.headers) == (404, never.data, never.headers)
        assert "ETag" not in hidden.headers
        assert "Last-Modified" not in hidden.headers


# --- Bounded -----------------------------------------------------------------------------------------------


def test_what_is_longest_unread_goes_first_when_memory_is_full(
    make_newsroom: Callable[..., Newsroom], clock: SetClock
) -> None:
    newsroom = make_newsroom(PAGE_CACHE_MB="1")
    desk, client = Desk(newsroom), _reader(newsroom)
    asked: list[str] = []
    event.listen(newsroom.sessions.read_engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    text_of_100_kb = "<p>" + "It stands. " * 9_000 + "</p>"
    for number in range(12):
        desk.publish(f"Story {number}", body_html=text_of_100_kb)
    paths = [f"/2026/03/26/story-{number}/" for number in range(12)]
    for path in paths:
        client.get(path)
        client.get(paths[0])
    asked.clear()
    client.get(paths[0])
    client.get(paths[11])
    assert renders(asked) == 0
    client.get(paths[1])
    assert renders(asked) == 1


def test_refusals_and_searches_push_no_story_out(make_newsroom: Callable[..., Newsroom]) -> None:
    newsroom = make_newsroom(PAGE_CACHE_MB="1")
    Desk(newsroom).publish("The old quay")
    client = _reader(newsroom)
    asked_here: list[str] = []
    client.get(QUAY)
    for number in range(20):
        assert client.get(f"/{number}/").status_code == 404
        assert client.get(f"/search?q={number}").status_code == 200
        assert client.get(f"{QUAY}?page={number}").status_code == 200
    event.listen(newsroom.sessions.read_engine, "before_cursor_execute", lambda *a: asked_here.append(a[2]))
    client.get(QUAY)
    assert not asked_here


def test_without_memory_pages_are_made_each_time(make_newsroom: Callable[..., Newsroom]) -> None:
    newsroom = make_newsroom(PAGE_CACHE_MB="0")
    Desk(newsroom).publish("The old quay")
    client, asked = _reader(newsroom), []
    event.listen(newsroom.sessions.read_engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    first = client.get(QUAY)
    assert client.get(QUAY, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert renders(asked) == 2


def test_many_who_ask_at_once_wait_for_one_render(app: Flask, desk: Desk, quay: str, asked: list[str]) -> None:
    together = threading.Barrier(24)
    texts: list[str] = []

    def read() -> None:
        together.wait()
        texts.append(Client(app).get("/", base_url="http://news.example").text)

    readers = [threading.Thread(target=read) for _ in range(24)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert renders(asked) == 1
    assert len(texts) == 24
    assert len(set(texts)) == 1


def test_a_page_that_cannot_be_made_is_nobody_elses_trouble(app: Flask, desk: Desk, quay: str) -> None:
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    client = Client(app)
    with desk.newsroom.sessions.write() as session:
        session.execute(text("ALTER TABLE corrections RENAME TO lost"))
        session.commit()
    assert client.get(QUAY, base_url="http://news.example").status_code == 503
    with desk.newsroom.sessions.write() as session:
        session.execute(text("ALTER TABLE lost RENAME TO corrections"))
        session.commit()
    assert client.get(QUAY, base_url="http://news.example").status_code == 200


def _reader(newsroom: Newsroom) -> FlaskClient:
    return serve(newsroom).test_client()
