"""A day at the door: readers, reloads, retries, robots, prefetching browsers, staff and forgers, on the two days of the
year whose length is odd. Of each it is known beforehand what must be counted, and that is what is counted, to the view.
"""

from __future__ import annotations

import io
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from cms.clock import SetClock
from cms.domain.articles.model import Article
from cms.domain.views import windows
from cms.domain.views.model import VisitBucket, VisitDay, VisitDrop, VisitTotal
from cms.domain.views.rollup import NETWORK_SHARE
from cms.domain.views.visits import open_door
from cms.newsroom import Newsroom
from cms.web.page_cache_changes import Changes
from cms.web.staff_marker import NAME, issue
from cms.web.view_door import ViewDoor
from cms.worker.counting import count_visits
from tests.desk import Desk
from tests.readers import FIREFOX, GOOGLEBOT
from tests.sizes import SOAKING, size

EVENTS = size(10_000, 500_000, "EVENTS")
"""On each of the two days."""

EACH = min(EVENTS // 20, 4_000)
"""How many come in between two looks of the worker's: as many as it counts at once."""

STORIES = 40
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
QUARTER = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Sent:
    """One request to the door; the headers are the environment's."""

    at: datetime
    article: str
    view: str
    address: str
    headers: dict[str, str] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)


@dataclass
class Truth:
    """What must be counted, added up as the events are thought of."""

    total: Counter[str] = field(default_factory=Counter)
    days: Counter[tuple[str, date]] = field(default_factory=Counter)
    readers: Counter[tuple[str, date]] = field(default_factory=Counter)
    buckets: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    def counts(self, article: str, *instants: datetime) -> None:
        """One reader's visits."""
        for at in instants:
            self.total[article] += 1
            self.days[article, at.astimezone(NEW_YORK).date()] += 1
            self.buckets[article, at - (at - EPOCH) % QUARTER] += 1
        for day in {at.astimezone(NEW_YORK).date() for at in instants}:
            self.readers[article, day] += 1


class Day:
    """Thinks of a day's events, each reader with what becomes of them."""

    def __init__(self, articles: list[str], first: datetime, last: datetime, secret_key: str) -> None:
        self.articles, self.first, self.last = articles, first, last
        self.marker = f"{NAME}={issue(secret_key, first)}"
        self.chance, self.truth, self.sent = random.Random(7), Truth(), list[Sent]()
        self.midnights = (first + HOUR, last - HOUR)

    def think(self, events: int) -> None:
        reader = 0
        while len(self.sent) < events:
            story = min(int(self.chance.expovariate(0.2)), STORIES - 3)
            for number in range(3):  # the same reader of three stories
                self.look(reader, self.articles[story + number])
            reader += 1
        self.crowd(reader, self.articles[0])
        self.sent.sort(key=lambda each: each.at)

    def look(self, reader: int, article: str) -> None:
        """One reader's way with one story, by chance."""
        at = self.first + (self.last - self.first - HOUR) * self.chance.random()
        midnight = self.chance.choice(self.midnights)
        minutes, counted = self.chance.choice([
            ([0], [0]), ([0], [0]), ([0], [0]),
            ([0, 4, 29.99], [0]),
            ([0, 30], [0, 30]),
            ([0, 20, 40, 55], [0, 40]),
            ([0, 0.01, 31, 31.01, 45], [0, 31]),
        ])  # fmt: skip
        over_midnight = self.chance.random() < 0.1
        if over_midnight:
            at = midnight - 10 * MINUTE
            minutes, counted = self.chance.choice([([0, 20, 29.9], [0]), ([0, 30], [0, 30]), ([0, 9, 25, 35], [0, 35])])
        kind = self.chance.choice(["", "", "", *NOT_COUNTED, "retry", "forged forward", "forged staff"])
        instants = [at + each * MINUTE for each in minutes]
        if kind in NOT_COUNTED:
            for when in instants:
                self.send(when, **{"article": article, "reader": reader, **NOT_COUNTED[kind](self)})
            self.truth.dropped[kind] += len(instants)
            return
        if kind == "retry":
            view = f"retried-{reader}-{article}"
            for later in (0.0, 0.03, 2.0, 40.0):
                self.send(at + later * MINUTE, article, reader, view=view)
            self.truth.counts(article, at)
            self.truth.dropped["repeat"] += 3
            return
        more = {"forged forward": {"forward": "6.6.6.6, "}, "forged staff": {"headers": FORGED}}.get(kind, {})
        for when in instants:
            self.send(when, article, reader, **more)
        self.truth.counts(article, *(at + each * MINUTE for each in counted))
        self.truth.dropped["recent"] += len(minutes) - len(counted)

    def crowd(self, reader: int, article: str) -> None:
        """One network, more agents than its share of half an hour."""
        start = self.first + 5 * HOUR
        instants = [start + n * timedelta(seconds=1) for n in range(NETWORK_SHARE + 50)]
        for n, at in enumerate(instants):
            self.send(at, article, reader, headers={"HTTP_USER_AGENT": f"{FIREFOX} {n}"})
        for at in instants[:NETWORK_SHARE]:
            self.truth.counts(article, at)
        self.truth.dropped["over_cap"] += 50

    def send(
        self,
        at: datetime,
        article: str,
        reader: int,
        *,
        view: str = "",
        forward: str = "",
        headers: dict[str, str] | None = None,
        **said: Any,
    ) -> None:
        """Readers have a network each, of IPv4 or IPv6."""
        high, low = divmod(reader, 65536)
        address = f"{20 + high}.{low >> 8}.{low & 255}.9" if reader % 3 else f"2001:db8:{low:x}:{high:x}00::9"
        view = view or f"view-{len(self.sent):09d}"
        self.sent.append(Sent(at, article, view, forward + address, headers or {}, said))


FORGED = {"HTTP_COOKIE": f"{NAME}=99999999999.{'0' * 64}"}
NOT_COUNTED: dict[str, Callable[[Day], dict[str, Any]]] = {
    "bot": lambda day: {"headers": {"HTTP_USER_AGENT": day.chance.choice([GOOGLEBOT, "curl/8.5.0", ""])}},
    "prefetch": lambda _day: {"headers": {"HTTP_SEC_PURPOSE": "prefetch;prerender"}},
    "staff": lambda day: {"headers": {"HTTP_COOKIE": f"other=1; {day.marker}"}},
    "preview": lambda _day: {"preview": True},
    "origin": lambda _day: {"headers": {"HTTP_ORIGIN": "https://news.example.evil.example"}},
    "malformed": lambda _day: {"view": "short"},
    "unknown": lambda _day: {"article": "0" * 16},
}


class Door:
    """One web process's."""

    def __init__(self, newsroom: Newsroom) -> None:
        self.newsroom = newsroom

        def nothing(_environ: dict[str, Any], _start: Any) -> Iterator[bytes]:
            raise AssertionError("everything here is for the door")

        self.served = ViewDoor(nothing, open_door(newsroom), newsroom.clock, newsroom.settings, Changes(newsroom))

    def knock(self, sent: Sent) -> None:
        body = json.dumps({"article": sent.article, "view": sent.view, **sent.said}).encode()
        answers: list[str] = []
        environ = {
            "PATH_INFO": "/api/v1/views",
            "REQUEST_METHOD": "POST",
            "QUERY_STRING": "",
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_ORIGIN": "http://news.example",
            "HTTP_USER_AGENT": FIREFOX,
            "HTTP_X_FORWARDED_FOR": sent.address,
            "wsgi.input": io.BytesIO(body),
            **sent.headers,
        }
        self.served(environ, lambda status, _headers: answers.append(status))
        assert answers == ["204 No Content"]


@pytest.mark.timeout(0 if SOAKING else 120)
@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)], ids=["23 hours", "25 hours"])
def test_of_a_whole_day_every_visit_is_counted_once_and_nothing_else(
    make_newsroom: Callable[..., Newsroom], clock: SetClock, day: date
) -> None:
    midnight = datetime.combine(day, time(), NEW_YORK).astimezone(UTC)
    next_midnight = datetime.combine(day + timedelta(days=1), time(), NEW_YORK).astimezone(UTC)
    clock.set(midnight - 2 * HOUR)
    newsroom = make_newsroom(TRUSTED_PROXIES="1")
    desk = Desk(newsroom)
    articles = [desk.publish(f"Story {number}") for number in range(STORIES)]
    thought = Day(articles, midnight - HOUR, next_midnight + HOUR, newsroom.settings.secret_key)
    thought.think(EVENTS)
    doors = [Door(newsroom), Door(make_newsroom(TRUSTED_PROXIES="1"))]
    for number, sent in enumerate(thought.sent):
        clock.set(sent.at)
        doors[number % 2].knock(sent)
        if number % EACH == 0:
            count(doors)
    count(doors)
    assert counted(newsroom) == thought.truth


def count(doors: list[Door]) -> None:
    """What a worker does each second, when every process has handed over what it has."""
    for door in doors:
        door.newsroom.views.sealed()
    count_visits(doors[0].newsroom)


def counted(newsroom: Newsroom) -> Truth:
    with newsroom.sessions.read() as session:
        assert windows.out_of_step(session) == []
        names = {article.id: article.public_id for article in session.scalars(select(Article))}
        found = Truth()
        for total in session.scalars(select(VisitTotal)):
            found.total[names[total.article_id]] = total.visits
        for day in session.scalars(select(VisitDay)):
            found.days[names[day.article_id], day.day] = day.visits
            found.readers[names[day.article_id], day.day] = day.uniques
        for bucket in session.scalars(select(VisitBucket)):
            found.buckets[names[bucket.article_id], bucket.starts_at] = bucket.visits
        for drop in session.scalars(select(VisitDrop)):
            found.dropped[drop.reason] += drop.views
    return found
