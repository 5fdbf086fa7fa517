"""What readers may see: one rule, asked by every outlet, and the stories it yields.

``visible(now)`` is that rule. There is no other: pages, lists, counts, feeds, search, media, the API and the
visit counter all start from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased, contains_eager, undefer

from cms.db import UTCDateTime
from cms.domain import addresses
from cms.domain.articles.attached import corrections_of, images_of, last_moved, names_of
from cms.domain.articles.body_pictures import without_ended
from cms.domain.articles.model import (
    Article,
    Publication,
    Revision,
    RevisionByline,
    RevisionSection,
    RevisionTag,
)
from cms.domain.articles.story import PublicStory
from cms.domain.people.model import Person

FOREVER = datetime.max.replace(tzinfo=UTC)
"""Stands for an end that has not been set."""

_EVER = datetime.min.replace(tzinfo=UTC)
_NEAR = 300
"""Articles that are walked in the hope of finding a section's."""


def visible(now: datetime) -> Select[Publication]:
    """The publications on show at ``now``, each with its article and revision: at most one an article."""
    return (
        select(Publication)
        .join(Publication.article)
        .join(Publication.revision)
        .where(
            Publication.cancelled_at.is_(None),
            Publication.live_from <= now,
            or_(Publication.live_until.is_(None), Publication.live_until > now),
        )
    )


def begun(now: datetime) -> Select[Publication]:
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


def in_sections(publications: Select[Any], section_ids: Iterable[int] | Select[Any]) -> Select[Any]:
    of_section = select(RevisionSection.revision_id).where(RevisionSection.section_id.in_(section_ids))
    return publications.where(Publication.revision_id.in_(of_section))


def nearest_in_sections(
    session: Session,
    publications: Select[Any],
    section_ids: Iterable[int] | Select[Any],
    limit: int,
    *,
    before: datetime | None = None,
    after: datetime | None = None,
) -> list[Publication]:
    """The newest of these sections' stories: of all, or of those first published at ``before`` or earlier. With
    ``after``, the oldest of those first published later. Articles and revisions come with them.

    A database that is asked for the newest of a section sorts everything the section holds. So the newest articles
    are walked in their order first, past those of other sections; a section with none among them is rarely asked for.
    """
    first, other = Article.first_live_from, aliased(Article)
    order = (first, Article.id) if after else (first.desc(), Article.id.desc())
    if after is not None:
        publications = publications.where(first > after)
    elif before is not None:
        publications = publications.where(first <= before)
    wanted = publications.order_by(*order).limit(limit)
    wanted = wanted.options(contains_eager(Publication.article), contains_eager(Publication.revision))

    edge = select(other.first_live_from).offset(_NEAR).limit(1)
    if after is not None:
        edge = edge.where(other.first_live_from > after).order_by(other.first_live_from, other.id)
        is_near = first <= func.coalesce(edge.scalar_subquery(), literal(FOREVER, UTCDateTime))
    else:
        edge = edge.order_by(other.first_live_from.desc(), other.id.desc())
        edge = edge if before is None else edge.where(other.first_live_from <= before)
        is_near = first >= func.coalesce(edge.scalar_subquery(), literal(_EVER, UTCDateTime))
    in_one = select(RevisionSection.revision_id).where(
        RevisionSection.revision_id == Publication.revision_id,
        (RevisionSection.section_id + 0).in_(section_ids),  # + 0: not by the section's index
    )
    found = list(session.scalars(wanted.where(is_near, in_one.exists())))
    if len(found) == limit or session.scalar(edge) is None:  # none lies beyond
        return found
    return list(session.scalars(in_sections(wanted, section_ids)))


def tagged(publications: Select[Any], tag_id: int) -> Select[Any]:
    of_tag = select(RevisionTag.revision_id).where(RevisionTag.tag_id == tag_id)
    return publications.where(Publication.revision_id.in_(of_tag))


def signed_by(publications: Select[Any], person_id: int) -> Select[Any]:
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


def at_slug(session: Session, slug: str, now: datetime) -> Sequence[Publication]:
    """The newest begun publication of each article that ever stood at ``slug``: where its address leads now."""
    owners = begun(now).where(Publication.slug == slug).with_only_columns(Publication.article_id)
    newest: dict[int, Publication] = {}
    rows = begun(now).where(Publication.article_id.in_(owners)).order_by(Publication.live_from)
    for publication in session.scalars(rows.options(contains_eager(Publication.article))):
        newest[publication.article_id] = publication
    return list(newest.values())


# --- Stories -----------------------------------------------------------------------------------------------


def stories(
    session: Session,
    publications: Select[Publication],
    now: datetime,
    article_path: str,
    *,
    body: bool = False,
) -> list[PublicStory]:
    """The stories that these publications show, in their order, in the same few queries for one or for fifty.

    ``article_path`` is the pattern of CMS_ARTICLE_PATH. Without ``body`` the text itself isn't loaded.
    """
    eager = contains_eager(Publication.revision)
    rows = session.scalars(
        publications.options(
            contains_eager(Publication.article), eager.options(undefer(Revision.body_html)) if body else eager
        )
    ).all()
    return present(session, rows, now, article_path, body=body)


def present(
    session: Session, rows: Sequence[Publication], now: datetime, article_path: str, *, body: bool
) -> list[PublicStory]:
    """PublicStories for publications already loaded with their article and revision; with ``body``, the text of
    those revisions that were loaded with it."""
    if not rows:
        return []
    revision_ids = [row.revision_id for row in rows]
    article_ids = [row.article_id for row in rows]
    names = names_of(session, revision_ids)
    images = images_of(session, {row.revision.lead_image for row in rows if row.revision.lead_image}, now)
    corrections = corrections_of(session, article_ids, now)
    moved = last_moved(session, article_ids, now)
    loaded = {row.revision_id: row.revision.body_html for row in rows if body and "body_html" in row.revision.__dict__}
    bodies = without_ended(session, loaded, now)
    told = []
    for row in rows:
        article, revision = row.article, row.revision
        assert article.first_live_from is not None
        assert article.address_date is not None
        notes = tuple(note for start, note in corrections[article.id] if start <= row.live_from)
        modified_at = max([moved[article.id], *(note.published_at for note in notes)])
        told.append(
            PublicStory(
                id=article.public_id,
                revision=revision.number,
                path=addresses.article(article_path, article.address_date, row.slug),
                slug=row.slug,
                language=revision.language,
                headline=revision.headline,
                standfirst=revision.standfirst,
                key_points=tuple(revision.key_points),
                body_html=bodies.get(revision.id, ""),
                bylines=tuple(names[revision.id].people),
                sections=tuple(names[revision.id].sections),
                tags=tuple(names[revision.id].tags),
                lead_image=images.get(revision.lead_image or ""),
                published_at=article.first_live_from,
                modified_at=modified_at,
                live_until=row.live_until,
                corrections=notes,
                seo=revision.seo,
            )
        )
    return told


def printed(
    session: Session,
    article: Article,
    revision: Revision,
    *,
    path: str,
    published_at: datetime,
    modified_at: datetime,
) -> PublicStory:
    """A revision as it would be printed, for a preview; it need not be public, so no outlet may give it on."""
    names = names_of(session, [revision.id])[revision.id]
    return PublicStory(
        id=article.public_id,
        revision=revision.number,
        path=path,
        slug=revision.slug,
        language=revision.language,
        headline=revision.headline,
        standfirst=revision.standfirst,
        key_points=tuple(revision.key_points),
        body_html=revision.body_html,
        bylines=tuple(names.people),
        sections=tuple(names.sections),
        tags=tuple(names.tags),
        lead_image=images_of(session, {revision.lead_image or ""}, None).get(revision.lead_image or ""),
        published_at=published_at,
        modified_at=modified_at,
        live_until=None,
        corrections=(),
        seo=revision.seo,
    )
