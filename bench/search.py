"""How fast and how good search is: our two engines beside Whoosh as it comes, SQLite FTS5 and plain PostgreSQL.

    python bench/search.py 20000 100000 --corpus stories.jsonl.gz
    python bench/search.py 20000 --without stock plain

All answer the same queries over the same stories in one run. In-process engines are charged CPU milliseconds of their
thread, PostgreSQL wall time; both depend on what else the machine does: trust the ratios. Tables go to
docs/benchmarks/search.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from bench.search_engines import TEN, Contestant, Fts5, OurPostgres, OurWhoosh, PlainPostgres, StockWhoosh
from bench.search_questions import NOW, Kinds, KnownItem, Row, asked, corpus, documents, known_items, worst
from cms.domain.search.highlight import Marker
from cms.interfaces import Document, Query, Word
from tests.engines.searching import scored
from tests.services import PostgresServer, memory, start_postgres

ROOT = Path(__file__).resolve().parents[1]
PUBLICATIONS = 40


@dataclass
class Seen:
    """What one engine showed at one size; times in milliseconds."""

    name: str
    build: float = 0.0
    megabytes: float = 0.0
    opening: list[float] = field(default_factory=list)
    cold: dict[str, list[float]] = field(default_factory=dict)
    warm: dict[str, list[float]] = field(default_factory=dict)
    highlighted: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    found: list[float] = field(default_factory=list)
    gone: list[float] = field(default_factory=list)
    first: float = 0.0
    in_ten: float = 0.0
    mistyped: float = 0.0
    private: float = 0.0
    exact: str = ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("sizes", type=int, nargs="*", default=[20_000])
    parser.add_argument("--corpus", type=Path, help="text is made up without one")
    parser.add_argument("--without", nargs="*", default=[], choices=("stock", "fts5", "postgres", "plain"))
    given = parser.parse_args()
    rows = corpus(given.corpus)
    made_up = given.corpus is None
    results = {}
    for size in given.sizes:
        items, kinds = known_items(rows, size), asked(rows)
        results[size] = list[Seen]()
        for one in contestants(given.without):
            results[size].append(measure(one, rows, size, kinds, items))
            write(results, made_up)


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        os.chmod(folder, 0o755)
        os.mkfifo(f"{folder}/pipe")
        pipe = os.open(f"{folder}/pipe", os.O_RDWR)
        start_postgres(Path(folder) / "postgres", Path(folder) / "pipe")
        yield PostgresServer(Path(folder) / "postgres")
        os.close(pipe)


def contestants(without: list[str]) -> Iterator[Contestant]:
    """One after another, each in a place of its own that is gone before the next begins."""
    servers: list[tuple[str, Callable[[str], Contestant]]] = [("postgres", OurPostgres), ("plain", PlainPostgres)]
    for name, connect in servers:
        if name not in without:
            with ExitStack() as open_:
                yield connect(open_.enter_context(open_.enter_context(postgres()).database()))
    makers: list[tuple[str, Callable[[Path], Contestant]]] = [
        ("ours", OurWhoosh),
        ("fts5", Fts5),
        ("stock", StockWhoosh),
    ]
    for name, make in makers:
        if name not in without:
            with tempfile.TemporaryDirectory() as folder:
                yield make(Path(folder))


def measure(engine: Contestant, rows: list[Row], size: int, kinds: Kinds, items: list[KnownItem]) -> Seen:
    seen = Seen(engine.name)
    print(f"{size:,} stories, {engine.name}", flush=True)
    clock = time.process_time if engine.clock is time.thread_time else time.perf_counter
    start = clock()
    engine.build(documents(rows, size))
    seen.build = size / (clock() - start - _making(rows, size))
    seen.megabytes = engine.megabytes()
    print(f"  {seen.build:.0f} stories a second, {seen.megabytes:.0f} MB", flush=True)
    seen.opening = [_opening(engine) for _ in range(5)]
    reader = engine.another()
    seen.cold, seen.warm = _times(reader, kinds), _times(reader, kinds)
    if isinstance(engine, OurWhoosh):
        seen.highlighted = _highlighted(reader, kinds, _texts(reader, rows, kinds))
        seen.private = _private_megabytes(engine.folder, kinds)
        seen.exact = _exactness(reader, list(documents(rows, size)), kinds)
    seen.worst = _times(reader, {"": worst(rows)})[""]
    print(f"  warm {figures(everything(seen.warm))}, with highlights {figures(seen.highlighted)}", flush=True)
    _known_items(seen, reader, items)
    seen.found, seen.gone = _publishing(engine, reader, list(documents(rows, PUBLICATIONS)))
    print(f"  found {figures(seen.found)}, first {seen.first:.1%}, mistyped {seen.mistyped:.1%}", flush=True)
    return seen


# --- What is measured --------------------------------------------------------------------------------------


def _making(rows: list[Row], size: int) -> float:
    """What making the stories up costs by itself, to be taken off."""
    start = time.process_time()
    for _ in documents(rows, size):
        pass
    return time.process_time() - start


def _opening(engine: Contestant) -> float:
    start = time.perf_counter()
    engine.another().ask(Query((Word("zzzz"),)), "relevance")
    return (time.perf_counter() - start) * 1_000


def _times(engine: Contestant, kinds: Kinds) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {}
    for kind, queries in kinds.items():
        times[kind] = []
        for one in queries:
            start = engine.clock()
            engine.ask(one, _sort(one))
            times[kind].append((engine.clock() - start) * 1_000)
    return times


def _texts(engine: Contestant, rows: list[Row], kinds: Kinds) -> dict[str, Document]:
    wanted = {article for some in kinds.values() for one in some for article in engine.ask(one, _sort(one))[0]}
    last = max(int(article.removeprefix("story-")) for article in wanted)
    return {one.article: one for one in documents(rows, last + 1) if one.article in wanted}


def _highlighted(engine: Contestant, kinds: Kinds, stories: dict[str, Document]) -> list[float]:
    """The answer with what is shown of each of its ten stories: headline and excerpt, marked."""
    times = []
    for one in (query for some in kinds.values() for query in some):
        start = engine.clock()
        marker = Marker((each.text for each in one.every), "en", "".join(_typed(one)))
        for article in engine.ask(one, _sort(one))[0]:
            marker.mark(stories[article].headline)
            marker.shown(stories[article].standfirst, stories[article].body)
        times.append((engine.clock() - start) * 1_000)
    return times


def _typed(query: Query) -> Iterator[str]:
    return (one.text for one in query.every if isinstance(one, Word) and one.prefix)


def _sort(query: Query) -> Literal["relevance", "newest"]:
    return "newest" if query.since else "relevance"


def _known_items(seen: Seen, engine: Contestant, items: list[KnownItem]) -> None:
    """All words first, then any, as the search page does."""

    def answer(words: tuple[str, ...]) -> list[str]:
        query = Query(tuple(map(Word, words)))
        return engine.ask(query, "relevance")[0] or engine.ask(Query(query.every, relaxed=True), "relevance")[0]

    right = [answer(one.words) for one in items]
    seen.first = statistics.mean(ten[:1] == [one.article] for ten, one in zip(right, items, strict=True))
    seen.in_ten = statistics.mean(one.article in ten for ten, one in zip(right, items, strict=True))
    seen.mistyped = statistics.mean(one.article in answer(one.mistyped) for one in items)


def _publishing(engine: Contestant, reader: Contestant, stories: list[Document]) -> tuple[list[float], list[float]]:
    """From the beginning of a change until another opening of the index answers with it."""
    found, gone = [], []
    for number, story in enumerate(stories):
        word = Query((Word(f"fresh{number}"),))
        start = time.perf_counter()
        engine.put(Document(**{**story.__dict__, "headline": f"{story.headline} fresh{number}"}))
        assert reader.ask(word, "relevance")[1] == 1
        found.append((time.perf_counter() - start) * 1_000)
        start = time.perf_counter()
        engine.take_away(story.article)
        assert reader.ask(word, "relevance")[1] == 0
        gone.append((time.perf_counter() - start) * 1_000)
    return found, gone


def _exactness(engine: Contestant, stories: list[Document], kinds: Kinds) -> str:
    """Of one query of each kind, how many totals and top tens are those of scoring every story by itself."""
    right = 0
    for some in kinds.values():
        query = replace(some[0], since=None, before=None)
        ten, total = engine.ask(query, "relevance")
        every = scored(stories, query, NOW)
        right += total == len(every) and ten == [article for _, article in every[:TEN]]
    return f"{right} of {len(kinds)}"


def _private_megabytes(folder: Path, kinds: Kinds) -> float:
    """What a process that has asked everything holds for itself more than before it opened the index."""
    here, there = get_context("spawn").Pipe()
    reader = get_context("spawn").Process(target=_tell_memory, args=(folder, kinds, there))
    reader.start()
    megabytes: float = here.recv()
    reader.join()
    return megabytes


def _tell_memory(folder: Path, kinds: Kinds, pipe: Connection) -> None:
    before = _private()
    _times(OurWhoosh(folder), kinds)
    pipe.send((_private() - before) / 1_024)


def _private() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


# --- What is written ---------------------------------------------------------------------------------------


def write(results: dict[int, list[Seen]], made_up: bool) -> None:
    text = "made-up text" if made_up else "5,000 news-wire stories of 1987, repeated and varied"
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    lines = [
        "# How fast and how good search is",
        "",
        f"`python bench/search.py`: {text}; 300 queries, each asked twice; {os.cpu_count()} cores. Copydesk's answers "
        "hold exact totals and every facet; the others' hold ten stories and a count. In-process engines: CPU ms; "
        "PostgreSQL: wall ms. Trust the ratios, each taken within one run.",
    ]
    for size, seen in results.items():
        lines += ["", f"## {size:,} stories", "", *_engines(seen), "", *_kinds(seen), "", *_quality(seen)]
    lines += ["", f"Load averages at the end: {load}."]
    folder = ROOT / "docs" / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "search.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _engines(seen: list[Seen]) -> Iterator[str]:
    yield "| | built, stories/s | MB | opened, ms | publish → found | withdraw → gone | private memory, MB |"
    yield "|---|---|---|---|---|---|---|"
    for one in seen:
        private = f"{one.private:.0f}" if one.private else ""
        yield (
            f"| {one.name} | {one.build:,.0f} | {one.megabytes:,.0f} | {statistics.median(one.opening):.1f} | "
            f"{figures(one.found)} | {figures(one.gone)} | {private} |"
        )


def _kinds(seen: list[Seen]) -> Iterator[str]:
    yield f"| p50 / p99 ms | {' | '.join(one.name for one in seen)} |"
    yield "|---|" + "---|" * len(seen)
    yield f"| **all, warm** | {' | '.join(figures(everything(one.warm)) for one in seen)} |"
    yield f"| all, with highlights | {' | '.join(figures(one.highlighted) for one in seen)} |"
    yield f"| all, first use | {' | '.join(figures(everything(one.cold)) for one in seen)} |"
    for kind in dict.fromkeys(kind for one in seen for kind in one.warm):
        yield f"| {kind} | {' | '.join(figures(one.warm.get(kind, [])) for one in seen)} |"
    yield f"| the dearest five | {' | '.join(figures(one.worst) for one in seen)} |"


def _quality(seen: list[Seen]) -> Iterator[str]:
    yield "| eight of its words known | first | in the first ten | one letter wrong, in the first ten |"
    yield "|---|---|---|---|"
    for one in seen:
        yield f"| {one.name} | {one.first:.1%} | {one.in_ten:.1%} | {one.mistyped:.1%} |"
    yield from (
        f"\n{one.name}: {one.exact} totals and top tens are those of scoring every story by itself."
        for one in seen
        if one.exact
    )


def everything(times: dict[str, list[float]]) -> list[float]:
    return [each for some in times.values() for each in some]


def figures(milliseconds: list[float]) -> str:
    if not milliseconds:
        return ""
    ordered = sorted(milliseconds)
    last = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    return f"{statistics.median(ordered):.1f} / {last:.1f}"


if __name__ == "__main__":
    main()
