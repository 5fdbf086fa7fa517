"""A database row as JSON holds it, the same whichever database it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, Integer, String

from cms.db import UTCDateTime

_LARGEST = 2**63 - 1


class Nonsense(ValueError):
    """What its column can't hold; the message names the column, and says what it takes."""


def packed(column: Column[Any], value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) and isinstance(column.type, Date) else value


def unpacked(column: Column[Any], value: Any) -> Any:
    """The value as the database takes it. Raises Nonsense for what is of another type; what is merely too long or
    out of place the database refuses itself."""
    if value is None:
        if not column.nullable:
            raise Nonsense(f"{column.name} is missing")
        return None
    if isinstance(column.type, UTCDateTime):
        return _instant(column, value)
    if isinstance(column.type, Date):
        return _date(column, value)
    takes = next((said for kind, held, said in _TAKEN if isinstance(column.type, kind) and not held(value)), None)
    if takes is not None:
        raise Nonsense(f"{column.name} takes {takes}")
    return value


_TAKEN: tuple[tuple[type, Any, str], ...] = (
    (String, lambda value: isinstance(value, str), "a text"),
    (Boolean, lambda value: isinstance(value, bool), "true or false"),
    (Integer, lambda value: type(value) is int and abs(value) <= _LARGEST, "a whole number"),
    (Float, lambda value: type(value) in (int, float) and abs(value) <= _LARGEST, "a number"),
)
"""Of each kind of column, whether it holds a value, and what it takes."""


def _instant(column: Column[Any], value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None and found.astimezone(UTC):
            return found
    except (TypeError, ValueError, OverflowError):
        pass
    raise Nonsense(f"{column.name} takes a time with its zone")


def _date(column: Column[Any], value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Nonsense(f"{column.name} takes a date") from None


def packed_row(columns: Mapping[str, Column[Any]], row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: packed(column, row[column]) for name, column in columns.items()}


def unpacked_row(columns: Mapping[str, Column[Any]], row: Any) -> dict[str, Any]:
    """Raises Nonsense."""
    refuse_odd(columns, row)
    return {name: unpacked(columns[name], value) for name, value in row.items()}


def refuse_odd(columns: Mapping[str, Column[Any]], row: Any) -> None:
    """Raise Nonsense for what doesn't hold each of these columns and nothing else."""
    if not isinstance(row, dict):
        raise Nonsense("it is no object")
    for name in sorted(row.keys() ^ columns.keys()):
        raise Nonsense(f"{name[:40]} is missing" if name in columns else f"{name[:40]} is no column of these")
