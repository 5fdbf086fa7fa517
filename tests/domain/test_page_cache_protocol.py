"""The page cache's one promise, under fire: no answer is older than a change that had been committed before it was
asked for. Two processes' caches, writers and slow renders run into one another as they like."""

from __future__ import annotations

import dataclasses
import random
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from cms import reactions
from cms.clock import SystemClock
from cms.domain.articles.queries import FOREVER
from cms.domain.audit import Change
from cms.domain.events import Event
from cms.domain.people.staff import SYSTEM
from cms.engines.signal.local import LocalSignal
from cms.engines.signal.redis import RedisSignal
from cms.newsroom import Newsroom
from cms.web.page_cache import FACTS, RECOLLECTION, Facts, Page, PageCache, Shelf
from cms.web.page_cache_changes import Changes
from cms.web.ready import Ready

KEYS = [f"article:{n}" for n in range(5)]


@pytest.mark.parametrize(("seed", "carried"), [(0, "local"), (1, "local"), (2, "by redis")])
def test_no_answer_is_older_than_a_change_that_was_committed_before(
    make_newsroom: Callable[..., Newsroom], request: pytest.FixtureRequest, seed: int, carried: str
) -> None:
    room = dataclasses.replace(make_newsroom(), clock=SystemClock())
    path = room.settings.data_dir / "signal"
    valkey = request.getfixturevalue("valkey") if carried == "by redis" else None
    signals: list[Any] = [RedisSignal(valkey.url, lambda: 0) if valkey else LocalSignal(path) for _ in range(2)]
    newsrooms = [dataclasses.replace(room, signal=each) for each in signals]
    caches = [PageCache(_newest_of(each, random.Random(seed)), each, Changes(each)) for each in newsrooms]
    committed = dict.fromkeys(KEYS, 0)
    old: list[tuple[int, int]] = []
    over = threading.Event()

    def write(dice: random.Random) -> None:
        for _ in range(10 if valkey else 30):
            key, newsroom = dice.choice(KEYS), dice.choice(newsrooms)
            with newsroom.sessions.write() as session:
                event = Event("test", SYSTEM, "test", keys=frozenset({key}))
                reactions.commit(session, [event], newsroom.clock.now(), newsroom.signal)
                session.rollback()
            with newsroom.sessions.read() as session:
                seq = session.scalar(select(func.max(Change.seq)).where(Change.key == key))
            committed[key] = max(committed[key], seq)
            time.sleep(dice.random() / 500)

    def read(dice: random.Random) -> None:
        while not over.is_set():
            key = dice.choice(KEYS)
            known = committed[key]
            shown = int(_get(dice.choice(caches), f"/{key}"))
            if shown < known:
                old.append((shown, known))

    readers = [threading.Thread(target=read, args=(random.Random(seed + n),)) for n in range(6)]
    writers = [threading.Thread(target=write, args=(random.Random(seed - n),)) for n in range(2)]
    for thread in readers + writers:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()
    for signal in signals if valkey else ():
        signal.close()
    assert not old
    assert [int(_get(cache, f"/{key}")) for cache in caches for key in KEYS] == [committed[key] for key in KEYS] * 2


def test_a_full_shelf_makes_room_while_readers_look() -> None:
    ready = Ready("200 OK", [], b"x", datetime(2026, 3, 9, tzinfo=UTC))
    shelf, over = Shelf(60 * ready.size), threading.Event()

    def look() -> None:
        while not over.is_set():
            for number in range(90):
                shelf.get(str(number))

    readers = [threading.Thread(target=look) for _ in range(4)]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in readers:
            thread.start()
        for number in range(15_000):  # there is no room for a third of them
            shelf.put(Page(str(number % 90), ready, frozenset({"key"}), FOREVER))
    finally:
        over.set()
        for thread in readers:
            thread.join()
        sys.setswitchinterval(usual)


def _newest_of(newsroom: Newsroom, dice: random.Random) -> Any:
    """An application whose page is the newest change of the key that it is named by, read some time ago; half of its
    pages it makes of what the process remembers of the key."""

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        key = environ["PATH_INFO"].removeprefix("/")

        def learn() -> int:
            with newsroom.sessions.read() as session:
                seq = session.scalar(select(func.max(Change.seq)).where(Change.key == key)) or 0
            time.sleep(dice.random() / 300)
            return seq

        seq = learn() if dice.random() < 0.5 else environ[RECOLLECTION].recall(key, {key}, learn)
        environ[FACTS] = Facts(frozenset({key}))
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(seq).encode()]

    return application


def _get(cache: PageCache, path: str) -> bytes:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "HTTP_HOST": "news.example"}
    return b"".join(cache(environ, lambda *_: None))
