"""WebSub: feeds name their hubs, and hubs are told when a feed has something new."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from cms.clock import SetClock
from cms.newsroom import Newsroom
from cms.worker.indexing import drain_search, ensure_index
from cms.worker.telling import tell_hub
from tests.desk import Desk
from tests.lending import serve

FEED = "http://news.example/feed.json"


class Hub(ThreadingHTTPServer):
    """A hub of our own: it keeps what it is told, or answers what it is told to answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Listening)
        self.told: list[list[tuple[str, str]]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hub"


class _Listening(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        hub: Hub = self.server  # type: ignore[assignment]
        said = parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode())
        status = hub.answers.pop(0) if hub.answers else 204
        if status < 300:
            hub.told.append(said)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_said: object) -> None:
        """Keeps quiet."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        threading.Thread(target=hub.serve_forever, args=(0.01,), daemon=True).start()
        yield hub
        hub.shutdown()


def bring_up_to_date(newsroom: Newsroom) -> None:
    ensure_index(newsroom)
    drain_search(newsroom)
    while tell_hub(newsroom):
        pass


def test_each_feed_names_its_hubs_and_itself(make_newsroom: Callable[..., Newsroom]) -> None:
    newsroom = make_newsroom(HUBS="https://hub.example/, https://other.example/hub")
    Desk(newsroom).publish()
    reader = serve(newsroom).test_client()
    for form in ("json", "rss", "atom"):
        answer = reader.get(f"/feed.{form}", base_url="http://news.example")
        links = answer.headers["Link"]
        for hub in ("https://hub.example/", "https://other.example/hub"):
            assert f'<{hub}>; rel="hub"' in links
            assert hub in answer.text
        assert f'<http://news.example/feed.{form}>; rel="self"' in links
    told = json.loads(reader.get("/feed.json", base_url="http://news.example").text)
    assert told["hubs"][0] == {"type": "WebSub", "url": "https://hub.example/"}


def test_hubs_are_told_of_every_feed_that_a_story_comes_into(
    make_newsroom: Callable[..., Newsroom], hub: Hub, clock: SetClock
) -> None:
    newsroom = make_newsroom(HUBS=hub.url, ALLOW_PRIVATE_NETWORKS="1")
    desk = Desk(newsroom)
    desk.section("News", "news")
    desk.section("Harbour", "harbour", parent="news")
    article = desk.write(sections=["harbour"], tags=["Ferries"])
    bring_up_to_date(newsroom)
    hub.told.clear()
    desk.put_live(article, live_from=clock.now() + timedelta(hours=1))
    bring_up_to_date(newsroom)
    assert hub.told == []
    clock.advance(timedelta(hours=1))
    bring_up_to_date(newsroom)
    [said] = hub.told
    assert said[0] == ("hub.mode", "publish")
    feeds = {value for name, value in said if name == "hub.url"}
    assert feeds >= {
        f"http://news.example{page}feed.{form}"
        for page in ("/", "/section/news/", "/section/news/harbour/", "/tag/ferries/")
        for form in ("json", "rss", "atom")
    }


def test_a_hub_that_is_down_is_told_later(make_newsroom: Callable[..., Newsroom], hub: Hub, clock: SetClock) -> None:
    newsroom = make_newsroom(HUBS=hub.url, ALLOW_PRIVATE_NETWORKS="1")
    ensure_index(newsroom)
    Desk(newsroom).publish()
    hub.answers = [503]
    bring_up_to_date(newsroom)
    assert hub.told == []
    clock.advance(timedelta(minutes=2))
    bring_up_to_date(newsroom)
    assert ("hub.url", FEED) in hub.told[0]
    clock.advance(timedelta(hours=1))
    bring_up_to_date(newsroom)
    assert len(hub.told) == 1


def test_a_hub_in_a_private_network_is_never_reached_unasked(
    make_newsroom: Callable[..., Newsroom], hub: Hub, clock: SetClock
) -> None:
    newsroom = make_newsroom(HUBS=hub.url)
    ensure_index(newsroom)
    Desk(newsroom).publish()
    for _ in range(3):
        bring_up_to_date(newsroom)
        clock.advance(timedelta(days=1))
    assert hub.told == []
