"""A large newsroom in a minute: the stories there are, copied row by row, each copy published before those it is of.

Writing a hundred thousand stories by the newsroom's own verbs takes half an hour; what a page reads is the same. What
stands beside stories in life is made up too: lists of related ones, and a week's visits. SQLite only; nothing is
indexed for search.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from bench.newsroom import APART
from cms.db import Base, keep_statistics
from cms.newsroom import Newsroom

COPIED = ("articles", "revisions", "publications", "revision_sections", "revision_tags", "revision_bylines")
STEP = 1_000_000
"""Between an id and the same one of the next copy."""

VISITED = 400
"""Stories that are read at all, the newest; in each of a week's hours by some."""


def grow(newsroom: Newsroom, times: int) -> None:
    """Turn the stories there are into so many times as many, with company and visits."""
    with newsroom.sessions.write_engine.begin() as database:
        stories = database.scalar(text("SELECT count(*) FROM articles")) or 0
        for table in COPIED if times > 1 else ():
            _copy(database, table, times, stories)
        _relate(database)
        _visit(database)
    keep_statistics(newsroom.sessions.write_engine)


def _copy(database: Connection, table: str, times: int, stories: int) -> None:
    columns = [column.name for column in Base.metadata.tables[table].columns]
    minutes = int(APART.total_seconds() // 60) * stories
    back = f"'-' || (copy.again * {minutes}) || ' minutes'"

    def copied(column: str) -> str:
        if column in ("id", "article_id", "revision_id"):
            return f"{column} + copy.again * {STEP}"
        if column == "public_id":
            return "lower(hex(randomblob(8)))"
        if column == "slug":
            return "slug || '-' || copy.again"
        if column == "address_date":
            return f"date(first_live_from, {back})"
        if column in ("live_from", "first_live_from", "created_at", "touched_at"):
            return f"strftime('%Y-%m-%d %H:%M:%f000', {column}, {back})"
        return f'"{column}"'

    database.execute(
        text(
            f"INSERT INTO {table} ({', '.join(columns)}) "
            f"WITH RECURSIVE copy(again) AS (SELECT 1 UNION ALL SELECT again + 1 FROM copy WHERE again < {times - 1}) "
            f"SELECT {', '.join(map(copied, columns))} FROM copy CROSS JOIN {table}"
        )
    )


def _relate(database: Connection) -> None:
    """Eight others beside every story, by its number."""
    database.execute(
        text(
            "INSERT INTO related_articles (article_id, place, other_id) "
            "WITH RECURSIVE place(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n < 7), "
            "story AS (SELECT id, row_number() OVER (ORDER BY id) AS number FROM articles) "
            "SELECT one.id, place.n, other.id FROM place CROSS JOIN story AS one "
            "JOIN story AS other ON other.number = (one.number + 37 * (place.n + 1)) "
            "  % (SELECT count(*) FROM articles) + 1"
        )
    )


def _visit(database: Connection) -> None:
    """A week's visits of the newest stories, and a total for every one."""
    database.execute(text("INSERT INTO visit_totals (article_id, visits) SELECT id, id % 9000 FROM articles"))
    newest = f"(SELECT id FROM articles ORDER BY first_live_from DESC LIMIT {VISITED})"
    database.execute(
        text(
            "INSERT INTO visit_buckets (article_id, starts_at, visits) "
            "WITH RECURSIVE hour(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM hour WHERE n < 166) "
            "SELECT story.id, strftime('%Y-%m-%d %H:00:00.000000', 'now', '-' || hour.n || ' hours'), "
            f"1 + (story.id * 7 + hour.n) % 40 FROM hour CROSS JOIN {newest} AS story"
        )
    )
    database.execute(
        text(
            "INSERT INTO visit_days (article_id, day, visits, uniques, networks) "
            "WITH RECURSIVE day(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM day WHERE n < 6) "
            "SELECT story.id, date('now', '-' || day.n || ' days'), 300, 200, 90 "
            f"FROM day CROSS JOIN {newest} AS story"
        )
    )
