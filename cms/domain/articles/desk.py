"""What staff see of an article: its working copy, its revisions, and what readers see of it, derived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, undefer

from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.errors import NotFound

# What every act asks is built once: building it took longer than asking.
_FOUND = select(Article).where(Article.public_id == bindparam("public_id"))
_FOUND_AND_LOCKED = _FOUND.with_for_update()
_REVISION = (
    select(Revision)
    .where(Revision.article_id == bindparam("article"), Revision.number == bindparam("number"))
    .options(undefer(Revision.body_html))
)
_PUBLICATIONS = (
    select(Publication)
    .where(Publication.article_id == bindparam("article"))
    .order_by(Publication.live_from, Publication.n)
)


def find(session: Session, public_id: str, *, lock: bool = False) -> Article:
    """The article, locked against other writers where the database has row locks. Raises NotFound."""
    article = session.scalar(_FOUND_AND_LOCKED if lock else _FOUND, {"public_id": public_id})
    if article is None:
        raise NotFound("There is no such story")
    return article


def revision(session: Session, article: Article, number: int | None = None) -> Revision:
    """One revision with its text; the newest unless a number is given. Raises NotFound."""
    found = session.scalar(_REVISION, {"article": article.id, "number": number or article.newest})
    if found is None:
        raise NotFound(f"This story has no revision {number}")
    return found


def revisions(session: Session, article: Article, below: int, limit: int) -> Sequence[Revision]:
    """The revisions with a number below this one, newest first, without their texts."""
    wanted = select(Revision).where(Revision.article_id == article.id, Revision.number < below)
    return session.scalars(wanted.order_by(Revision.number.desc()).limit(limit)).all()


def publications(session: Session, article: Article) -> Sequence[Publication]:
    """Every publication of the article, cancelled ones too, in order of their start."""
    return session.scalars(_PUBLICATIONS, {"article": article.id}).all()


def on_show(rows: Sequence[Publication], now: datetime) -> Publication | None:
    """Of one article's publications, the one that readers see at ``now``."""
    for row in rows:
        if row.cancelled_at is None and row.live_from <= now and (row.live_until is None or now < row.live_until):
            return row
    return None


def visibility(rows: Sequence[Publication], newest_revision_id: int, now: datetime) -> str:
    """never, scheduled, live, changed (live with unpublished changes), withdrawn or expired."""
    standing = [row for row in rows if row.cancelled_at is None]
    live = on_show(standing, now)
    if live is not None:
        return "live" if live.revision_id == newest_revision_id else "changed"
    if any(row.live_from > now for row in standing):
        return "scheduled"
    if not standing:
        return "never"
    last = max(standing, key=lambda row: row.live_from)
    return "withdrawn" if last.withdrawn_at is not None else "expired"


def publications_of(session: Session, article_ids: Sequence[int]) -> dict[int, list[Publication]]:
    """The same as ``publications`` for many articles in one query."""
    rows: dict[int, list[Publication]] = defaultdict(list)
    for row in session.scalars(
        select(Publication)
        .where(Publication.article_id.in_(article_ids))
        .order_by(Publication.live_from, Publication.n)
    ):
        rows[row.article_id].append(row)
    return rows
