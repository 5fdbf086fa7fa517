"""What was read of late, for the newsroom: by article and by section, whether or not it is still on show."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, distinct, func, select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Revision, RevisionSection
from cms.domain.taxonomy.model import Section
from cms.domain.views.model import VisitBucket
from cms.domain.views.windows import window_start


@dataclass(frozen=True)
class Read:
    """An article's visits within the window; ``number`` is its row id, for the other figures."""

    number: int
    id: str
    headline: str
    visits: int


def most_visited(session: Session, window: timedelta, now: datetime, limit: int) -> Sequence[Read]:
    """The articles with the most visits in the window, of equals the newer; one query."""
    visits = func.sum(VisitBucket.visits).label("visits")
    rows = session.execute(
        select(Article.id, Article.public_id, Revision.headline, visits)
        .join(VisitBucket, VisitBucket.article_id == Article.id)
        .join(Revision, and_(Revision.article_id == Article.id, Revision.number == Article.newest))
        .where(VisitBucket.starts_at >= window_start(now, window))
        .group_by(Article.id, Article.public_id, Revision.headline)
        .order_by(visits.desc(), Article.id.desc())
        .limit(limit)
    )
    return [Read(number, public_id, headline, int(count)) for number, public_id, headline, count in rows]


@dataclass(frozen=True)
class SectionRead:
    name: str
    path: str
    visits: int
    articles: int


def by_section(session: Session, window: timedelta, now: datetime) -> Sequence[SectionRead]:
    """Each section's visits in the window, most first; an article in two sections counts in both. One query."""
    visits = func.sum(VisitBucket.visits).label("visits")
    rows = session.execute(
        select(Section.name, Section.path, visits, func.count(distinct(VisitBucket.article_id)))
        .join(RevisionSection, RevisionSection.section_id == Section.id)
        .join(Revision, Revision.id == RevisionSection.revision_id)
        .join(Article, and_(Article.id == Revision.article_id, Article.newest == Revision.number))
        .join(VisitBucket, VisitBucket.article_id == Article.id)
        .where(VisitBucket.starts_at >= window_start(now, window))
        .group_by(Section.id, Section.name, Section.path)
        .order_by(visits.desc(), Section.path)
    )
    return [SectionRead(name, path, int(count), articles) for name, path, count, articles in rows]


def ids_of(session: Session, public_id: str) -> Collection[int]:
    return list(session.scalars(select(Article.id).where(Article.public_id == public_id)))
