"""What goes out when: each publication that begins within a span, and each embargo that ends in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles.chain import NAMELESS
from cms.domain.articles.listing import Stories
from cms.domain.articles.model import Article, Publication, Revision


@dataclass(frozen=True)
class Entry:
    """``kind``: published, scheduled or embargo (which ends then). ``n`` names the publication, if it is one."""

    at: datetime
    kind: str
    article: str
    headline: str
    n: int | None = None
    minor: bool = False


@dataclass(frozen=True)
class Elsewhere:
    """A publication to come whose time was given in another zone than the site's: at ``wall_time`` in ``zone``."""

    at: datetime
    wall_time: datetime
    zone: str
    article: str
    headline: str


def set_elsewhere(session: Session, zone: str, now: datetime, limit: int) -> list[Elsewhere]:
    """The soonest publications to come that were scheduled in another zone than this; their instant stays."""
    rows = session.execute(
        select(Publication, Article.public_id, Revision.headline)
        .join(Publication.article)
        .join(Publication.revision)
        .where(Publication.cancelled_at.is_(None), Publication.live_from > now, Publication.zone != zone)
        .order_by(Publication.live_from, Publication.id)
        .limit(limit)
    )
    return [
        Elsewhere(row.live_from, datetime.fromisoformat(row.wall_time), row.zone, article, headline)
        for row, article, headline in rows
        if row.wall_time is not None and row.zone is not None
    ]


def entries(
    session: Session, seen: Stories, since: datetime, before: datetime, now: datetime, limit: int
) -> list[Entry]:
    """The entries of the stories in ``seen`` from ``since`` up to ``before``, in order of time; two queries.

    A publication carries the headline of its own revision, not of the newest.
    """
    articles = seen.with_only_columns(Article.id).order_by(None)
    rows = session.execute(
        select(Publication, Article.public_id, Revision.headline)
        .join(Publication.article)
        .join(Publication.revision)
        .where(
            Publication.cancelled_at.is_(None),
            Publication.live_from >= since,
            Publication.live_from < before,
            Article.id.in_(articles),
        )
        .order_by(Publication.live_from, Publication.id)
        .limit(limit)
    )
    found = [
        Entry(
            row.live_from,
            "scheduled" if row.live_from > now else "published",
            article,
            headline or NAMELESS,
            row.n,
            row.minor,
        )
        for row, article, headline in rows
    ]
    embargoed = session.execute(
        seen.with_only_columns(Article.embargo_until, Article.public_id, Revision.headline)
        .where(Article.embargo_until >= since, Article.embargo_until < before)
        .order_by(None)
        .order_by(Article.embargo_until)
        .limit(limit)
    )
    found += [
        Entry(at, "embargo", article, headline or NAMELESS) for at, article, headline in embargoed if at is not None
    ]
    return sorted(found, key=lambda entry: entry.at)
