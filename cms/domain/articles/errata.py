"""The paper's corrections, over all stories: those on stories that readers may see now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from cms.db import UTCDateTime
from cms.domain.articles.model import Article, Correction, Publication, Revision
from cms.domain.articles.queries import visible
from cms.domain.articles.reading import stories
from cms.domain.articles.story import PublicStory, StoryCorrection
from cms.domain.people.model import User


@dataclass(frozen=True)
class Erratum:
    correction: StoryCorrection
    story: PublicStory


def public_corrections(now: datetime) -> Select[Any]:
    """Publications, one row for each public correction of theirs, the newest correction first."""
    corrected = aliased(Publication)
    return (
        visible(now)
        .join(Correction, Correction.article_id == Publication.article_id)
        .join(corrected, corrected.id == Correction.publication_id)
        .where(corrected.live_from <= Publication.live_from, Correction.published_at <= now)
        .order_by(Correction.published_at.desc(), Correction.id.desc())
    )


def corrections_before(corrections: Select[Any], at: datetime, public_id: str) -> Select[Any]:
    """Those that come after the correction made public at that instant."""
    correction_id = select(Correction.id).where(Correction.public_id == public_id).scalar_subquery()
    place = tuple_(literal(at, UTCDateTime), correction_id)
    return corrections.where(tuple_(Correction.published_at, Correction.id) < place)


@dataclass(frozen=True)
class Filed:
    """A correction as the desk lists it, whether or not readers can see its story now."""

    correction: Correction
    article: str
    headline: str
    by: str | None


def filed(session: Session, *, article: Article | None = None, before: int | None = None, limit: int) -> list[Filed]:
    """Corrections of one story or of all, newest first; ``before`` is the ``id`` of the last one already shown."""
    wanted = (
        select(Correction, Article.public_id, Revision.headline, User.name)
        .join(Article, Article.id == Correction.article_id)
        .join(Revision, and_(Revision.article_id == Article.id, Revision.number == Article.newest))
        .outerjoin(User, User.id == Correction.created_by)
        .order_by(Correction.id.desc())
        .limit(limit)
    )
    if article is not None:
        wanted = wanted.where(Correction.article_id == article.id)
    if before is not None:
        wanted = wanted.where(Correction.id < before)
    return [Filed(*row) for row in session.execute(wanted)]


def errata(session: Session, corrections: Select[Any], now: datetime, article_path: str) -> list[Erratum]:
    """These public corrections, each with its story."""
    wanted = corrections.with_only_columns(Article.public_id, Correction.public_id, maintain_column_froms=True)
    rows = session.execute(wanted).all()
    articles = {article for article, _ in rows}
    shown = stories(session, visible(now).where(Article.public_id.in_(articles)), now, article_path)
    by_id = {note.id: Erratum(note, story) for story in shown for note in story.corrections}
    return [by_id[correction] for _, correction in rows if correction in by_id]
