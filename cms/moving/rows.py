"""A database row as JSON holds it, the same whichever database it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date

from cms.db import UTCDateTime


def packed(column: Column[Any], value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) and isinstance(column.type, Date) else value


def unpacked(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UTCDateTime):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if isinstance(column.type, Date) else value


def packed_row(columns: Mapping[str, Column[Any]], row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: packed(column, row[column]) for name, column in columns.items()}
