"""What pages cost that are made anew each time, as the newsroom grows, beside a bare Flask view in the same run.

    python bench/cold.py                           # 1,000 and 20,000 stories, about two minutes
    python bench/cold.py --sizes 1000 100000       # a hundred thousand take 3 GB of disk

One process a core asks the application itself for pages, without a server or a network between, and none that its page
cache still holds: what is counted is the making. Of CPU time the median is told, of renders all that those processes
made in a second.

What a process remembers must not flatter it. No story's page is made twice before all have been (up to 20,000, drawn
by lot); lists and feeds are those of every section, tag and author in turn. And before each page is made, uncounted,
one of the stories on it is told to have changed. How long a list is stays known, as it does while nothing joins it.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, cast

from flask import Flask, Response
from sqlalchemy import select

from bench.growing import grow
from bench.newsroom import fill
from cms import reactions
from cms.app import build_newsroom, create_app
from cms.domain import addresses, keys
from cms.domain.articles.lists import PAPER, Listing, by_author, in_sections, newest, tagged
from cms.domain.articles.model import Article, Publication
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section, Tag
from cms.newsroom import Newsroom
from cms.settings import read_settings

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = 1_000
"""Stories that are written by the newsroom's verbs; more are copies of them."""

HOST = "127.0.0.1"
WARMING = 8
"""Renders of a page that aren't counted: a process builds its statements and templates once."""

Told = dict[str, tuple[float, float]]
"""By page: the median of CPU milliseconds, and renders a second of all processes together."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 20_000])
    parser.add_argument("--seconds", type=float, default=1.5, help="for each page")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the newsrooms there, and take those that are there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        found = {}
        for size in given.sizes:
            data = (given.folder or Path(passing)) / str(size)
            if not data.exists():
                print(f"publishing {size:,} stories…", flush=True)
                _fill(data, size)
            found[size] = measure(data, given.seconds, given.rounds)
    told = table(found)
    print(told)
    folder_of_tables = ROOT / "docs" / "benchmarks"
    folder_of_tables.mkdir(parents=True, exist_ok=True)
    (folder_of_tables / "cold.md").write_text(told + "\n", encoding="utf-8")


def _newsroom(data: Path) -> Newsroom:
    return build_newsroom(read_settings({"CMS_DATA_DIR": str(data), "CMS_SAMPLE": "0", "CMS_PAGE_CACHE_MB": "64"}))


def _fill(data: Path, size: int) -> None:
    newsroom, written = _newsroom(data), min(size, WRITTEN)
    fill(newsroom, written, searched=False)
    grow(newsroom, size // written)
    newsroom.sessions.dispose()


def measure(data: Path, seconds: float, rounds: int) -> Told:
    """Interleaved rounds over all pages, in a process a core."""
    processes = os.cpu_count() or 1
    cpu: dict[str, list[float]] = {}
    rates: dict[str, list[float]] = {}
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (data,)) as pool:
        for _ in range(rounds):
            for name in NAMES:
                runs = list(pool.map(_render, [name] * processes, [seconds] * processes))
                cpu.setdefault(name, []).extend(milliseconds for milliseconds, _ in runs)
                rates.setdefault(name, []).append(sum(rate for _, rate in runs))
                print(f"  {name:<28}{cpu[name][-1]:>8.2f} ms{rates[name][-1]:>10,.0f}/s", flush=True)
    return {name: (statistics.median(cpu[name]), statistics.median(rates[name])) for name in NAMES}


# --- In each process ---------------------------------------------------------------------------------------


class Page(NamedTuple):
    """An address, and the cache keys that a change of a story on it touches."""

    path: str
    changed: frozenset[str] = frozenset()


Site = Callable[..., Iterable[bytes]]

_apps: dict[str, tuple[Site, Iterator[Page]]] = {}
_tell: list[Callable[[Page], None]] = []
BARE = "a bare Flask view"
NAMES = (BARE, "article", "front page", "section", "section, page 5", "tag", "author", "JSON Feed", "RSS")


def _begin(data: Path) -> None:
    newsroom = _newsroom(data)
    site = cast(Site, create_app(newsroom).wsgi_app)
    pages = _pages(newsroom)
    for name, found in pages.items():
        _apps[name] = (site, cycle(found))
    _tell.append(lambda page: _change(newsroom, site, page))
    bare, body = Flask("bare"), b"".join(site(_asked(pages["article"][0].path), lambda *_: None))
    bare.add_url_rule("/", view_func=lambda: Response(body, mimetype="text/html"))
    _apps[BARE] = (cast(Site, bare.wsgi_app), cycle([Page("/")]))


def _render(name: str, seconds: float) -> tuple[float, float]:
    """The median of CPU milliseconds that a page took, and how many were made in a second."""
    app, pages = _apps[name]
    costs: list[float] = []
    spent = 0.0
    for number, page in enumerate(pages):
        _tell[0](page)
        said: list[str] = []
        began, before = time.perf_counter(), time.process_time()
        for _ in app(_asked(page.path), lambda status, headers, said=said: said.append(status)):
            pass
        cost, took = time.process_time() - before, time.perf_counter() - began
        if not said[0].startswith("200"):
            raise SystemExit(f"{page.path} answered {said[0]}")
        if number >= WARMING:
            costs.append(cost * 1000)
            spent += took
            if spent > seconds:
                break
    return statistics.median(costs), len(costs) / spent


def _change(newsroom: Newsroom, site: Site, page: Page) -> None:
    """Tell every process that this has changed, and have this one see to it."""
    if page.changed:
        with newsroom.sessions.write() as session:
            reactions.commit(session, [], newsroom.clock.now(), newsroom.signal, derived=page.changed)
        b"".join(site(_asked(addresses.robots()), lambda *_: None))


def _asked(path: str) -> dict[str, Any]:
    path, _, query = path.partition("?")
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "HTTP_HOST": f"{HOST}:8000",
        "SERVER_NAME": HOST,
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
    }


MOST_STORIES = 20_000


def _pages(newsroom: Newsroom) -> dict[str, Sequence[Page]]:
    """What is asked for under each name, drawn by lot: each process has a lot of its own."""
    at, pattern = newsroom.clock.now(), newsroom.settings.article_path
    with newsroom.sessions.read() as session:

        def lists(rows: Iterable[tuple[str, str, Listing]], offset: int = 0) -> list[Page]:
            found = ((path, key, newest(session, listing, at, 20, offset=offset)) for path, key, listing in rows)
            return _shuffled(
                Page(path, _changed(random.choice(shown).public_id, key)) for path, key, shown in found if shown
            )

        some = select(Publication.slug, Article.address_date, Article.public_id).join(Publication.article)
        stories = _shuffled(
            Page(addresses.article(pattern, day, slug), _changed(public_id))
            for slug, day, public_id in session.execute(some)
            if day
        )
        sections = [
            (addresses.section(path), keys.section(slug), in_sections([number]))
            for path, slug, number in session.execute(select(Section.path, Section.slug, Section.id))
        ]
        tags = [
            (addresses.tag(slug), keys.tag(slug), tagged(number))
            for slug, number in session.execute(select(Tag.slug, Tag.id))
        ]
        people = select(Person.slug, Person.id).where(~Person.house)
        authors = [
            (addresses.author(slug), keys.person(slug), by_author(number, house=False))
            for slug, number in session.execute(people)
        ]
        front = [Page(addresses.front(), _changed(row.public_id, keys.FRONT)) for row in newest(session, PAPER, at, 12)]
        every = [*sections, *tags, *authors]
        return {
            "article": stories[:MOST_STORIES],
            "front page": front,
            "section": lists(sections),
            "section, page 5": lists(((f"{path}?page=5", key, listing) for path, key, listing in sections), offset=80),
            "tag": lists(tags),
            "author": lists(authors),
            "JSON Feed": lists((addresses.feed(path, "json"), key, listing) for path, key, listing in every),
            "RSS": lists((addresses.feed(path, "rss"), key, listing) for path, key, listing in every),
        }


def _changed(public_id: str, *lists: str) -> frozenset[str]:
    return frozenset({keys.article(public_id), *lists})


def _shuffled(pages: Iterable[Page]) -> list[Page]:
    found = list(pages)
    random.shuffle(found)
    return found


# --- What is written ---------------------------------------------------------------------------------------


def table(found: dict[int, Told]) -> str:
    least, most = min(found), max(found)
    sizes = "".join(f" {size:,} stories: CPU ms | renders/s |" for size in found)
    lines = [
        "# What pages cost that are made anew",
        "",
        f"`make bench`: {os.cpu_count()} processes on as many cores make pages anew: each time "
        "that of another story, and the lists and feeds of every section, tag and author in turn. Before each, a "
        "story on it has changed, and with it the list. A story's page is about 25 KB, a feed's 345 KB. Trust the "
        "ratios.",
        "",
        f"| |{sizes} {most:,} against {least:,} |",
        f"|---|{'---|---|' * len(found)}---|",
    ]
    for name in NAMES:
        cells = "".join(f" {cpu:.2f} | {rate:,.0f} |" for cpu, rate in (told[name] for told in found.values()))
        lines.append(f"| {name} |{cells} {found[most][name][0] / found[least][name][0]:.2f} × |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
