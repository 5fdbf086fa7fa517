"""What pages cost that are made anew each time, as the newsroom grows, beside a bare Flask view in the same run.

    python bench/cold.py                           # 1,000 and 20,000 stories, about two minutes
    python bench/cold.py --sizes 1000 100000       # a hundred thousand take 3 GB of disk

One process a core asks the application itself for pages, without a server, a network or a page cache between: what is
counted is the making alone. Of CPU time the median is told, of renders all that those processes made in a second.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from flask import Flask, Response
from sqlalchemy import select

from bench.growing import grow
from bench.newsroom import fill
from cms.app import build_newsroom, create_app
from cms.domain import addresses
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
    return build_newsroom(read_settings({"CMS_DATA_DIR": str(data), "CMS_SAMPLE": "0", "CMS_PAGE_CACHE_MB": "0"}))


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

_apps: dict[str, tuple[Callable[..., Iterable[bytes]], Iterable[str]]] = {}
BARE = "a bare Flask view"
NAMES = (BARE, "article", "front page", "section", "section, page 5", "tag", "author", "JSON Feed", "RSS")


def _begin(data: Path) -> None:
    newsroom = _newsroom(data)
    site = create_app(newsroom).wsgi_app
    pages = _addresses(newsroom)
    for name, paths in pages.items():
        _apps[name] = (site, cycle(paths))
    bare, body = Flask("bare"), b"".join(site(_asked(pages["article"][0]), lambda *_: None))
    bare.add_url_rule("/", view_func=lambda: Response(body, mimetype="text/html"))
    _apps[BARE] = (bare.wsgi_app, cycle(["/"]))


def _render(name: str, seconds: float) -> tuple[float, float]:
    """The median of CPU milliseconds that a page took, and how many were made in a second."""
    app, paths = _apps[name]
    costs: list[float] = []
    for number, path in enumerate(paths):
        if number == WARMING:
            began = time.perf_counter()
        before, said = time.process_time(), []
        for _ in app(_asked(path), lambda status, headers, said=said: said.append(status)):  # type: ignore[misc]
            pass
        if not said[0].startswith("200"):
            raise SystemExit(f"{path} answered {said[0]}")
        if number >= WARMING:
            costs.append((time.process_time() - before) * 1000)
            if time.perf_counter() - began > seconds:
                break
    return statistics.median(costs), len(costs) / (time.perf_counter() - began)


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


def _addresses(newsroom: Newsroom) -> dict[str, list[str]]:
    pattern = newsroom.settings.article_path
    with newsroom.sessions.read() as session:
        some = select(Publication.slug, Article.address_date).join(Publication.article)
        some = some.order_by(Article.id * 7919 % 10_007, Article.id).limit(2_000)
        stories = [addresses.article(pattern, day, slug) for slug, day in session.execute(some) if day]
        sections = [addresses.section(path) for path in session.scalars(select(Section.path))]
        tags = [addresses.tag(slug) for slug in session.scalars(select(Tag.slug))]
        authors = [addresses.author(slug) for slug in session.scalars(select(Person.slug).where(~Person.house))]
    front = addresses.front()
    return {
        "article": stories,
        "front page": [front],
        "section": sections,
        "section, page 5": [f"{path}?page=5" for path in sections],
        "tag": tags,
        "author": authors,
        "JSON Feed": [addresses.feed(front, "json")],
        "RSS": [addresses.feed(front, "rss")],
    }


# --- What is written ---------------------------------------------------------------------------------------


def table(found: dict[int, Told]) -> str:
    least, most = min(found), max(found)
    sizes = "".join(f" {size:,} stories: CPU ms | renders/s |" for size in found)
    lines = [
        "# What pages cost that are made anew",
        "",
        f"`make bench`: {os.cpu_count()} processes on as many cores make the same pages over and over, with no page "
        "cache. A story's page is about 25 KB, a feed's 345 KB. Trust the ratios.",
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
