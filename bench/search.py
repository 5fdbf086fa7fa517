"""How fast search is, beside the goals it was built to, and beside Whoosh as it comes.

    python bench/search.py 20000 100000 --corpus stories.jsonl.gz
    python bench/search.py 20000 --no-stock

A corpus is JSON Lines (gzipped or not) with ``title``, ``body`` and lists ``places`` and ``topics``; it
is repeated, varied, up to the size asked for. Without one, text is made up. Query times are CPU milliseconds of
this thread, everything else is wall time; both depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from whoosh import fields, query
from whoosh import index as whoosh_index
from whoosh.analysis import LanguageAnalyzer

from cms.engines.search.whoosh.engine import WhooshIndex
from cms.interfaces import Document, Phrase, Query, Word

NOW = datetime(2026, 6, 1, tzinfo=UTC)
Kinds = dict[str, list[Query]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("sizes", type=int, nargs="*", default=[20_000])
    arguments.add_argument("--corpus", type=Path)
    arguments.add_argument("--no-stock", action="store_true", help="leave out Whoosh as it comes, which is slow")
    given = arguments.parse_args()
    rows = list(_rows(given.corpus)) if given.corpus else list(_made_up(5_000))
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), rows, size, stock=not given.no_stock)


def measure(folder: Path, rows: list[dict[str, Any]], size: int, *, stock: bool) -> None:
    print(f"\n{size:,} stories")
    index = WhooshIndex(folder / "index")
    seconds, cpu = _timed(lambda: index.rebuild(_documents(rows, size), 1))
    megabytes = sum(path.stat().st_size for path in (folder / "index").rglob("*") if path.is_file()) / 1e6
    line("rebuild", f"{cpu:.0f} CPU s, {seconds:.0f} s, {size / cpu:.0f} stories a CPU s, {megabytes:.0f} MB", "")
    line("open, ms", _figures([_opening(folder / "index") for _ in range(9)]), "5")
    kinds = asked(rows)
    cold, warm = _times(_searcher(WhooshIndex(folder / "index")), kinds)
    line("query, first use, ms", _figures([ms for times in cold.values() for ms in times]), "– / 20")
    line("query, warm, ms", _figures([ms for times in warm.values() for ms in times]), "1 / 3")
    for kind, times in warm.items():
        line(f"  {kind}", _figures(times), {"phrase": "– / 10", "prefix": "– / 1.5"}.get(kind, ""))
    line("  the worst we can think of", _figures(_times(_searcher(index), {"": worst(rows)})[0][""]), "– / 250")
    line("publish → found elsewhere", _figures(_publishing(index, folder / "index", rows)), "30 / 150")
    line("private memory, MB", f"{_memory(folder / 'index', kinds):.0f}", "60")
    seconds, _cpu = _timed(index.optimise)
    line("merge, s", f"{seconds:.2f}", "")
    if stock:
        beside_stock(folder, rows, size, kinds, warm)


def line(what: str, seen: str, goal: str) -> None:
    print(f"{what:<28}{seen:<52}{'goal ' + goal if goal else ''}")


# --- What is asked -----------------------------------------------------------------------------------------


def asked(rows: list[dict[str, Any]]) -> Kinds:
    """300 queries of the kinds that readers ask, from the corpus's own words."""
    dice = random.Random(7)
    counted = Counter(word for row in rows for word in {*row["body"].lower().split()} if word.isalpha())
    ranked = [word for word, _ in counted.most_common() if len(word) > 3]
    common, rare = ranked[:200], ranked[2_000:8_000]
    titles = [word for row in rows for word in row["title"].lower().split() if word.isalpha() and len(word) > 3]
    topics = sorted({topic for row in rows for topic in row["topics"]})

    def phrase() -> str:
        body = dice.choice(rows)["body"].split() or ["the"]
        start = dice.randrange(max(1, len(body) - 3))
        return " ".join(body[start : start + dice.choice((2, 3))])

    def days(days_ago: int) -> datetime:
        return NOW - timedelta(days=days_ago)

    return {
        "common word": [Query((Word(dice.choice(common)),)) for _ in range(40)],
        "rare word": [Query((Word(dice.choice(rare)),)) for _ in range(30)],
        "2–3 words": [Query(tuple(map(Word, dice.sample(common, dice.choice((2, 3)))))) for _ in range(60)],
        "phrase": [Query((Phrase(phrase()),)) for _ in range(40)],
        "prefix": [Query((Word(dice.choice(titles)[: dice.choice((3, 4))], prefix=True),)) for _ in range(50)],
        "word in tag": [Query((Word(dice.choice(common)),), tags=(dice.choice(topics),)) for _ in range(40)],
        "word in 30 days": [
            Query((Word(dice.choice(common)),), since=days(start + 30), before=days(start))
            for start in dice.choices(range(100), k=40)
        ],
    }


def worst(rows: list[dict[str, Any]]) -> list[Query]:
    """The commonest words, as often as the grammar lets them be asked for."""
    counted = Counter(word for row in rows for word in row["body"].lower().split() if word.isalpha())
    first, second, *others = [word for word, _ in counted.most_common(12)]
    return [
        Query((Phrase(" ".join([first] * 12)),)),
        Query(tuple(Phrase(f"{one} {first}") for one in (second, *others[:5]))),
        Query(tuple(Phrase(f"{one} {first}") for one in (second, *others[:5])), relaxed=True),
        Query(tuple(map(Word, (first, second, *others))), relaxed=True),
        Query((Phrase(" ".join((first, second, *others))),)),
    ]


def _times(search: Callable[[Query, str], int], kinds: Kinds) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """CPU milliseconds of each query at its first use and, once all were asked, at its second."""
    both: list[dict[str, list[float]]] = []
    for _ in range(2):
        both.append({})
        for kind, queries in kinds.items():
            both[-1][kind] = []
            for one in queries:
                start = time.thread_time()
                search(one, "newest" if one.since else "relevance")
                both[-1][kind].append((time.thread_time() - start) * 1_000)
    return both[0], both[1]


def _searcher(index: WhooshIndex) -> Callable[[Query, str], int]:
    def search(query: Query, sort: Any) -> int:
        return index.search(query, now=NOW, sort=sort, offset=0, limit=10).total

    return search


# --- Opening, publishing, memory ---------------------------------------------------------------------------


def _opening(root: Path) -> float:
    index, start = WhooshIndex(root), time.perf_counter()
    index.search(Query((Word("zzzz"),)), now=NOW, sort="relevance", offset=0, limit=1)
    return (time.perf_counter() - start) * 1_000


def _publishing(index: WhooshIndex, root: Path, rows: list[dict[str, Any]]) -> list[float]:
    """From the beginning of apply() until another process has found the story."""
    here, there = get_context("fork").Pipe()
    reader = get_context("fork").Process(target=_find_what_is_told, args=(root, there))
    reader.start()
    times = []
    for number, document in enumerate(_documents(rows, 60)):
        start = time.perf_counter()
        word = f"fresh{number}"
        fresh = Document(**{**document.__dict__, "headline": f"{document.headline} {word}"})
        index.apply([fresh], number + 2)
        here.send(word)
        assert here.recv() == 1
        times.append((time.perf_counter() - start) * 1_000)
    here.send(None)
    reader.join()
    return times


def _find_what_is_told(root: Path, pipe: Connection) -> None:
    search = _searcher(WhooshIndex(root))
    while (word := pipe.recv()) is not None:
        pipe.send(search(Query((Word(word),)), "relevance"))


def _memory(root: Path, kinds: Kinds) -> float:
    """What a process that has asked everything holds for itself more than before it opened the index."""
    here, there = get_context("spawn").Pipe()
    reader = get_context("spawn").Process(target=_tell_memory, args=(root, kinds, there))
    reader.start()
    megabytes: float = here.recv()
    reader.join()
    return megabytes


def _tell_memory(root: Path, kinds: Kinds, pipe: Connection) -> None:
    before = _private()
    _times(_searcher(WhooshIndex(root)), kinds)
    pipe.send((_private() - before) / 1_024)


def _private() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


# --- Whoosh as it comes ------------------------------------------------------------------------------------


def beside_stock(
    folder: Path, rows: list[dict[str, Any]], size: int, kinds: Kinds, ours: dict[str, list[float]]
) -> None:
    english = LanguageAnalyzer("en")
    schema = fields.Schema(
        id=fields.ID(stored=True, unique=True),
        title=fields.TEXT(analyzer=english, field_boost=2.0),
        body=fields.TEXT(analyzer=english),
        tags=fields.KEYWORD(commas=True),
        published=fields.DATETIME(sortable=True),
    )
    (folder / "stock").mkdir()
    opened = whoosh_index.create_in(str(folder / "stock"), schema)

    def build() -> None:
        writer = opened.writer(limitmb=256)
        for one in _documents(rows, size):
            writer.add_document(
                id=one.article,
                title=one.headline,
                body=one.body,
                tags=",".join(one.tags),
                published=one.published_at.replace(tzinfo=None),
            )
        writer.commit()

    seconds, cpu = _timed(build)
    line("stock: rebuild", f"{cpu:.0f} CPU s, {seconds:.0f} s", "")
    searcher = opened.searcher()

    def stems(text: str) -> list[str]:
        return [token.text for token in english(text)]

    def both(make: Callable[[str], Any]) -> Any:
        return query.Or([make("title"), make("body")])

    def compiled(asked: Query) -> Any:
        parts = []
        for one in asked.every:
            if isinstance(one, Word) and one.prefix:
                parts.append(query.Prefix("title", one.text))
            elif isinstance(one, Word):
                parts += [both(lambda field, stem=stem: query.Term(field, stem)) for stem in stems(one.text)]
            else:
                parts.append(both(lambda field, one=one: query.Phrase(field, stems(one.text))))
        parts += [query.Term("tags", tag) for tag in asked.tags]
        if asked.since and asked.before:
            since, before = asked.since.replace(tzinfo=None), asked.before.replace(tzinfo=None)
            parts.append(query.DateRange("published", since, before, endexcl=True))
        return query.And(parts).normalize()

    def search(asked: Query, sort: str) -> int:
        how = {"sortedby": "published", "reverse": True} if sort == "newest" else {}
        return len(searcher.search(compiled(asked), limit=10, **how))

    _cold, warm = _times(search, kinds)
    everything = [ms for times in warm.values() for ms in times]
    line("stock: query, warm, ms", _figures(everything), "")
    for kind, times in warm.items():
        ratio = statistics.median(times) / statistics.median(ours[kind])
        print(f"{'  stock: ' + kind:<28}{_figures(times):<52}{ratio:.0f} times ours at the median")


# --- Stories -----------------------------------------------------------------------------------------------


def _documents(rows: list[dict[str, Any]], size: int) -> Iterator[Document]:
    for number in range(size):
        row, lap = rows[number % len(rows)], number // len(rows)
        author = number % 300
        yield Document(
            article=f"story-{number}",
            language="en",
            headline=row["title"].title() + (f" {lap}" if lap else ""),
            standfirst=row["body"][:150],
            body=row["body"],
            authors=(f"author-{author}",),
            author_names=(f"Author Number{author}",),
            sections=("news", *row["places"][:2]),
            tags=tuple(row["topics"]),
            tag_names=tuple(row["topics"]),
            published_at=NOW - timedelta(minutes=number * 150_000 // size, seconds=number % 60),
        )


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _made_up(count: int) -> Iterator[dict[str, Any]]:
    """Words whose frequencies fall as those of a language do."""
    dice = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz"
    lexicon = ["".join(dice.choices(letters, k=dice.randrange(2, 11))) for _ in range(30_000)]
    weights = [1 / (rank + 3) for rank in range(len(lexicon))]
    for _ in range(count):
        yield {
            "title": " ".join(dice.choices(lexicon, weights, k=8)),
            "body": " ".join(dice.choices(lexicon, weights, k=dice.randrange(40, 300))),
            "places": [f"place-{dice.randrange(40)}"],
            "topics": [f"topic-{dice.randrange(100)}"],
        }


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def _figures(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    last = ordered[min(len(ordered) - 1, round(len(ordered) * 0.99))]
    return f"p50 {statistics.median(ordered):8.2f}   p99 {last:8.2f}"


if __name__ == "__main__":
    main()
