"""The paper's corrections, over all stories: those on stories that readers may see now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session, aliased

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


def errata(session: Session, now: datetime, article_path: str, *, offset: int, limit: int) -> list[Erratum]:
    """One page of corrections, each with its story."""
    wanted = public_corrections(now).with_only_columns(
        Article.public_id, Correction.public_id, maintain_column_froms=True
    )
    rows = session.execute(wanted.offset(offset).limit(limit)).all()
    articles = {article for article, _ in rows}
    shown = stories(session, visible(now).where(Article.public_id.in_(articles)), now, article_path)
    by_id = {note.id: Erratum(note, story) for story in shown for note in story.corrections}
    return [by_id[correction] for _, correction in rows if correction in by_id]
