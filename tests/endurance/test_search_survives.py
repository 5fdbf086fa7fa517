"""Search as it is served by several processes: true at every instant, whatever happens to its worker and its files."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from bench.newsroom import fill
from cms.app import build_newsroom
from cms.domain import outbox
from cms.interfaces import IndexUnusable
from cms.newsroom import Newsroom
from cms.settings import read_settings
from cms.worker.indexing import index_drift
from tests.desk import Desk
from tests.serving import Served, served, until
from tests.sizes import SOAKING, size

pytestmark = pytest.mark.timeout(0 if SOAKING else 120)

STORIES, WORDS = size(20, 10_000, "STORIES"), 600  # of each, as news is
KILLS = size(3, 100, "KILLS")
HARMS = size(5, 100, "HARMS")
ROUNDS = size(8, 200, "ROUNDS")
MENDED_WITHIN, FILLED_WITHIN = 60.0, float(size(60, 1_800))
EVERY_PROCESS = 8
"""Connections of their own, which the kernel spreads over the processes that serve."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("search") / "var") as site:
        yield site


@pytest.fixture
def newsroom(site: Served) -> Iterator[Newsroom]:
    """The newsroom that is being served, as one more process of it."""
    opened = build_newsroom(read_settings(site.environment))
    yield opened
    opened.sessions.dispose()


@pytest.fixture
def desk(newsroom: Newsroom) -> Desk:
    return Desk(newsroom)


def found(site: Served, text: str) -> list[str]:
    """The headlines that a search over HTTP answers with."""
    status, answer = site.get(f"/api/v1/search?q={text}")
    assert status == 200, (status, answer)
    return [story["headline"] for story in json.loads(answer)["data"]]


def sound(newsroom: Newsroom) -> bool:
    """Whether the index is whole, has all that has changed, and differs from the database in nothing."""
    with newsroom.sessions.read() as session:
        waiting = outbox.waiting_subjects(session, outbox.SEARCH, newsroom.clock.now())
    try:
        return not waiting and newsroom.search.health().ok and not list(index_drift(newsroom))
    except IndexUnusable:
        return False


def test_every_process_finds_a_story_from_its_publication_to_its_withdrawal(site: Served, desk: Desk) -> None:
    shown, withdrawn, stop = set[str](), set[str](), Event()

    def search_on() -> int:
        searches = 0
        while not stop.is_set():
            before, gone = set(shown), set(withdrawn)
            told = set(found(site, "quayside"))
            assert before & shown <= told
            assert not gone & told
            searches += 1
        return searches

    with ThreadPoolExecutor(2) as pool:
        searching = [pool.submit(search_on) for _ in range(2)]
        try:
            for number in range(ROUNDS):
                headline = f"Quayside report {number}"
                article = desk.publish(headline)
                shown.add(headline)
                assert all(headline in found(site, "quayside") for _ in range(EVERY_PROCESS))
                shown.remove(headline)
                desk.withdraw(article)
                withdrawn.add(headline)
                assert not any(headline in found(site, "quayside") for _ in range(EVERY_PROCESS))
        finally:
            stop.set()
        assert all(each.result() for each in searching)


def test_a_worker_killed_at_any_moment_loses_nothing(site: Served, newsroom: Newsroom, desk: Desk) -> None:
    dice, published = random.Random(5), set[str]()
    for kill in range(KILLS):
        until(site.working, "a worker is at work")
        for number in range(3):
            published.add(f"Lighthouse {kill} {number}")
            desk.publish(f"Lighthouse {kill} {number}")
        time.sleep(dice.random() / 10)  # somewhere in a commit, or beside one
        for number in site.working():
            os.kill(number, signal.SIGKILL)
        assert set(found(site, "lighthouse")) <= published
        assert f"Lighthouse {kill} 2" in found(site, f"lighthouse+{kill}+2")
    until(lambda: sound(newsroom), "the index has everything", MENDED_WITHIN)


def _index(site: Served) -> Path:
    return site.data / "index"


def _some_file(site: Served, dice: random.Random) -> Path:
    files = [path for path in (_index(site) / "current").iterdir() if path.stat().st_size]
    return dice.choice(sorted(files))


def _delete_all(site: Served, dice: random.Random) -> None:
    shutil.rmtree(_index(site))


def _delete_one(site: Served, dice: random.Random) -> None:
    _some_file(site, dice).unlink()


def _cut(site: Served, dice: random.Random) -> None:
    path = _some_file(site, dice)
    os.truncate(path, dice.randrange(path.stat().st_size))


def _flip(site: Served, dice: random.Random) -> None:
    path = _some_file(site, dice)
    with path.open("r+b") as file:
        place = dice.randrange(path.stat().st_size)
        file.seek(place)
        was = file.read(1)[0]
        file.seek(place)
        file.write(bytes([was ^ (1 << dice.randrange(8))]))


def _lose_the_way(site: Served, dice: random.Random) -> None:
    (_index(site) / "current").unlink()


HARM: list[Callable[[Served, random.Random], Any]] = [_delete_all, _cut, _lose_the_way, _delete_one, _flip]


def test_whatever_happens_to_the_index_search_answers_and_mends_itself(site: Served, newsroom: Newsroom) -> None:
    fill(newsroom, STORIES, words=WORDS)
    until(lambda: sound(newsroom), "the index has all the stories", FILLED_WITHIN)
    dice = random.Random(9)
    for number in range(HARMS):
        HARM[number % len(HARM)](site, dice)
        if not SOAKING:  # a worker that starts looks through the index at once, not within the minute
            for worker in site.working():
                os.kill(worker, signal.SIGKILL)
        for again in range(EVERY_PROCESS):
            began = time.monotonic()
            assert site.get(f"/search?q=reporter+{number}+{again}")[0] == 200
            assert not SOAKING or time.monotonic() - began < 1
        until(lambda: sound(newsroom), f"{HARM[number % len(HARM)].__name__} is mended", MENDED_WITHIN)
    assert all(found(site, "reporter") for _ in range(EVERY_PROCESS))
