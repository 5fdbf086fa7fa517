"""What readers may see: one rule, asked by every outlet, and the stories it yields.

``visible(now)`` is that rule. There is no other: pages, lists, counts, feeds, search, media, the API and the
visit counter all start from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, Select, bindparam, func, literal, or_, select, tuple_
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


NOW: BindParameter[datetime] = bindparam("now", type_=UTCDateTime)
"""Stands for the instant in a statement that is built once and asked often."""


def visible(now: datetime | BindParameter[datetime]) -> Select[Publication]:
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


def in_sections(publications: Select[Any], section_ids: Iterable[int] | Select[Any]) -> Select[Any]:
    of_section = select(RevisionSection.revision_id).where(RevisionSection.section_id.in_(section_ids))
    return publications.where(Publication.revision_id.in_(of_section))


def nearest_in_sections(
    session: Session,
    now: datetime,
    section_ids: Sequence[int],
    limit: int,
    *,
    without: Iterable[int] = (),
    before: datetime | None = None,
    after: datetime | None = None,
) -> list[Publication]:
    """The newest visible stories of these sections: of all, or of those first published at ``before`` or earlier.
    With ``after``, the oldest of those first published later. ``without`` are article ids.

    A database that is asked for the newest of a section sorts everything the section holds. So the newest articles
    are walked in their order first, past those of other sections; a section with none among them is rarely asked for.
    """
    edge, near, anywhere = _nearest(forward=after is not None)
    given: dict[str, Any] = {"now": now, "sections": section_ids, "without": list(without), "limit": limit}
    given["start"] = after or before or FOREVER
    found = list(session.scalars(near, given))
    if len(found) == limit or session.connection().execute(edge, {"start": given["start"]}).first() is None:
        return found  # enough, or none lies beyond
    return list(session.scalars(anywhere, given))


@cache
def _nearest(*, forward: bool) -> tuple[Select[Any], Select[Any], Select[Any]]:
    """How far is walked, what is near, and what is anywhere; built once, since every page asks."""
    other, start = aliased(Article), bindparam("start", type_=UTCDateTime)
    sections: BindParameter[Any] = bindparam("sections", expanding=True)
    without: BindParameter[Any] = bindparam("without", expanding=True)

    def ordered(wanted: Select[Any], article: type[Article]) -> Select[Any]:
        first, number = article.first_live_from, article.id
        if forward:
            return wanted.where(first > start).order_by(first, number)
        return wanted.where(first <= start).order_by(first.desc(), number.desc())

    edge = ordered(select(other.first_live_from), other).offset(_NEAR).limit(1)
    wanted = ordered(visible(NOW).where(Article.id.not_in(without)), Article).limit(bindparam("limit", type_=Integer))
    wanted = wanted.options(contains_eager(Publication.article), contains_eager(Publication.revision))
    last = func.coalesce(edge.scalar_subquery(), literal(FOREVER if forward else _EVER, UTCDateTime))
    in_one = select(RevisionSection.revision_id).where(
        RevisionSection.revision_id == Publication.revision_id,
        (RevisionSection.section_id + 0).in_(sections),  # + 0: not by the section's index
    )
    is_near = Article.first_live_from <= last if forward else Article.first_live_from >= last
    in_any = select(RevisionSection.revision_id).where(RevisionSection.section_id.in_(sections))
    return edge, wanted.where(is_near, in_one.exists()), wanted.where(Publication.revision_id.in_(in_any))


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
