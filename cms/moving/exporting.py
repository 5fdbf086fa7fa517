"""An export: the whole newsroom in one file that any other newsroom can read, byte for byte the same for equal data.

Rows are in the order of what they are known by, and nothing in the file tells when or where it was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from cms.domain.articles.chain import head
from cms.moving import schema
from cms.moving.kinds import BY_NAME, KINDS, POINTED_AT, Kind
from cms.moving.parcel import packing
from cms.moving.rows import packed
from cms.newsroom import Newsroom

FORMAT = "copydesk-export"
_AT_ONCE = 200

Key = tuple[Any, ...]
Tell = Callable[[int], None]


def export(newsroom: Newsroom, path: Path, tell: Tell = lambda _more: None) -> int:
    """Write the export of one instant's state; how many rows. Raises Unusable if nothing can be written there."""
    rows = 0
    with (
        newsroom.sessions.read() as session,
        packing(path, {"format": FORMAT, "schema": schema.newest(), "head": head(session)}) as packer,
    ):
        known = Known(session)
        for kind in KINDS:
            rows += packer.lines(kind.entry, _rows(session, kind, known, tell))
        media = BY_NAME["media"].table
        for (key,) in session.execute(select(media.c.key).order_by(media.c.public_id)):
            content = newsroom.files.get(f"originals/{key}")
            if content is not None:
                packer.content(f"files/originals/{key}", content)
    return rows


class Known:
    """What every row that others point to is known by, from its number."""

    def __init__(self, session: Session) -> None:
        self._keys: dict[str, dict[int, Key]] = {}
        for kind in KINDS:
            if kind.name in POINTED_AT:
                columns = [kind.table.c[name] for name in kind.key]
                found = session.execute(select(kind.table.c.id, *columns))
                self._keys[kind.name] = {row[0]: self.key(kind, row[1:]) for row in found}

    def named(self, kind: str, number: int | None) -> Any:
        """The one value that a row is known by, or all of them in a list."""
        if number is None:
            return None
        key = self._keys[kind][number]
        return key[0] if len(key) == 1 else list(key)

    def numbers(self, kind: str) -> dict[Key, int]:
        """The other way round: the number of each row of this kind, by its key."""
        return {key: number for number, key in self._keys[kind].items()}

    def key(self, kind: Kind, values: Any) -> Key:
        """The key that these values of the key's columns make."""
        told = (
            self.named(kind.points[name], value) if name in kind.points else packed(kind.table.c[name], value)
            for name, value in zip(kind.key, values, strict=True)
        )
        return tuple(tuple(each) if isinstance(each, list) else each for each in told)


def _rows(session: Session, kind: Kind, known: Known, tell: Tell) -> Iterator[dict[str, Any]]:
    """In the order of their keys, of which alone all are held at once; the rows are read some at a time."""
    place = list(kind.table.primary_key)
    keyed = session.execute(select(*place, *(kind.table.c[name] for name in (kind.order, *kind.key) if name)))
    above = 1 if kind.order else 0  # of rows that name others of their kind, those above come first
    order = sorted(
        ((*row[len(place) : len(place) + above], *known.key(kind, row[len(place) + above :])), tuple(row[: len(place)]))
        for row in keyed
    )
    for start in range(0, len(order), _AT_ONCE):
        some = [at for _key, at in order[start : start + _AT_ONCE]]
        found = {tuple(row[column] for column in place): row for row in _found(session, kind, some)}
        for at in some:
            yield _told(kind, found[at], known)
        tell(len(some))


def _found(session: Session, kind: Kind, places: list[Key]) -> Any:
    columns = list(kind.table.primary_key)
    if len(columns) == 1:
        wanted = columns[0].in_([place[0] for place in places])
    else:
        wanted = tuple_(*columns).in_(places)
    return session.execute(select(kind.table).where(wanted)).mappings()


def _told(kind: Kind, row: Any, known: Known) -> dict[str, Any]:
    points = kind.points
    return {
        name: known.named(points[name], row[column]) if name in points else packed(column, row[column])
        for name, column in kind.columns.items()
    }
