"""Clearing away what an upload that was broken off left behind: a stored file that no row names."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.media.model import Media
from cms.domain.media.uploading import original
from cms.interfaces import FileStore


def sweep(session: Session, store: FileStore, seen_before: frozenset[str]) -> frozenset[str]:
    """Delete the originals that no row names now and none named the last time; return those to look at next.

    A file is stored moments before its row, so one sighting proves nothing. Call it at most hourly, and hand
    each call what the one before it returned (at first, nothing).
    """
    recorded = frozenset(session.scalars(select(Media.key)))
    start = original("")
    unnamed = frozenset(key.removeprefix(start) for key in store.keys(start)) - recorded
    for key in unnamed & seen_before:
        store.delete(original(key))
    return unnamed - seen_before
