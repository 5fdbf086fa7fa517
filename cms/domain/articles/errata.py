"""The paper's corrections, over all stories: those on stories that readers may see now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, literal, select, tuple_
from sqlalchemy.orm import Session, aliased

from cms.db import UTCDateTime
from cms.domain.articles.model import Article, Correction, Publication
from cms.domain.articles.queries import stories, visible
from cms.domain.articles.story import PublicStory, StoryCorrection


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


def errata(session: Session, corrections: Select[Any], now: datetime, article_path: str) -> list[Erratum]:
    """These public corrections, each with its story."""
    wanted = corrections.with_only_columns(Article.public_id, Correction.public_id, maintain_column_froms=True)
    rows = session.execute(wanted).all()
    articles = {article for article, _ in rows}
    shown = stories(session, visible(now).where(Article.public_id.in_(articles)), now, article_path)
    by_id = {note.id: Erratum(note, story) for story in shown for note in story.corrections}
    return [by_id[correction] for _, correction in rows if correction in by_id]
