"""``cms import copydesk``: an export merged into a newsroom that goes on serving.

Each row is looked for by what it is known by: created if it isn't there, changed where it differs, left alone
otherwise. So a second run changes nothing, and one that was broken off, however, is finished by running it again.
Some hundred rows go in at a time, through ``reactions.commit``, so that pages and the index follow as they would any
other change.

A history is never rewritten. A story whose revisions differ from those here, that was worked on here since, or whose
text was erased here, is left as it is, with all that belongs to it. Of two counts of visits, the greater holds.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from cms import reactions
from cms.domain.events import Event
from cms.domain.people.staff import SYSTEM
from cms.domain.workflow import erasing
from cms.moving import following
from cms.moving.exporting import Key, Known
from cms.moving.histories import left_alone
from cms.moving.kinds import KINDS, POINTED_AT, Kind
from cms.moving.parcel import Parcel, Unusable
from cms.moving.rows import unpacked
from cms.moving.schema import newest
from cms.moving.sense import refuse_nonsense
from cms.moving.tally import Tally
from cms.newsroom import Newsroom

_AT_ONCE = 200
Tell = Callable[[int], None]


def merge(newsroom: Newsroom, parcel: Parcel, *, dry_run: bool, tell: Tell = lambda _more: None) -> Tally:
    """Bring in what the parcel holds; with ``dry_run`` only say what would come of it."""
    if parcel.manifest.get("schema") != newest():
        raise Unusable(f"This export was made at schema {parcel.manifest.get('schema')}; this version reads {newest()}")
    refuse_nonsense(parcel)
    return _Merge(newsroom, parcel, dry_run, tell).run()


class Unresolved(Exception):
    """A row that this one names isn't here."""


class _Merge:
    def __init__(self, newsroom: Newsroom, parcel: Parcel, dry_run: bool, tell: Tell) -> None:
        self._newsroom, self._parcel, self._dry_run, self._tell = newsroom, parcel, dry_run, tell
        self._tally = Tally()
        self._numbers: dict[str, dict[Key, int]] = {}
        self._made_up = 0  # a dry run's numbers count down from here, where no row has any

    def run(self) -> Tally:
        with self._newsroom.sessions.read() as session:
            known = Known(session)
            self._numbers = {name: known.numbers(name) for name in POINTED_AT}
            self._alone = left_alone(session, self._parcel, self._tally)
        for kind in KINDS:
            lines = self._parcel.lines(kind.entry)
            at_once = 1 if kind.name in kind.points.values() else _AT_ONCE
            while some := list(islice(lines, at_once)):
                self._bring(kind, some)
                self._tell(len(some))
        if not self._dry_run:
            self._erase_again()
        return self._tally

    def _bring(self, kind: Kind, rows: list[dict[str, Any]]) -> None:
        count = self._tally.of(kind.name)
        with self._door() as session:
            batch = _Batch(kind)
            for values in self._resolved(session, kind, rows):
                key = tuple(values[name] for name in kind.key)
                batch.wanted[key] = values
            count.skipped += len(rows) - len(batch.wanted)
            here = _here(session, kind, list(batch.wanted))
            for key, values in batch.wanted.items():
                there = here.get(key)
                if there is None:
                    batch.created.append(values)
                    continue
                values |= {name: max(values[name], there[name]) for name in kind.counts}
                if kind.name == "revisions" or all(there[name] == value for name, value in values.items()):
                    batch.same += 1
                else:
                    batch.changed.append(values)
            count.unchanged += batch.same
            self._write(session, batch)

    def _write(self, session: Session, batch: _Batch) -> None:
        kind, count = batch.kind, self._tally.of(batch.kind.name)
        if self._dry_run:
            count.created += len(batch.created)
            count.changed += len(batch.changed)
            self._make_up(kind, batch.created)
            return
        if not self._put_all(session, kind, batch.created):
            batch.created = [values for values in batch.created if self._put(session, kind, values, new=True)]
        batch.changed = [values for values in batch.changed if self._put(session, kind, values, new=False)]
        count.created += len(batch.created)
        count.changed += len(batch.changed)
        if batch.created or batch.changed:
            self._note_numbers(session, kind, batch.created)
            now = self._newsroom.clock.now()
            events = following.events(session, kind, batch.created, batch.changed, now)
            reactions.commit(session, events, now, self._newsroom.signal)

    def _put_all(self, session: Session, kind: Kind, rows: list[dict[str, Any]]) -> bool:
        """Write new rows together; False, and nothing written, where the database refuses one of them."""
        try:
            with session.begin_nested():
                if rows:
                    session.execute(insert(kind.table), [self._whole(kind, values) for values in rows])
        except (IntegrityError, DataError):
            return False
        return True

    def _whole(self, kind: Kind, values: dict[str, Any]) -> dict[str, Any]:
        """The row with what an export has not got; of a picture, the file first."""
        if kind.name == "media":
            self._file(values["key"])
        if kind.name == "users":
            return {**values, "password": None, "fs_uniquifier": secrets.token_hex(32)}
        return values

    def _put(self, session: Session, kind: Kind, values: dict[str, Any], *, new: bool) -> bool:
        """Write one row, in a savepoint of its own; what the database refuses is skipped and listed."""
        table = kind.table
        try:
            with session.begin_nested():
                if not new:
                    found = _is(kind, [tuple(values[name] for name in kind.key)])
                    session.execute(update(table).where(found).values(values))
                else:
                    session.execute(insert(table), self._whole(kind, values))
        except (IntegrityError, DataError) as refused:
            self._tally.of(kind.name).skipped += 1
            self._refuse(kind, values, str(refused.orig).splitlines()[0])
            return False
        return True

    def _file(self, key: str) -> None:
        content = self._parcel.content(f"files/originals/{key}")
        if content is None:
            note = f"media {key}: the picture's file is not in the export"
            if note not in self._tally.unsupported:
                self._tally.unsupported.append(note)
        else:
            self._newsroom.files.put(f"originals/{key}", content)

    def _refuse(self, kind: Kind, row: dict[str, Any], why: str) -> None:
        told = {name: str(row[name]) for name in kind.key}
        self._tally.errors.append({"kind": kind.name, "row": told, "error": why})

    # --- What rows are known by ----------------------------------------------------------------------------

    def _resolved(self, session: Session, kind: Kind, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The rows as this database would hold them, without those that are not to come in."""
        namesakes = self._namesakes(session, kind, rows)
        for row in rows:
            if row.get("public_id") in namesakes:
                self._take_for(kind, row, namesakes[row["public_id"]])
                continue
            if self._belongs_to_one_left_alone(kind, row):
                continue
            try:
                yield {name: self._value(kind, name, row[name]) for name in kind.columns}
            except Unresolved as unresolved:
                self._refuse(kind, row, f"there is no {unresolved} here")

    def _value(self, kind: Kind, name: str, value: Any) -> Any:
        pointed = kind.points.get(name)
        if pointed is None or value is None:
            return unpacked(kind.table.c[name], value)
        number = self._numbers[pointed].get(_as_key(value))
        if number is None:
            raise Unresolved(f"{pointed} {value}")
        return number

    def _belongs_to_one_left_alone(self, kind: Kind, row: dict[str, Any]) -> bool:
        if kind.name == "articles":
            return row["public_id"] in self._alone
        for name, pointed in kind.points.items():
            if pointed in ("articles", "revisions", "publications") and row[name] is not None:
                return _as_key(row[name])[0] in self._alone
        return False

    def _namesakes(self, session: Session, kind: Kind, rows: list[dict[str, Any]]) -> dict[str, int]:
        """Rows here that bear what one of these would bear too, under another id: numbers by the others' ids."""
        if not kind.alias:
            return {}
        column = kind.table.c[kind.alias]
        borne = {row[kind.alias]: row["public_id"] for row in rows}
        found = session.execute(select(kind.table.c.id, kind.table.c.public_id, column).where(column.in_(borne)))
        return {borne[name]: number for number, public_id, name in found if public_id != borne[name]}

    def _take_for(self, kind: Kind, row: dict[str, Any], number: int) -> None:
        if kind.name in self._numbers:
            self._numbers[kind.name][(row["public_id"],)] = number
        self._tally.unsupported.append(
            f"{kind.name} {row[kind.alias]} is here already under another id, and is taken for the one that is meant"
        )

    def _note_numbers(self, session: Session, kind: Kind, created: list[dict[str, Any]]) -> None:
        if kind.name in self._numbers and created:
            made = _here(session, kind, [tuple(values[name] for name in kind.key) for values in created])
            for key, row in made.items():
                self._numbers[kind.name][self._outside(kind, key)] = row["id"]

    def _make_up(self, kind: Kind, created: list[dict[str, Any]]) -> None:
        if kind.name in self._numbers:
            for values in created:
                self._made_up -= 1
                key = tuple(values[name] for name in kind.key)
                self._numbers[kind.name][self._outside(kind, key)] = self._made_up

    def _outside(self, kind: Kind, key: Key) -> Key:
        """The key as exports write it: of what is pointed at, only articles are part of another's key."""
        if "article_id" not in kind.key:
            return key
        if len(self._articles) != len(self._numbers["articles"]):
            self._articles = {number: key[0] for key, number in self._numbers["articles"].items()}
        return (self._articles[key[0]], *key[1:])

    _articles: dict[int, Any] = {}

    # --- Sessions and what follows -------------------------------------------------------------------------

    def _door(self) -> AbstractContextManager[Session]:
        sessions = self._newsroom.sessions
        return sessions.read() if self._dry_run else sessions.write()

    def _erase_again(self) -> None:
        """What was erased here or there stays erased."""
        now, zone = self._newsroom.clock.now(), self._newsroom.settings.site_timezone
        with self._newsroom.sessions.write() as session:
            again = [erasing.replay(session, SYSTEM, record, now, zone=zone) for record in erasing.records(session)]
            events: list[Event] = [event for event in again if event is not None]
            if events:
                reactions.commit(session, events, now, self._newsroom.signal)


class _Batch:
    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.wanted: dict[Key, dict[str, Any]] = {}
        self.created: list[dict[str, Any]] = []
        self.changed: list[dict[str, Any]] = []
        self.same = 0


def _here(session: Session, kind: Kind, keys: list[Key]) -> dict[Key, Any]:
    if not keys:
        return {}
    found = session.execute(select(kind.table).where(_is(kind, keys))).mappings()
    return {tuple(row[kind.table.c[name]] for name in kind.key): row for row in found}


def _is(kind: Kind, keys: list[Key]) -> Any:
    columns = [kind.table.c[name] for name in kind.key]
    return columns[0].in_([key[0] for key in keys]) if len(columns) == 1 else tuple_(*columns).in_(keys)


def _as_key(value: Any) -> Key:
    return tuple(value) if isinstance(value, list) else (value,)
