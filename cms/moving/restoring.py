"""A backup brought back: into an empty place, in one transaction, or not at all.

It goes in at the schema that it was taken at and is then brought up to date by the ordinary migrations, so a backup
of any age can be restored. What was erased since it was taken is erased again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, MetaData, Table, func, insert, inspect, select, text, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from cms import reactions
from cms.db import Base, UTCDateTime
from cms.domain.articles.chain import first_bad_link
from cms.domain.articles.model import Article, Revision
from cms.domain.errors import Conflict
from cms.domain.events import Event
from cms.domain.people.staff import SYSTEM
from cms.domain.views import rollup
from cms.domain.workflow import erasing
from cms.interfaces import Beat, Drop, Segment
from cms.moving import schema
from cms.moving.backing_up import FORMAT
from cms.moving.parcel import Parcel, Unusable, opened
from cms.moving.rows import Nonsense, unpacked_row
from cms.newsroom import Newsroom

Tell = Callable[[int], None]
_AT_ONCE = 500


@dataclass(frozen=True)
class Restored:
    rows: int
    files: int
    visits: int
    """Counted now, of those that had waited when the backup was taken."""
    erased: int


def restore(
    newsroom: Newsroom, path: Path, erasures: Iterable[Mapping[str, Any]] = (), tell: Tell = lambda _more: None
) -> Restored:
    """Bring a backup back. ``erasures`` are those of ``erasing.records`` kept outside of it.

    Raises Unusable for a file that isn't whole, isn't a backup or is of a newer version; Conflict where there is
    anything already. Then nothing has been written.
    """
    with usable(path) as parcel:
        return bring_back(newsroom, parcel, erasures, tell)


@contextmanager
def usable(path: Path) -> Iterator[Parcel]:
    """A backup that was found whole. Raises Unusable; so it can be asked for before anything is made for it."""
    with opened(path, FORMAT) as parcel:
        if not schema.knows(str(parcel.manifest.get("schema"))):
            raise Unusable(f"{path} was made by a newer version: its schema is {parcel.manifest.get('schema')}")
        yield parcel


def bring_back(newsroom: Newsroom, parcel: Parcel, erasures: Iterable[Mapping[str, Any]], tell: Tell) -> Restored:
    now, zone = newsroom.clock.now(), newsroom.settings.site_timezone
    with newsroom.sessions.write() as session:
        connection = session.connection()
        _refuse_unless_empty(connection)
        schema.set_to(connection, parcel.manifest["schema"])
        rows = _fill(connection, parcel, tell)
        schema.set_to(connection, schema.newest())
        _set_sequences(connection)
        _verify(session)
        files = _files(newsroom, parcel)
        visits = rollup.count(session, _waiting(parcel), now, zone)
        events = list(_erase_again(session, [*erasing.records(session), *erasures], now, zone))
        after = {"made_at": parcel.manifest.get("made_at"), "rows": rows, "files": files}
        restored = Event("restore", SYSTEM, "site:backup", after=after)
        reactions.commit(session, [restored, *events], now, newsroom.signal)
    return Restored(rows, files, visits, len(events))


def _refuse_unless_empty(connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())
    for table in Base.metadata.sorted_tables:
        if table.name in there and connection.execute(text(f"SELECT 1 FROM {table.name} LIMIT 1")).first():  # noqa: S608
            raise Conflict(
                f"There is a newsroom here already (table {table.name} holds rows): a backup is restored into an empty "
                "place, such as a new data folder or a new database",
                code="not_empty",
            )


# --- Rows --------------------------------------------------------------------------------------------------


def _fill(connection: Connection, parcel: Parcel, tell: Tell) -> int:
    """Insert every row, each table after those it points to. The tables are described by the database itself: at an
    older schema they are not those that the code knows."""
    described = MetaData()
    described.reflect(connection)
    rows = 0
    for table in described.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, DateTime):
                column.type = UTCDateTime()
        entry = f"tables/{table.name}.jsonl"
        for some in _in_hundreds(_sensible(table, parcel, entry)):
            with _taken(entry):
                connection.execute(insert(table), some)
            rows += len(some)
            tell(len(some))
        with _taken(entry):
            _point_within(connection, table, parcel)
    return rows


@contextmanager
def _taken(entry: str) -> Iterator[None]:
    try:
        yield
    except (IntegrityError, DataError) as refused:
        why = str(refused.orig).splitlines()[0]
        raise Unusable(f"{entry} holds what the database refuses: {why}. Nothing was written") from None


def _sensible(table: Table, parcel: Parcel, entry: str) -> Iterator[dict[str, Any]]:
    """The rows as the database takes them. A seal tells that a backup is whole, not that its rows make sense."""
    columns = {column.name: column for column in table.columns}
    within = dict.fromkeys(_within(table))
    for number, row in enumerate(parcel.lines(entry), start=1):
        try:
            yield unpacked_row(columns, row) | within
        except Nonsense as nonsense:
            raise Unusable(f"{entry}, row {number}: {nonsense}. Nothing was written") from None


def _point_within(connection: Connection, table: Table, parcel: Parcel) -> None:
    """Rows that point to rows of their own table do so only once all of them are there."""
    for name in _within(table):
        for row in parcel.lines(f"tables/{table.name}.jsonl"):
            if row[name] is not None:
                connection.execute(update(table).where(table.c.id == row["id"]).values({name: row[name]}))


def _within(table: Table) -> set[str]:
    return {key.parent.name for key in table.foreign_keys if key.column.table is table}


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL numbers on from where the sequence stands, whatever rows came in with numbers of their own."""
    if connection.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        for column in table.primary_key:
            named = {"table": table.name, "column": column.name}
            sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:table, :column)"), named)
            highest = connection.scalar(select(func.max(column))) if sequence else None
            if highest:
                connection.execute(
                    text("SELECT setval(:sequence, :highest)"), {"sequence": sequence, "highest": highest}
                )


def _in_hundreds(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while some := list(islice(rows, _AT_ONCE)):
        yield some


# --- What follows ------------------------------------------------------------------------------------------


def _verify(session: Session) -> None:
    for article_id, public_id in session.execute(select(Article.id, Article.public_id).order_by(Article.id)).all():
        revisions = session.scalars(
            select(Revision).where(Revision.article_id == article_id).order_by(Revision.number)
        ).all()
        bad = first_bad_link(public_id, revisions)
        if bad is not None:
            raise Unusable(f"Article {public_id}: revision {bad} does not verify; the history was changed by hand")
        session.expunge_all()


def _files(newsroom: Newsroom, parcel: Parcel) -> int:
    keys = parcel.names("files/")
    for key in keys:
        newsroom.files.put(key, parcel.content(f"files/{key}") or b"")
    return len(keys)


def _waiting(parcel: Parcel) -> rollup.Batch:
    """The views that were acknowledged and not counted; of a segment counted since, the rows know the name."""
    names = [name.removesuffix(".jsonl") for name in parcel.names("views/")]
    segments = tuple(_segment(name, list(parcel.lines(f"views/{name}.jsonl"))) for name in names)
    return rollup.Batch(segments, frozenset(names))


def _segment(name: str, lines: list[dict[str, Any]]) -> Segment:
    try:
        timed = [{**line, "at": datetime.fromisoformat(line["at"])} for line in lines]
        beats = tuple(Beat(**line) for line in timed if "view" in line)
        drops = tuple(Drop(**line) for line in timed if "view" not in line)
    except (TypeError, KeyError, ValueError):
        raise Unusable(f"views/{name}.jsonl holds what is no visit. Nothing was written") from None
    return Segment(name, beats, drops)


def _erase_again(session: Session, records: Iterable[Mapping[str, Any]], now: datetime, zone: Any) -> Iterator[Event]:
    for record in records:
        event = erasing.replay(session, SYSTEM, record, now, zone=zone)
        if event is not None:
            yield event
