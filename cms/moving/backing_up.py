"""A backup: everything that can't be made anew, in one file, taken while the site runs.

The order matters. Visits that wait to be counted are copied first, then one snapshot of the database, then the
files: a view counted in between is in both, and the snapshot knows its segment's name; a picture is stored before
its row, so every row's picture is there. Left out are what can be derived (index, renditions), the signing key, and
the salts that visits are told apart by, which nobody must be able to bring back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from cms.db import Base
from cms.interfaces import Segment
from cms.moving import schema
from cms.moving.parcel import packing
from cms.moving.rows import packed_row
from cms.newsroom import Newsroom

FORMAT = "copydesk-backup"
DERIVED = "renditions/"
Tell = Callable[[int], None]


def how_much(newsroom: Newsroom) -> int:
    """Rows to copy, for a progress bar."""
    with newsroom.sessions.read() as session:
        return sum(session.scalar(select(func.count()).select_from(t)) or 0 for t in Base.metadata.sorted_tables)


def back_up(newsroom: Newsroom, path: Path, tell: Tell = lambda _more: None) -> int:
    """Write the backup; how many rows it holds. Raises Unusable if nothing can be written there."""
    facts = {
        "format": FORMAT,
        "schema": schema.newest(),
        "made_at": newsroom.clock.now().isoformat(timespec="seconds"),
    }
    rows = 0
    with packing(path, facts) as packer:
        for segment in newsroom.views.waiting():
            packer.lines(f"views/{segment.name}.jsonl", _views(segment))
        with newsroom.sessions.read() as session:
            for table in Base.metadata.sorted_tables:
                rows += packer.lines(f"tables/{table.name}.jsonl", _rows(session, table, tell))
        for key in newsroom.files.keys(""):
            content = None if key.startswith(DERIVED) else newsroom.files.get(key)
            if content is not None:
                packer.content(f"files/{key}", content)
    return rows


def _rows(session: Session, table: Table, tell: Tell) -> Iterator[dict[str, Any]]:
    columns = {column.name: column for column in table.columns}
    found = session.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=500))
    for row in found.mappings():
        yield packed_row(columns, row)
        tell(1)


def _views(segment: Segment) -> Iterator[dict[str, Any]]:
    for beat in segment.beats:
        yield {
            "at": beat.at.isoformat(timespec="microseconds"),
            "article": beat.article,
            "view": beat.view,
            "reader": beat.reader,
            "network": beat.network,
            "earlier": beat.earlier,
        }
    for drop in segment.drops:
        yield {"at": drop.at.isoformat(timespec="microseconds"), "reason": drop.reason, "number": drop.number}
