"""Many rows at once: asked for some hundreds at a time, put in place or added up. Both databases word it alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from cms.db import Base

_T = TypeVar("_T")


def in_hundreds(keys: Iterable[_T]) -> Iterator[list[_T]]:
    """The keys in lists short enough for one query."""
    every = list(keys)
    for first in range(0, len(every), 500):
        yield every[first : first + 500]


def replace(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert these rows; one whose key is there takes the new values."""
    _upsert(session, model, rows, add=False)


def add_up(session: Session, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Insert these rows; one whose key is there has the new numbers added to its own."""
    _upsert(session, model, rows, add=True)


def _upsert(session: Session, model: type[Base], rows: Sequence[dict[str, Any]], *, add: bool) -> None:
    if not rows:
        return
    dialect = session.get_bind().dialect.name
    statement: Any = (postgresql if dialect == "postgresql" else sqlite).insert(model)
    table = inspect(model).local_table
    keys = [column.name for column in table.primary_key]
    changed = {
        name: table.c[name] + statement.excluded[name] if add else statement.excluded[name]
        for name in rows[0]
        if name not in keys
    }
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)
