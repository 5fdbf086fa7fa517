"""Which stories of an export can't be merged with those here, because a history is never rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles.chain import first_bad_link
from cms.domain.articles.model import Article, Revision
from cms.moving.kinds import BY_NAME
from cms.moving.parcel import Parcel
from cms.moving.rows import unpacked
from cms.moving.tally import Tally


def left_alone(session: Session, parcel: Parcel, tally: Tally) -> frozenset[str]:
    """The public ids of the stories to leave alone; why is noted. Holds one story's revisions at a time."""
    alone = set()
    touched = {row["public_id"]: row["touched_at"] for row in parcel.lines("articles.jsonl")}
    for public_id, rows in groupby(parcel.lines("revisions.jsonl"), key=lambda row: str(row["article_id"])):
        revisions = list(_revisions(rows))
        bad = first_bad_link(public_id, revisions)
        wrong = f"revision {bad} does not verify" if bad else ""
        if public_id not in touched:
            wrong = "its texts are in the export, and the story itself is not"
        if wrong:
            tally.errors.append({"kind": "articles", "row": {"public_id": public_id}, "error": wrong})
        elif why := _differs(session, public_id, revisions, touched[public_id]):
            tally.unsupported.append(f"article {public_id} is left as it is here: {why}")
        else:
            continue
        alone.add(public_id)
    return frozenset(alone)


def _revisions(rows: Iterator[dict[str, Any]]) -> Iterator[Revision]:
    columns = BY_NAME["revisions"].columns
    left = {"article_id", "created_by"}
    for row in rows:
        yield Revision(**{name: unpacked(columns[name], value) for name, value in row.items() if name not in left})


def _differs(session: Session, public_id: str, revisions: list[Revision], touched_at: str) -> str:
    here = session.execute(
        select(Revision.number, Revision.hash, Revision.erased_at, Article.touched_at)
        .join(Article, Article.id == Revision.article_id)
        .where(Article.public_id == public_id)
        .order_by(Revision.number)
    ).all()
    if len(here) > len(revisions) or any(row.touched_at > datetime.fromisoformat(touched_at) for row in here):
        return "it was worked on here since"
    for (number, hash_, erased_at, _at), there in zip(here, revisions, strict=False):
        if hash_ != there.hash:
            return f"revision {number} is another text here"
        if erased_at is not None and there.erased_at is None:
            return f"revision {number} was erased here"
    return ""
