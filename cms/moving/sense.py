"""Whether the rows of an export make sense, looked at before any of them is taken.

Its seal tells that an export is whole, not who made it. What the tables can't hold, or the newsroom has no word for,
is refused with the name of its entry and the number of its row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from sqlalchemy import JSON

from cms.db import Base
from cms.domain.people import model as people
from cms.domain.workflow import corrections
from cms.moving.kinds import BY_NAME, KINDS, Kind
from cms.moving.parcel import Parcel, Unusable
from cms.moving.rows import Nonsense, refuse_odd, unpacked

_WORDS: dict[tuple[str, str], Collection[str]] = {
    ("users", "role"): people.ROLES,
    ("people", "kind"): people.KINDS,
    ("corrections", "kind"): corrections.KINDS,
}
"""Columns that take one of a few words, which the database itself doesn't know."""


def refuse_nonsense(parcel: Parcel) -> None:
    """Raises Unusable at the first row of any kind that makes none."""
    for kind in KINDS:
        for number, row in enumerate(parcel.lines(kind.entry), start=1):
            try:
                _look_at(kind, row)
            except Nonsense as nonsense:
                raise Unusable(f"{kind.entry}, row {number}: {nonsense}. Nothing was brought in") from None


def _look_at(kind: Kind, row: Any) -> None:
    """A row of an export: as in its table, but for numbers, in whose place stands what the row meant is known by."""
    columns, points, shapes = kind.columns, kind.points, _shapes(kind.name)
    refuse_odd(columns, row)
    for name, column in columns.items():
        value = row[name]
        if name not in points or value is None:
            unpacked(column, value)
        elif not _is_name(value, len(BY_NAME[points[name]].key)):
            raise Nonsense(f"{name} takes what a row of {points[name]} is known by")
        if name in shapes and not _has_shape(value, shapes[name]):
            raise Nonsense(f"{name} holds something else than it may")
        if value not in _WORDS.get((kind.name, name), (value,)):
            raise Nonsense(f"{name} takes one of {', '.join(_WORDS[kind.name, name])}")


def _is_name(value: Any, parts: int) -> bool:
    """What a row of so many parts' key is known by: the one value, or all of them in a list."""
    told = value if isinstance(value, list) and parts > 1 else [value]
    return len(told) == parts and all(type(part) in (str, int) for part in told)


@cache
def _shapes(table: str) -> Mapping[str, Any]:
    """Of a table's columns that hold JSON, what the model says is in it."""
    mapper = next(each for each in Base.registry.mappers if each.local_table.name == table)  # type: ignore[attr-defined]
    hints = get_type_hints(mapper.class_)
    return {
        column.name: get_args(hints[column.name])[0]
        for column in mapper.local_table.columns
        if isinstance(column.type, JSON)
    }


def _has_shape(value: Any, shape: Any) -> bool:
    kind, inner = get_origin(shape), get_args(shape)
    if kind is list:
        return isinstance(value, list) and all(_has_shape(each, inner[0]) for each in value)
    if kind is dict:
        return isinstance(value, dict) and all(_has_shape(each, inner[1]) for each in value.values())
    if is_typeddict(shape):
        fields = get_type_hints(shape)
        return isinstance(value, dict) and all(_has_shape(value.get(name), held) for name, held in fields.items())
    return shape is Any or type(value) is shape
