"""Where the index lies: a schema of its own in the main database, disposable like any other index.

``documents`` is what searches read. ``building`` is there while the next one is made. A story that was removed
meanwhile stands in it without terms, so that the text that is still on its way can't bring it back.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

VERSION = 3
SCHEMA = "copydesk_search"
_metadata = MetaData(schema=SCHEMA)


def _documents(name: str) -> Table:
    return Table(
        name,
        _metadata,
        Column("article", Text, primary_key=True),
        Column("published", DateTime(timezone=True)),
        Column("terms", TSVECTOR),
        Column("facets", ARRAY(Text)),
        Column("keywords", ARRAY(Text)),
        Column("revision", Integer),
    )


documents = _documents("documents")
building = _documents("building")
state = Table(
    "state",
    _metadata,
    Column("one", Boolean, primary_key=True),
    Column("version", Integer),
    Column("cursor", Integer),
    Column("next_cursor", Integer),
    Column("stemmers", ARRAY(Text)),
    Column("everyday", Text),
    Column("next_everyday", Text),
)
"""One row. ``next_cursor``: how far the index under construction has come; null while there is none.

``stemmers``: by whose rules any story in the index was cut, so that a word is looked for under those alone.

``everyday``: the stems, one space between two, of which pairs are in the index. ``next_everyday``: those of the one
under construction, null until they are known; pairs of all words do no harm.
"""

PREPARE = """
    CREATE SCHEMA IF NOT EXISTS copydesk_search;
    CREATE TABLE IF NOT EXISTS copydesk_search.state (
        one boolean PRIMARY KEY CHECK (one), version integer, cursor bigint, next_cursor bigint
    );
    ALTER TABLE copydesk_search.state ADD COLUMN IF NOT EXISTS stemmers text[] NOT NULL DEFAULT '{}';
    ALTER TABLE copydesk_search.state ADD COLUMN IF NOT EXISTS everyday text NOT NULL DEFAULT '';
    ALTER TABLE copydesk_search.state ADD COLUMN IF NOT EXISTS next_everyday text;
    INSERT INTO copydesk_search.state (one) VALUES (true) ON CONFLICT DO NOTHING;
"""
"""Until ``version`` is set there is no index to search."""

BUILD = """
    DROP TABLE IF EXISTS copydesk_search.building;
    CREATE TABLE copydesk_search.building (
        article text PRIMARY KEY, published timestamptz, terms tsvector, facets text[], keywords text[],
        revision integer
    ) WITH (toast_tuple_target = 128);
    ALTER TABLE copydesk_search.building
        ALTER article SET STORAGE PLAIN, ALTER facets SET STORAGE MAIN,
        ALTER terms SET STORAGE EXTERNAL, ALTER keywords SET STORAGE EXTERNAL;
"""
"""What every match is read for stays in its row; vectors, which hardly shrink, and keywords lie outside it as they are,
so that a page holds many rows."""

PUT_IN_PLACE = """
    DELETE FROM copydesk_search.building WHERE terms IS NULL;
    CREATE INDEX ON copydesk_search.building USING gin (terms) WITH (fastupdate = off);
    CREATE INDEX ON copydesk_search.building USING gin (keywords) WITH (fastupdate = off);
    CREATE INDEX ON copydesk_search.building (published DESC, article);
    DROP TABLE IF EXISTS copydesk_search.documents;
    ALTER TABLE copydesk_search.building RENAME TO documents;
    ANALYZE copydesk_search.documents;
"""
"""Index names are left to the database: those of the index before are still taken while this runs."""


def row(
    article: str,
    published: datetime | None = None,
    terms: str | None = None,
    facets: Any = None,
    keywords: Any = None,
    revision: int | None = None,
) -> dict[str, Any]:
    return {
        "article": article,
        "published": published,
        "terms": terms,
        "facets": facets,
        "keywords": keywords,
        "revision": revision,
    }
