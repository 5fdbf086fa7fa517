"""The instants at which what readers see changes though nobody does anything: a publication begins or ends.

A cache asks here what the clock has done since it last looked, and when it must look again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import FOREVER
from cms.domain.articles.touching import touched


def next_boundary(session: Session, now: datetime) -> datetime:
    """The first instant after ``now`` at which a publication begins or ends; FOREVER if none is to."""
    ahead = [
        session.scalar(select(func.min(column)).where(column > now, Publication.cancelled_at.is_(None)))
        for column in (Publication.live_from, Publication.live_until)
    ]
    return min((instant for instant in ahead if instant is not None), default=FOREVER)


def crossed(session: Session, since: datetime, now: datetime) -> frozenset[str]:
    """The cache keys of every publication that began or ended after ``since`` and up to ``now``."""
    rows = session.execute(
        select(Article.public_id, Publication.revision_id)
        .join(Publication.article)
        .where(
            Publication.cancelled_at.is_(None),
            or_(*((column > since) & (column <= now) for column in (Publication.live_from, Publication.live_until))),
        )
    )
    return frozenset().union(*(touched(session, public_id, [revision]) for public_id, revision in rows))
