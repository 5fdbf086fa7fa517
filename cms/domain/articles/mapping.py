"""Every story's address with when it last changed, for those who want to know of all there is: no texts are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from cms.domain import addresses
from cms.domain.articles.model import (
    Article,
    Correction,
    Publication,
    Revision,
    RevisionByline,
    RevisionSection,
    RevisionTag,
)
from cms.domain.articles.queries import visible
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section, Tag


@dataclass(frozen=True)
class Place:
    path: str
    modified_at: datetime | None = None


def story_places(session: Session, now: datetime, article_path: str, *, offset: int, limit: int) -> list[Place]:
    """The visible stories, oldest first so that a part once full stays as it is, but for those that ask search
    engines to look away or elsewhere. One query; ``modified_at`` is the one that the story's page shows."""
    wanted = visible(now).with_only_columns(
        Article.address_date, Publication.slug, Revision.seo, _moved(now), _corrected(now), maintain_column_froms=True
    )
    rows = session.execute(wanted.order_by(Article.first_live_from, Article.id).offset(offset).limit(limit))
    return [
        Place(addresses.article(article_path, day, slug), max(filter(None, (moved, corrected))))
        for day, slug, seo, moved, corrected in rows
        if day and not seo.get("noindex") and not seo.get("canonical_url")
    ]


def list_places(session: Session, now: datetime, limit: int) -> list[Place]:
    """The lists that hold something: sections, then authors and tags of visible stories."""
    shown = visible(now).with_only_columns(Publication.revision_id)
    people = select(RevisionByline.person_id).where(RevisionByline.revision_id.in_(shown))
    tags = select(RevisionTag.tag_id).where(RevisionTag.revision_id.in_(shown))
    filed = select(RevisionSection.section_id).where(RevisionSection.revision_id.in_(shown))
    found: list[Place] = []
    with_stories: Sequence[tuple[Select[Any], Any]] = (
        (select(Section.path).where(Section.id.in_(filed)).order_by(Section.path), addresses.section),
        (select(Person.slug).where(Person.id.in_(people)).order_by(Person.slug), addresses.author),
        (select(Tag.slug).where(Tag.id.in_(tags), Tag.internal.is_(False)).order_by(Tag.slug), addresses.tag),
    )
    for rows, address in with_stories:
        found += [Place(address(name)) for name in session.scalars(rows.limit(limit - len(found)))]
    return found


def _moved(now: datetime) -> Any:
    """When the newest begun publication that isn't minor began; the first counts whatever it was called."""
    begun = aliased(Publication)
    return (
        select(func.max(begun.live_from))
        .where(
            begun.article_id == Article.id,
            begun.cancelled_at.is_(None),
            begun.live_from <= now,
            or_(begun.minor.is_(False), and_(begun.live_from == Article.first_live_from)),
        )
        .correlate(Article)
        .scalar_subquery()
    )


def _corrected(now: datetime) -> Any:
    """When the newest public correction of what is on show was made."""
    corrected = aliased(Publication)
    return (
        select(func.max(Correction.published_at))
        .join(corrected, corrected.id == Correction.publication_id)
        .where(
            Correction.article_id == Article.id,
            Correction.published_at <= now,
            corrected.live_from <= Publication.live_from,
        )
        .correlate(Article, Publication)
        .scalar_subquery()
    )
