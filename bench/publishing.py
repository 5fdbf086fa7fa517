"""What a publication costs, and how soon every process shows it while all of them are under load.

Each round makes one bare durable commit (a row in a SQLite file of its own), then publishes a story through the same
verb as everybody, and reads the front page on connections that lead to every process: the story must be in the first
answer. The time from the call's return until that answer is complete is what a reader can notice.
"""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pysqlite3

from cms import reactions
from cms.app import build_newsroom
from cms.domain.articles import desk
from cms.domain.articles.fields import clean_fields
from cms.domain.people.staff import SYSTEM
from cms.domain.workflow import editing, publishing
from cms.newsroom import Newsroom
from cms.settings import read_settings

CONNECTIONS = 8
"""The kernel spreads them over the processes; with two, one of them is left out once in 128 times."""


def measure(environment: dict[str, str], port: int, folder: Path, rounds: int) -> list[tuple[str, str]]:
    """Rows of a table: what, and how long. Raises SystemExit when an answer lacks a story that was published."""
    newsroom = build_newsroom(read_settings(environment))
    bare = _bare(folder / "bare.sqlite3")
    commits, calls, sights = [], [], []
    for number in range(rounds):
        headline = f"Seen at once {time.monotonic_ns()} {number}"
        commits.append(_timed(bare))
        story = save(newsroom, headline)
        calls.append(_timed(lambda story=story: publish(newsroom, story)))  # type: ignore[misc]
        sights += [_seen(port, headline) for _ in range(CONNECTIONS)]
    newsroom.sessions.dispose()
    ratio = statistics.median(call / commit for call, commit in zip(calls, commits, strict=True))
    sights.sort()
    return [
        ("one bare durable commit, median", f"{statistics.median(commits) * 1000:.1f} ms"),
        ("publish a story, median", f"{statistics.median(calls) * 1000:.1f} ms ({ratio:.1f} of those)"),
        (
            f"from then until a reader has it, {len(sights)} first answers under load, median and p99",
            f"{statistics.median(sights) * 1000:.1f} and {sights[int(len(sights) * 0.99)] * 1000:.1f} ms",
        ),
    ]


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _bare(file: Path) -> Callable[[], object]:
    connection = pysqlite3.connect(str(file), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE kept (at TEXT)")
    return lambda: connection.execute("INSERT INTO kept VALUES (datetime())")


def save(newsroom: Newsroom, headline: str) -> str:
    fields = clean_fields({"headline": headline, "body_html": "<p>It is so.</p>"})
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        article, created = editing.create(session, SYSTEM, fields, now, language="en")
        story = article.public_id
        reactions.commit(session, [created], now, newsroom.signal)
    return story


def publish(newsroom: Newsroom, story: str) -> None:
    now = newsroom.clock.now()
    with newsroom.sessions.write() as session:
        article = desk.find(session, story, lock=True)
        _row, published = publishing.publish(session, SYSTEM, article, now, zone=newsroom.settings.site_timezone)
        reactions.commit(session, published, now, newsroom.signal)


def _seen(port: int, headline: str) -> float:
    """Seconds that one request takes on a connection of its own."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/")
    page = connection.getresponse().read().decode()
    took = time.perf_counter() - began
    connection.close()
    if headline not in page:
        raise SystemExit(f"a page was served without {headline!r}, which had been published before")
    return took
