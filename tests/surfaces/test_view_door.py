"""``POST /api/v1/views``: the same answer to everybody, and the truth in the count."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse, create_environ

from cms.clock import SetClock
from cms.newsroom import Newsroom
from cms.web.client_address import client_address
from cms.web.page_cache_changes import Changes
from cms.web.staff_marker import LIFETIME, NAME, issue
from cms.web.view_door import ViewDoor
from tests.desk import Desk
from tests.domain.test_visits import with_visits
from tests.lending import serve
from tests.readers import FIREFOX, GOOGLEBOT, Readers


class Browser:
    def __init__(self, newsroom: Newsroom) -> None:
        self.readers = Readers(newsroom)
        app = serve(newsroom)
        self.served = ViewDoor(app.wsgi_app, self.readers.door, newsroom.clock, newsroom.settings, Changes(newsroom))
        self.client = Client(self.served, use_cookies=False)

    def post(self, body: bytes | str | dict[str, Any] = b"", query: str = "", **headers: str) -> TestResponse:
        sent = json.dumps(body) if isinstance(body, dict) else body
        given = {"Host": "news.example", "Origin": "http://news.example", "User-Agent": FIREFOX}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(f"/api/v1/views{query}", data=sent, headers=given)

    def visits(self, story: str) -> int:
        self.readers.roll_up()
        return self.readers.figures(story)[0]


@pytest.fixture
def newsroom(make_newsroom: Callable[..., Newsroom]) -> Newsroom:
    return with_visits(make_newsroom())


@pytest.fixture
def browser(newsroom: Newsroom) -> Browser:
    return Browser(newsroom)


@pytest.fixture
def story(desk: Desk) -> str:
    return desk.publish("Ferry returns")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain;charset=UTF-8", ""])
def test_a_beacon_counts_under_whatever_type_a_browser_sends_it(
    browser: Browser, story: str, content_type: str
) -> None:
    answer = browser.post({"article": story, "view": "view-0001"}, Content_Type=content_type)
    assert (answer.status_code, answer.data, answer.headers["Cache-Control"]) == (204, b"", "no-store")
    assert browser.visits(story) == 1


def test_the_ids_may_stand_in_the_address(browser: Browser, story: str) -> None:
    browser.post(query=f"?article={story}&view=view-0001")
    browser.post({"view": "view-0002"}, query=f"?article={story}", User_Agent=FIREFOX + " 2")
    assert browser.visits(story) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"[" * 4096,
        b'{"article": 7, "view": ["x"]}',
        b'{"article": "\\ud800", "view": "view-0001"}',
        b'{"article": "0000000000000000", "view": "view-0001"}',
        b" " * 5000,
    ],
)
def test_nonsense_is_answered_like_a_visit(browser: Browser, story: str, body: bytes) -> None:
    counted = browser.post({"article": story, "view": "view-0001"})
    answer = browser.post(body)
    assert (answer.status, list(answer.headers), answer.data) == (counted.status, list(counted.headers), b"")
    assert browser.visits(story) == 1


def test_a_body_is_read_to_its_limit_and_no_further(browser: Browser, story: str) -> None:
    body = json.dumps({"article": story, "view": "view-0001"}).encode()
    browser.post(body.ljust(4096))
    assert browser.visits(story) == 1
    browser.post(body.replace(b"0001", b"0002").ljust(4097), User_Agent=FIREFOX + " 2")
    assert browser.visits(story) == 1

    class Endless(io.RawIOBase):
        asked = 0

        def read(self, size: int = -1) -> bytes:
            assert 0 <= size <= 4097
            Endless.asked += size
            return b" " * size

    answers: list[str] = []
    for told in ({"CONTENT_LENGTH": "-1"}, {"CONTENT_LENGTH": "99999999"}, {"HTTP_TRANSFER_ENCODING": "chunked"}, {}):
        environ = create_environ("/api/v1/views", method="POST") | {"CONTENT_LENGTH": "", **told}
        list(browser.served(environ | {"wsgi.input": Endless()}, lambda status, _headers: answers.append(status)))
    assert answers == ["204 No Content"] * 4
    assert Endless.asked == 2 * 4097


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": ""},
        {"User_Agent": ""},
        {"User_Agent": "curl/8"},
        {"Sec_Purpose": "prefetch"},
        {"X_Moz": "prefetch"},
        {"Authorization": "Bearer abc"},
    ],
)
def test_what_does_not_count_is_told_nothing(browser: Browser, story: str, headers: dict[str, str]) -> None:
    assert browser.post({"article": story, "view": "view-0001"}, **headers).status_code == 204
    assert browser.visits(story) == 0


def test_staff_are_known_by_their_marker_alone_and_only_while_it_holds(
    browser: Browser, newsroom: Newsroom, story: str, clock: SetClock
) -> None:
    secret = newsroom.settings.secret_key
    marker = issue(secret, clock.now())
    forged = issue("another key, also long enough to be one", clock.now())
    until, _, signature = marker.partition(".")
    for n, (cookie, counted) in enumerate(
        [
            (f"other=1; {NAME}={marker}", 0),
            (f"{NAME}={forged}", 1),
            (f"{NAME}={int(until) + 1}.{signature}", 2),
            (f"{NAME}=", 3),
            (f"{NAME}=9.é", 4),
        ]
    ):
        browser.post({"article": story, "view": f"view-000{n}"}, Cookie=cookie, User_Agent=f"{FIREFOX} {n}")
        assert browser.visits(story) == counted
    clock.advance(LIFETIME + timedelta(seconds=1))
    browser.post({"article": story, "view": "view-late"}, Cookie=f"{NAME}={marker}")
    assert browser.visits(story) == 5


def test_a_view_that_cannot_be_stored_is_503_with_a_time_to_come_back(
    browser: Browser, newsroom: Newsroom, story: str
) -> None:
    folder = newsroom.settings.data_dir / "views"
    shutil.rmtree(folder, ignore_errors=True)
    folder.write_text("a file where the folder should be")
    answer = browser.post({"article": story, "view": "view-0001"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json is not None
    assert answer.json["code"] == "unavailable"
    assert answer.headers["Cache-Control"] == "no-store"
    folder.unlink()
    assert browser.post({"article": story, "view": "view-0001"}).status_code == 204
    assert browser.visits(story) == 1


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "views", 422), ("HEAD", "views", 422), ("POST", "views/", 404), ("POST", "x", 404)],
)
def test_everything_else_is_the_applications(browser: Browser, method: str, path: str, status: int) -> None:
    answer = browser.client.open(f"/api/v1/{path}", method=method, headers={"Host": "news.example"})
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, "1.1.1.1", "9.9.9.9"),
        (1, "", "9.9.9.9"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", "1.1.1.1"),
        (1, "1.1.1.1:4711", "1.1.1.1"),
        (1, "[2001:db8::1]:4711", "2001:db8::1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, " , ", "9.9.9.9"),
    ],
)
def test_the_client_is_found_behind_as_many_proxies_as_are_believed(proxies: int, forwarded: str, client: str) -> None:
    environ = {"REMOTE_ADDR": "9.9.9.9", "HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(environ, proxies) == client


def test_a_made_up_forwarded_address_makes_no_second_reader(browser: Browser, story: str) -> None:
    for n in range(20):
        browser.post({"article": story, "view": f"view-00{n:02}"}, X_Forwarded_For=f"10.0.{n}.1")
    assert browser.visits(story) == 1


def test_what_readers_bots_and_retries_send_over_http_is_what_pages_then_say(
    make_newsroom: Callable[..., Newsroom], clock: SetClock
) -> None:
    newsroom = with_visits(make_newsroom(TRUSTED_PROXIES="1"))
    Desk(newsroom).publish("Ferry returns")
    readers, client, path = (
        Readers(newsroom),
        Client(serve(newsroom), use_cookies=False),
        "/2026/03/26/ferry-returns/",
    )

    def read(number: int, agent: str, view: str) -> None:
        sent = {"Host": "news.example", "User-Agent": agent, "X-Forwarded-For": f"10.{number // 200}.{number % 200}.7"}
        page = client.get(path, headers=sent).text
        named = re.search(r'data-visit="(\w+)"', page)
        assert named, "the page that everybody is given asks for its visit, whoever made it first"
        body = json.dumps({"article": named[1], "view": view})
        answer = client.post("/api/v1/views", data=body, headers={**sent, "Origin": "http://news.example"})
        assert answer.status_code == 204

    for bot in range(50):
        read(1000 + bot, GOOGLEBOT, f"bot-view-{bot}")
    for load in range(3):
        for reader in range(200):
            read(reader, FIREFOX, f"view-{load}-of-{reader}")
    read(0, FIREFOX, "view-0-of-0")  # a beacon that its browser sent once more
    readers.roll_up()
    clock.advance(timedelta(minutes=1))
    assert "Visited 200 times, 200 visits today" in client.get(path, headers={"Host": "news.example"}).text
    assert readers.dropped()["bot"] == 50
