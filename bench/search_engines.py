"""Those who are compared: our two engines, and what one would have without them."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pysqlite3
from sqlalchemy import create_engine
from whoosh import fields, query
from whoosh import index as whoosh_index
from whoosh.analysis import LanguageAnalyzer

from bench.search_questions import NOW
from cms.engines.search.postgres.engine import PostgresIndex
from cms.engines.search.whoosh.engine import WhooshIndex
from cms.interfaces import Document, Query, Removal, SearchIndex, Word

Answer = tuple[list[str], int]
TEN = 10


class Contestant(ABC):
    """``clock``: what its times are measured by. A process is charged for its own work; a server's isn't its own."""

    name: str
    clock: ClassVar[Callable[[], float]] = time.thread_time

    @abstractmethod
    def build(self, stories: Iterable[Document]) -> None: ...

    @abstractmethod
    def ask(self, asked: Query, sort: Any) -> Answer:
        """The first ten articles and the total."""

    @abstractmethod
    def put(self, story: Document) -> None: ...

    @abstractmethod
    def take_away(self, article: str) -> None: ...

    @abstractmethod
    def another(self) -> Contestant:
        """As another process would open it."""

    @abstractmethod
    def megabytes(self) -> float: ...


class Ours(Contestant):
    """Either of our engines: with exact totals, all facets, filters and freshness in every answer."""

    def __init__(self, index: SearchIndex) -> None:
        self._index, self._cursor = index, 1

    def build(self, stories: Iterable[Document]) -> None:
        self._index.rebuild(stories, self._cursor)

    def ask(self, asked: Query, sort: Any) -> Answer:
        found = self._index.search(asked, now=NOW, sort=sort, offset=0, limit=TEN)
        return [hit.article for hit in found.hits], found.total

    def put(self, story: Document) -> None:
        self._index.apply([story], self._cursor)

    def take_away(self, article: str) -> None:
        self._index.apply([Removal(article)], self._cursor)


class OurWhoosh(Ours):
    name = "Copydesk on Whoosh"

    def __init__(self, folder: Path) -> None:
        super().__init__(WhooshIndex(folder / "ours"))
        self.folder = folder

    def another(self) -> OurWhoosh:
        return OurWhoosh(self.folder)

    def megabytes(self) -> float:
        return _megabytes(self.folder / "ours")


class OurPostgres(Ours):
    name = "Copydesk on PostgreSQL"
    clock = time.perf_counter

    def __init__(self, url: str) -> None:
        self._url, self._engine = url, create_engine(url)
        super().__init__(PostgresIndex(self._engine))

    def another(self) -> OurPostgres:
        return OurPostgres(self._url)

    def megabytes(self) -> float:
        return _relation(self._url, "copydesk_search.documents")


class StockWhoosh(Contestant):
    """Whoosh by its manual: its analyser, its parser's queries, its collector, an update and a refresh."""

    name = "Whoosh as it comes"

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "stock"
        self._english = LanguageAnalyzer("en")
        self._searcher: Any = None
        if self.folder.exists():
            self._index = whoosh_index.open_dir(str(self.folder))
            self._searcher = self._index.searcher()

    def build(self, stories: Iterable[Document]) -> None:
        self.folder.mkdir()
        text = fields.TEXT(analyzer=self._english)
        schema = fields.Schema(
            id=fields.ID(stored=True, unique=True),
            title=fields.TEXT(analyzer=self._english, field_boost=2.0),
            body=text,
            tags=fields.KEYWORD(commas=True),
            published=fields.DATETIME(sortable=True),
        )
        self._index = whoosh_index.create_in(str(self.folder), schema)
        writer = self._index.writer(limitmb=256)
        for story in stories:
            writer.add_document(**_stock_fields(story))
        writer.commit()
        self._searcher = self._index.searcher()

    def ask(self, asked: Query, sort: Any) -> Answer:
        self._searcher = self._searcher.refresh()
        how = {"sortedby": "published", "reverse": True} if sort == "newest" else {}
        found = self._searcher.search(self._compiled(asked), limit=TEN, **how)
        return [hit["id"] for hit in found], len(found)

    def put(self, story: Document) -> None:
        writer = self._index.writer()
        writer.update_document(**_stock_fields(story))
        writer.commit()

    def take_away(self, article: str) -> None:
        writer = self._index.writer()
        writer.delete_by_term("id", article)
        writer.commit()

    def another(self) -> StockWhoosh:
        return StockWhoosh(self.folder.parent)

    def megabytes(self) -> float:
        return _megabytes(self.folder)

    def _compiled(self, asked: Query) -> Any:
        parts = []
        for one in asked.every:
            stems = [token.text for token in self._english(one.text)]
            if isinstance(one, Word) and one.prefix:
                parts.append(query.Prefix("title", one.text))
            elif isinstance(one, Word):
                parts += [query.Or([query.Term("title", stem), query.Term("body", stem)]) for stem in stems]
            else:
                parts.append(query.Or([query.Phrase("title", stems), query.Phrase("body", stems)]))
        parts += [query.Term("tags", tag) for tag in asked.tags]
        if asked.since and asked.before:
            since, before = asked.since.replace(tzinfo=None), asked.before.replace(tzinfo=None)
            parts.append(query.DateRange("published", since, before, endexcl=True))
        return (query.Or if asked.relaxed else query.And)(parts).normalize()


class Fts5(Contestant):
    """SQLite's own full text: porter stems, bm25, a count; filters in a table beside it."""

    name = "SQLite FTS5"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "fts5.sqlite3"
        self._sql: Any = pysqlite3.connect(str(self.path))
        self._sql.execute("PRAGMA journal_mode=WAL")
        self._sql.execute("PRAGMA mmap_size=268435456")

    def build(self, stories: Iterable[Document]) -> None:
        self._sql.executescript(
            "CREATE VIRTUAL TABLE text USING fts5(headline, body, tags, tokenize='porter unicode61');"
            "CREATE TABLE story(id INTEGER PRIMARY KEY, article TEXT UNIQUE, published TEXT);"
        )
        for story in stories:
            self._add(story)
        self._sql.execute("CREATE INDEX published ON story(published)")
        self._sql.commit()

    def ask(self, asked: Query, sort: Any) -> Answer:
        words = [_fts5(one) for one in asked.every]
        wanted = (" OR " if asked.relaxed else " AND ").join(word for word in words if word)
        tagged = "".join(f' AND tags:"{tag}"' for tag in asked.tags)
        where = "text MATCH ? AND published >= ? AND published < ?"
        since = asked.since.isoformat() if asked.since else ""
        before = asked.before.isoformat() if asked.before else "9"
        given = ("(" + (wanted or '""') + ")" + tagged, since, before)
        order = "published DESC" if sort == "newest" else "bm25(text, 2.0, 1.0, 1.0)"
        joined = f"FROM text JOIN story ON story.id = text.rowid WHERE {where}"
        ten = self._sql.execute(f"SELECT article {joined} ORDER BY {order} LIMIT {TEN}", given).fetchall()
        [total] = self._sql.execute(f"SELECT count(*) {joined}", given).fetchone()
        return [article for (article,) in ten], total

    def put(self, story: Document) -> None:
        self._remove(story.article)
        self._add(story)
        self._sql.commit()

    def take_away(self, article: str) -> None:
        self._remove(article)
        self._sql.commit()

    def another(self) -> Fts5:
        return Fts5(self.path.parent)

    def megabytes(self) -> float:
        self._sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return self.path.stat().st_size / 1e6

    def _add(self, story: Document) -> None:
        place = self._sql.execute(
            "INSERT INTO story(article, published) VALUES (?, ?)", (story.article, story.published_at.isoformat())
        ).lastrowid
        text = (place, story.headline, story.body, " ".join(story.tags))
        self._sql.execute("INSERT INTO text(rowid, headline, body, tags) VALUES (?, ?, ?, ?)", text)

    def _remove(self, article: str) -> None:
        for (place,) in self._sql.execute("SELECT id FROM story WHERE article = ?", (article,)).fetchall():
            self._sql.execute("DELETE FROM text WHERE rowid = ?", (place,))
            self._sql.execute("DELETE FROM story WHERE id = ?", (place,))


class PlainPostgres(Contestant):
    """PostgreSQL by its manual: a stored tsvector, GIN, ts_rank over every match, a count."""

    name = "PostgreSQL, plain ts_rank"
    clock = time.perf_counter

    def __init__(self, url: str) -> None:
        self.url = url
        self._sql = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def build(self, stories: Iterable[Document]) -> None:
        self._sql.execute(
            "CREATE TABLE plain (article text PRIMARY KEY, published timestamptz, tags text[], text tsvector)"
        )
        with self._sql.transaction():
            for story in stories:
                self._add(story)
        self._sql.execute("CREATE INDEX ON plain USING gin (text)")
        self._sql.execute("CREATE INDEX ON plain (published)")
        self._sql.execute("ANALYZE plain")

    def ask(self, asked: Query, sort: Any) -> Answer:
        words = [_tsquery(one) for one in asked.every]
        wanted = (" || " if asked.relaxed else " && ").join(made for made, _ in words)
        given: list[Any] = [text for _, text in words]
        where = f"text @@ ({wanted})"
        if asked.tags:
            where, given = where + " AND tags @> %s", [*given, list(asked.tags)]
        if asked.since and asked.before:
            where, given = where + " AND published >= %s AND published < %s", [*given, asked.since, asked.before]
        order, ranked = ("published DESC", []) if sort == "newest" else (f"ts_rank(text, {wanted}) DESC", words)
        ten = self._sql.execute(
            f"SELECT article FROM plain WHERE {where} ORDER BY {order} LIMIT {TEN}",  # type: ignore[arg-type]
            [*given, *(text for _, text in ranked)],
        ).fetchall()
        [total] = self._sql.execute(f"SELECT count(*) FROM plain WHERE {where}", given).fetchone()  # type: ignore[misc, arg-type]
        return [article for (article,) in ten], total

    def put(self, story: Document) -> None:
        with self._sql.transaction():
            self._sql.execute("DELETE FROM plain WHERE article = %s", [story.article])
            self._add(story)

    def take_away(self, article: str) -> None:
        self._sql.execute("DELETE FROM plain WHERE article = %s", [article])

    def another(self) -> PlainPostgres:
        return PlainPostgres(self.url)

    def megabytes(self) -> float:
        return _relation(self.url, "plain")

    def _add(self, story: Document) -> None:
        self._sql.execute(
            "INSERT INTO plain VALUES (%s, %s, %s, setweight(to_tsvector('english', %s), 'A')"
            " || to_tsvector('english', %s))",
            [story.article, story.published_at, list(story.tags), story.headline, story.body],
        )


def _stock_fields(story: Document) -> dict[str, Any]:
    return {
        "id": story.article,
        "title": story.headline,
        "body": story.body,
        "tags": ",".join(story.tags),
        "published": story.published_at.replace(tzinfo=None),
    }


def _fts5(one: Any) -> str:
    text = "".join(letter if letter.isalnum() else " " for letter in one.text).strip()
    return (f'headline:"{text}"*' if isinstance(one, Word) and one.prefix else f'"{text}"') if text else ""


def _tsquery(one: Any) -> tuple[str, str]:
    if isinstance(one, Word) and one.prefix:
        return "to_tsquery('english', %s)", f"{one.text}:*"
    return ("plainto_tsquery" if isinstance(one, Word) else "phraseto_tsquery") + "('english', %s)", one.text


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _relation(url: str, table: str) -> float:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute("SELECT pg_total_relation_size(%s)", [table]).fetchone()
        assert found
        return int(found[0]) / 1e6
