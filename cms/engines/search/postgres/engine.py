"""The search index in the main database (CMS_SEARCH_URL=postgresql:), for newsrooms of more than one machine.

A story is findable in every process when its batch commits. Matching and counting are the database's; what a word
is, is ours (see ``terms``), so both engines give the same stories for the same question.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from typing import Any, Literal

from psycopg import errors
from sqlalchemy import (
    CTE,
    REAL,
    ColumnElement,
    CompoundSelect,
    Connection,
    DateTime,
    Engine,
    Float,
    Integer,
    RowMapping,
    Select,
    Table,
    cast,
    delete,
    func,
    literal,
    null,
    select,
    text,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, array, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import Text

from cms.engines.search.postgres import tables, terms
from cms.engines.search.postgres.tables import building, documents, state
from cms.engines.search.postgres.terms import Rules
from cms.interfaces import Document, Facets, Found, Hit, IndexHealth, IndexUnusable, Query, Removal
from cms.language import stemmer_of

RANKED = 2_000
"""Of more matches than this, only the newest are ranked by their words: each vector read costs 5 µs. Where any word
will do, so are the newest of those that lack but one."""

AT_MOST_MS = 2_000
HALF_LIFE_DAYS, TIMELESS, FRESH = 30, 0.4, 0.6
WEIGHTS = [0.5, 0.6, 0.8, 1.0]  # of D, C, B and A: a word of the headline counts twice
TELLING, SHARED_AT_LEAST = 12, 2
AT_ONCE = 200


class PostgresIndex:
    """Any number of processes on any number of machines; batches are applied one after another."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def apply(self, batch: Sequence[Document | Removal], cursor: int) -> None:
        last = {change.article: change for change in batch}
        with self._changing() as (connection, now):
            if now["version"] != tables.VERSION:
                raise IndexUnusable("there is no index of this version in the database")
            _replace(connection, documents, last.values(), now["everyday"])
            moved: dict[str, Any] = {"cursor": cursor, "stemmers": _stemmers(now, last.values())}
            if now["next_cursor"] is not None:
                _replace(connection, building, last.values(), now["next_everyday"], note_removals=True)
                moved["next_cursor"] = max(cursor, now["next_cursor"])
            connection.execute(update(state).values(moved))

    def search(
        self,
        query: Query,
        *,
        now: datetime,
        sort: Literal["relevance", "newest"],
        offset: int,
        limit: int,
        exclude: frozenset[str] = frozenset(),
        facets: bool = True,
    ) -> Found:
        with self._reading() as (connection, rules):
            rows = connection.execute(_answer(query, rules, exclude, now, sort, offset, limit, facets)).all()
        counted: dict[str, dict[str, int]] = defaultdict(dict)
        hits = []
        for name, count, published, score in rows:
            if published is not None:
                hits.append(Hit(name, score, published))
            else:
                kind, _, name = name.partition("=")
                counted[kind][name] = count
        first = (lambda hit: hit.score) if sort == "relevance" else (lambda hit: hit.published_at)
        hits.sort(key=lambda hit: hit.article)
        hits.sort(key=lambda hit: (first(hit), hit.published_at), reverse=True)
        by_kind = Facets(counted["section"], counted["tag"], counted["author"], counted["year"])
        return Found(hits, counted["total"][""], by_kind)

    def similar(self, article: str, limit: int) -> Sequence[str]:
        with self._reading() as (connection, _rules):
            return connection.scalars(_similar(article, limit)).all()

    def holds(self) -> Mapping[str, int]:
        with self._reading() as (connection, _rules):
            rows = connection.execute(select(documents.c.article, documents.c.revision))
            return {row[0]: row[1] for row in rows}

    def cursor(self) -> int:
        with self._reading() as (connection, _rules):
            return int(connection.scalar(select(state.c.cursor)) or 0)

    def rebuild(self, documents: Iterable[Document], cursor: int) -> None:
        with self._engine.connect() as alone, alone.begin():
            alone.execute(text("SELECT pg_advisory_xact_lock(hashtext('copydesk search rebuild'))"))
            with self._engine.begin() as connection:
                connection.execute(text(tables.PREPARE))
            self._build(documents, cursor)

    def optimise(self) -> None:
        """Nothing to do: the database keeps its own indexes in order."""

    def purge(self) -> None:
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM copydesk_search.documents"))

    def health(self) -> IndexHealth:
        try:
            with self._reading() as (connection, _rules):
                count = connection.scalar(select(func.count()).select_from(documents)) or 0
                cursor = connection.scalar(select(state.c.cursor)) or 0
        except IndexUnusable as unusable:
            return IndexHealth(ok=False, documents=0, segments=0, cursor=0, remark=str(unusable))
        return IndexHealth(ok=True, documents=count, segments=1, cursor=cursor, remark="")

    def _build(self, stream: Iterable[Document], cursor: int) -> None:
        with self._changing() as (connection, _now):
            connection.execute(text(tables.BUILD))
            connection.execute(update(state).values(next_cursor=cursor, next_everyday=null()))
        try:
            coming, read = iter(stream), set[str]()
            first = list(islice(coming, terms.SAMPLE))
            everyday = terms.everyday(first)
            with self._changing() as (connection, _now):
                connection.execute(update(state).values(next_everyday=" ".join(sorted(everyday))))
            coming = chain(first, coming)
            while some := list(islice(coming, AT_ONCE)):
                read |= {stemmer_of(document.language) for document in some}
                with self._engine.begin() as connection:
                    rows = [_row(document, everyday) for document in some]
                    # What was applied meanwhile is newer than what the stream read.
                    connection.execute(insert(building).on_conflict_do_nothing(), rows)
            with self._changing() as (connection, now):
                connection.execute(text(tables.PUT_IN_PLACE))
                reached = {"version": tables.VERSION, "cursor": now["next_cursor"], "next_cursor": null()}
                reached["stemmers"] = sorted(read | set(now["stemmers"]))
                reached["everyday"] = now["next_everyday"]
                connection.execute(update(state).values(reached))
        except BaseException:
            with self._changing() as (connection, _now):
                connection.execute(update(state).values(next_cursor=null()))
            raise

    @contextmanager
    def _changing(self) -> Iterator[tuple[Connection, RowMapping]]:
        """One transaction of the only one who changes the index now, and the state as it was before."""
        with _absence_told(), self._engine.begin() as connection:
            yield connection, connection.execute(select(state).with_for_update()).mappings().one()

    @contextmanager
    def _reading(self) -> Iterator[tuple[Connection, Rules]]:
        """Bounded in time, with the rules that stories were cut by; raises IndexUnusable where no index of this version
        is.

        Each statement sees the index as it is when it begins: a snapshot from before the index was put in its place
        would see a table without rows.
        """
        with _absence_told(), self._engine.begin() as connection:
            version, stemmers, everyday, *_bounds = connection.execute(_BOUNDS).one()
            if version != tables.VERSION:
                raise IndexUnusable("there is no index of this version in the database")
            yield connection, Rules(stemmers, frozenset(everyday.split()))


# A plan made for one word is wrong for the next: each gets its own. Vectors lie outside their rows, which the planner
# doesn't count: it would rather read all of them than look the matches up, or those of all days asked for than narrow
# these by the words' own index. So a row costs fifty times what it thinks.
_BOUNDS = select(
    state.c.version,
    state.c.stemmers,
    state.c.everyday,
    func.set_config("statement_timeout", str(AT_MOST_MS), True),
    func.set_config("plan_cache_mode", "force_custom_plan", True),
    func.set_config("jit", "off", True),
    func.set_config("cpu_tuple_cost", "0.5", True),
    *(func.set_config(name, "off", True) for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")),
)


@contextmanager
def _absence_told() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, errors.UndefinedTable | errors.UndefinedColumn | errors.InvalidSchemaName):
            raise IndexUnusable("there is no index in the database") from error
        if isinstance(error.orig, errors.QueryCanceled):
            raise IndexUnusable(f"the search took more than {AT_MOST_MS} ms") from error
        raise


# --- Writing -----------------------------------------------------------------------------------------------


def _replace(
    connection: Connection,
    table: Table,
    changes: Iterable[Document | Removal],
    everyday: str | None,
    *,
    note_removals: bool = False,
) -> None:
    changes, common = list(changes), None if everyday is None else frozenset(everyday.split())
    gone = [one.article for one in changes if note_removals is False or isinstance(one, Document)]
    connection.execute(delete(table).where(table.c.article.in_(gone)))
    rows = [_row(one, common) for one in changes if isinstance(one, Document)]
    if note_removals:
        noted = [one.article for one in changes if isinstance(one, Removal)]
        connection.execute(delete(table).where(table.c.article.in_(noted)))
        rows += [tables.row(article) for article in noted]
    if rows:
        connection.execute(insert(table), rows)


def _stemmers(now: RowMapping, changes: Iterable[Document | Removal]) -> list[str]:
    fresh = {stemmer_of(one.language) for one in changes if isinstance(one, Document)}
    return sorted(fresh.union(now["stemmers"]))


def _row(document: Document, everyday: frozenset[str] | None) -> dict[str, Any]:
    return tables.row(
        document.article,
        document.published_at,
        terms.vector(document, everyday),
        terms.facets(document),
        terms.keywords(document),
        document.revision,
    )


# --- Searching ---------------------------------------------------------------------------------------------


def _matched(query: Query, rules: Rules, exclude: frozenset[str]) -> CTE:
    """Everything that matches, without the vectors, which are large."""
    columns = documents.c.article, documents.c.published, documents.c.facets
    wanted = _within(select(*columns), terms.matching(query, rules), query, exclude)
    return wanted.cte("matched").prefix_with("MATERIALIZED", dialect="postgresql")


def _within(wanted: Select[Any], asked: str, query: Query, exclude: frozenset[str]) -> Select[Any]:
    if asked:
        wanted = wanted.where(documents.c.terms.bool_op("@@")(cast(asked, TSQUERY)))
    if query.since is not None:
        wanted = wanted.where(documents.c.published >= query.since)
    if query.before is not None:
        wanted = wanted.where(documents.c.published < query.before)
    if exclude:
        wanted = wanted.where(documents.c.article != func.all(cast(sorted(exclude), ARRAY(Text))))
    return wanted


def _answer(
    query: Query,
    rules: Rules,
    exclude: frozenset[str],
    now: datetime,
    sort: str,
    offset: int,
    limit: int,
    counted: bool,
) -> CompoundSelect[Any]:
    """Total, one page and, where they are ``counted``, facets in one statement, so that they are of one instant and
    matched once.

    Rows of name, count, published and score: hits have the last two, ``total=`` and ``section=news`` have a count.
    """
    matched, never, nothing = (
        _matched(query, rules, exclude),
        cast(null(), DateTime(timezone=True)),
        cast(null(), Float),
    )
    total = select(literal("total="), func.count(), never, nothing).select_from(matched)
    each = select(func.unnest(matched.c.facets).label("facet")).subquery("each")
    facets = select(each.c.facet, func.count(), never, nothing).group_by(each.c.facet)
    page = _ranked(matched, query, rules, exclude, now, sort, offset + limit).subquery("page")
    order = (page.c.score if sort == "relevance" else page.c.published).desc()
    shown = select(page.c.article, cast(null(), Integer), page.c.published, page.c.score)
    shown = shown.order_by(order, page.c.published.desc(), page.c.article).offset(offset).limit(limit)
    return union_all(total, *[facets] * counted, select(shown.subquery("shown")))


def _ranked(
    matched: CTE,
    query: Query,
    rules: Rules,
    exclude: frozenset[str],
    now: datetime,
    sort: str,
    reach: int,
) -> Select[Any]:
    """The matches with their scores; those that are too many to be ranked, if a page reaches so far, with none."""
    newest_first = (matched.c.published.desc(), matched.c.article)
    asked = terms.ranking(query, rules)
    if sort == "newest" or not asked:
        return select(matched.c.article, matched.c.published, _freshness(now, matched.c.published).label("score"))
    newest = select(matched.c.article, matched.c.published).order_by(*newest_first).limit(RANKED)
    chosen = newest.cte("chosen")
    if close := terms.lacking_one(query, rules):
        near = _within(select(documents.c.article, documents.c.published), close, query, exclude)
        near = near.order_by(documents.c.published.desc(), documents.c.article).limit(RANKED)
        chosen = union(newest, near).cte("chosen")
    words = func.ts_rank(cast(WEIGHTS, ARRAY(REAL)), documents.c.terms, cast(asked, TSQUERY), 1)
    scored = select(
        chosen.c.article, chosen.c.published, (words * _freshness(now, chosen.c.published)).label("score")
    ).join(documents, documents.c.article == chosen.c.article)
    if reach <= RANKED:
        return scored
    older = select(matched.c.article, matched.c.published, literal(0.0)).where(
        matched.c.article.not_in(select(chosen.c.article))
    )
    return select(union_all(scored, older).subquery("ranked"))


def _freshness(now: datetime, published: ColumnElement[datetime]) -> ColumnElement[float]:
    """From 1 for a story of this minute down to 0.4, half the way in thirty days."""
    seconds = cast(func.extract("epoch", literal(now) - published), Float)  # exact numbers take ten times as long
    age = func.greatest(seconds, cast(0, Float)) / cast(86_400 * HALF_LIFE_DAYS, Float)
    return cast(TIMELESS, Float) + cast(FRESH, Float) * func.power(cast(2, Float), -func.least(age, cast(900, Float)))


def _similar(article: str, limit: int) -> Select[Any]:
    """Stories that share the rarest of its keywords."""
    mine = select(func.unnest(documents.c.keywords).label("word")).where(documents.c.article == article).cte("mine")
    carrying = (
        select(func.count())
        .select_from(documents)
        .where(documents.c.keywords.contains(array([mine.c.word])))
        .scalar_subquery()
    )
    all_there_are = select(func.count()).select_from(documents).scalar_subquery()
    counted = select(mine.c.word, carrying.label("n"), all_there_are.label("whole")).cte("counted")
    rarity = func.ln(1 + (counted.c.whole - counted.c.n + 0.5) / (counted.c.n + 0.5)).label("rarity")
    telling = select(counted.c.word, rarity).order_by(rarity.desc(), counted.c.word).limit(TELLING).cte("telling")
    shared = func.sum(telling.c.rarity)
    return (
        select(documents.c.article)
        .join(telling, documents.c.keywords.contains(array([telling.c.word])))
        .where(documents.c.article != article)
        .group_by(documents.c.article)
        .having(func.count() >= SHARED_AT_LEAST)
        .order_by(shared.desc(), documents.c.article)
        .limit(limit)
    )
