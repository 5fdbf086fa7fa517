"""What readers may see: one rule, asked by every outlet.

``visible(now)`` is that rule. There is no other: pages, lists, counts, feeds, search, media, the API and the
visit counter all start from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    bindparam,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session, aliased, contains_eager

from cms.db import UTCDateTime
from cms.domain.articles.model import (
    Article,
    Publication,
    Revision,
    RevisionByline,
    RevisionSection,
    RevisionTag,
)
from cms.domain.people.model import Person

FOREVER = datetime.max.replace(tzinfo=UTC)
"""Stands for an end that has not been set."""


NOW: BindParameter[datetime] = bindparam("now", type_=UTCDateTime)
"""Stands for the instant in a statement that is built once and asked often."""


LIMIT = cast(bindparam("limit", type_=Integer), Integer)
"""Stands for how many rows in such a statement. Cast, for SQLite plans a statement anew whenever it is carried out if
its limit is nothing but a bound value, which takes longer than all the rest."""


def visible(now: datetime | BindParameter[datetime]) -> Select[Publication]:
    """The publications on show at ``now``, each with its article and revision: at most one an article."""
    return on_show(now).join(Publication.article).join(Publication.revision)


def on_show(now: datetime | BindParameter[datetime]) -> Select[Publication]:
    """The same rows by themselves, for counting."""
    return select(Publication).where(
        Publication.cancelled_at.is_(None),
        Publication.live_from <= now,
        or_(Publication.live_until.is_(None), Publication.live_until > now),
    )


def begun(now: datetime | BindParameter[datetime]) -> Select[Publication]:
    """Every publication that readers have been able to see, up to ``now``; for history, old slugs and dates."""
    return (
        select(Publication)
        .join(Publication.article)
        .join(Publication.revision)
        .where(Publication.cancelled_at.is_(None), Publication.live_from <= now)
    )


# --- Narrowing and ordering the visible --------------------------------------------------------------------


def newest_first(publications: Select[Publication]) -> Select[Publication]:
    """By first publication, then by id, so that the order never depends on chance."""
    return publications.order_by(Article.first_live_from.desc(), Article.id.desc())


def published_before(publications: Select[Any], at: datetime, public_id: str) -> Select[Any]:
    """Those that ``newest_first`` puts after the article first published at that instant."""
    article_id = select(Article.id).where(Article.public_id == public_id).scalar_subquery()
    place = tuple_(literal(at, UTCDateTime), article_id)
    return publications.where(tuple_(Article.first_live_from, Article.id) < place)


def filed_in(publications: Select[Any], section_ids: Iterable[int] | Select[Any]) -> Select[Any]:
    of_section = select(RevisionSection.revision_id).where(RevisionSection.section_id.in_(section_ids))
    return publications.where(Publication.revision_id.in_(of_section))


def with_tag(publications: Select[Any], tag_id: int) -> Select[Any]:
    of_tag = select(RevisionTag.revision_id).where(RevisionTag.tag_id == tag_id)
    return publications.where(Publication.revision_id.in_(of_tag))


def signed_by(publications: Select[Any], person_id: int | BindParameter[int]) -> Select[Any]:
    """Those that carry this name: by their bylines, or unsigned ones where it is the house's."""
    of_person = select(RevisionByline.revision_id).where(RevisionByline.person_id == person_id)
    is_house = select(Person.id).where(Person.id == person_id, Person.house).exists()
    any_revision = aliased(Revision)
    unsigned = select(any_revision.id).where(is_house, ~signed(any_revision))
    return publications.where(Publication.revision_id.in_(of_person.union_all(unsigned)))


def signed(revision: type[Revision] = Revision) -> ColumnElement[bool]:
    """Whether anybody's name stands on the revision."""
    return select(RevisionByline.person_id).where(RevisionByline.revision_id == revision.id).exists()


def first_published(publications: Select[Any], since: datetime | None, before: datetime | None) -> Select[Any]:
    """First published at or after ``since`` and before ``before``."""
    if since is not None:
        publications = publications.where(Article.first_live_from >= since)
    if before is not None:
        publications = publications.where(Article.first_live_from < before)
    return publications


def how_many(session: Session, publications: Select[Any]) -> int:
    counted = publications.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return session.scalar(counted) or 0


# --- One article -------------------------------------------------------------------------------------------


def visible_until(session: Session, public_id: str, now: datetime) -> datetime | None:
    """When the article stops being visible (FOREVER if no end is set), or None if it isn't visible at ``now``."""
    row = session.execute(
        visible(now).with_only_columns(Publication.live_until).where(Article.public_id == public_id)
    ).first()
    return None if row is None else row[0] or FOREVER


def visible_among(session: Session, public_ids: Sequence[str], now: datetime) -> dict[int, str]:
    """Those of these articles that are visible: the public id of each by its own."""
    rows = session.connection().execute(_AMONG, {"now": now, "public_ids": public_ids})
    return {article_id: public_id for article_id, public_id in rows}  # noqa: C416


_AMONG = (  # built once, since every reader's page asks for its visits
    visible(NOW)
    .where(Article.public_id.in_(bindparam("public_ids", expanding=True)))
    .with_only_columns(Article.id, Article.public_id, maintain_column_froms=True)
)


def at_slug(session: Session, slug: str, now: datetime) -> Sequence[Publication]:
    """The newest begun publication of each article that ever stood at ``slug``: where its address leads now."""
    rows = session.scalars(_AT_SLUG, {"now": now, "slug": slug})
    return list({publication.article_id: publication for publication in rows}.values())


_AT_SLUG = (
    begun(NOW)
    .where(
        Publication.article_id.in_(
            begun(NOW).where(Publication.slug == bindparam("slug")).with_only_columns(Publication.article_id)
        )
    )
    .order_by(Publication.live_from)
    .options(contains_eager(Publication.article))
)
