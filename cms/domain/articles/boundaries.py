"""The instants at which what readers see changes though nobody does anything: a publication begins or ends, or the
right to show a picture does.

A cache asks here what the clock has done since it last looked, and when it must look again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Publication
from cms.domain.articles.picture_use import shown_in
from cms.domain.articles.queries import FOREVER
from cms.domain.articles.touching import touched
from cms.domain.media.model import Media


def next_boundary(session: Session, now: datetime) -> datetime:
    """The first instant after ``now`` at which anything begins or ends; FOREVER if nothing is to."""
    ahead = [
        session.scalar(select(func.min(column)).where(column > now, Publication.cancelled_at.is_(None)))
        for column in (Publication.live_from, Publication.live_until)
    ]
    ahead.append(session.scalar(select(func.min(Media.usable_until)).where(Media.usable_until > now)))
    return min((instant for instant in ahead if instant is not None), default=FOREVER)


def crossed(session: Session, since: datetime, now: datetime) -> frozenset[str]:
    """The cache keys of all that began or ended after ``since`` and up to ``now``."""
    rows = session.execute(
        select(Article.public_id, Publication.revision_id)
        .join(Publication.article)
        .where(
            Publication.cancelled_at.is_(None),
            or_(*((column > since) & (column <= now) for column in (Publication.live_from, Publication.live_until))),
        )
    )
    changed = [(public_id, revision) for public_id, revision in rows]
    for media_id in session.scalars(select(Media.id).where(Media.usable_until > since, Media.usable_until <= now)):
        changed += shown_in(session, media_id, now).items()
    return frozenset().union(*(touched(session, public_id, [revision]) for public_id, revision in changed))
