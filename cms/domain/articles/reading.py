"""Reading for readers: rows of what is on show, and the stories made of them.

Pages and feeds are made of these few statements, so they are asked for columns, never for objects: making entities of
rows takes longer than the database needs to find them. A statement that pages ask for often is built once, with
``NOW`` in the instant's place; building it anew would take longer still.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from cms.domain import addresses
from cms.domain.articles.attached import corrections_of, images_of, names_of
from cms.domain.articles.body import word_count
from cms.domain.articles.body_pictures import without_ended
from cms.domain.articles.model import Article, Correction, Publication, Revision
from cms.domain.articles.queries import NOW, visible
from cms.domain.articles.story import PublicStory, StoryLink
from cms.domain.articles.translations import ArticleTranslation


class Shown(NamedTuple):
    """A publication on show, with what a page tells of its article and revision. Nobody outside the domain renders
    this: ``present`` makes a PublicStory of it."""

    id: int
    article_id: int
    revision_id: int
    public_id: str
    number: int
    slug: str
    language: str
    headline: str
    standfirst: str
    key_points: list[str]
    lead_image: str | None
    seo: dict[str, Any]
    first_live_from: datetime
    address_date: date
    live_from: datetime
    live_until: datetime | None
    moved_at: datetime
    """When the newest begun publication that isn't minor began, or the first: Last modified, but for corrections."""
    corrected: bool
    body_html: str = ""
    """Empty where the text wasn't asked for."""
    translated: bool = False
    """Whether it is one of a group of languages; told, like ``words``, only of a story that is asked for by itself."""
    words: int | None = None


class Listed(NamedTuple):
    """A publication on show as a list finds and places it: as much as leads to its story. Whoever tells more of it has
    that in memory, or reads it by the id."""

    id: int
    article_id: int
    revision_id: int
    public_id: str
    language: str
    headline: str
    lead_image: str | None
    slug: str
    address_date: date
    first_live_from: datetime


def stories(
    session: Session, publications: Select[Any], now: datetime, article_path: str, *, body: bool = False
) -> list[PublicStory]:
    """The stories that these publications show, in their order, in the same few queries for one or for fifty.

    ``publications`` is ``visible(now)``, narrowed and ordered; ``article_path`` the pattern of CMS_ARTICLE_PATH.
    Without ``body`` the text itself isn't loaded.
    """
    return present(session, shown(session, read(publications, body=body), now), now, article_path)


def read(publications: Select[Any], *, body: bool = False) -> Select[Any]:
    """The columns of ``Shown`` of these publications."""
    columns = (*_COLUMNS, Revision.body_html) if body else _COLUMNS
    return publications.with_only_columns(*columns, maintain_column_froms=True)


def read_listed(publications: Select[Any]) -> Select[Any]:
    """The columns of ``Listed`` of these publications."""
    return publications.with_only_columns(*_LISTED, maintain_column_froms=True)


def shown(session: Session, wanted: Select[Any], now: datetime, **given: Any) -> list[Shown]:
    """The rows of what ``read`` has made, given the values that the statement leaves open."""
    return [Shown(*row) for row in session.connection().execute(wanted, {"now": now, **given})]


def listed(session: Session, wanted: Select[Any], now: datetime, **given: Any) -> list[Listed]:
    """The rows of what ``read_listed`` has made, likewise."""
    return [Listed(*row) for row in session.connection().execute(wanted, {"now": now, **given})]


def at_address(session: Session, slug: str, now: datetime) -> list[Shown]:
    """What is on show at this slug, with its text: one for each date that has it."""
    return shown(session, _AT_SLUG, now, slug=slug)


def of_publication(session: Session, publication_id: int, now: datetime) -> Shown | None:
    """This publication with its text, if it is on show."""
    return next(iter(shown(session, _OF_PUBLICATION, now, id=publication_id)), None)


def of_publications(session: Session, ids: Sequence[int], now: datetime) -> list[Shown]:
    """Those of these publications that are on show, in no order."""
    return shown(session, _OF_PUBLICATIONS, now, ids=ids)


def present(session: Session, rows: Sequence[Shown], now: datetime, article_path: str) -> list[PublicStory]:
    """The stories of these rows, with what stands with them: names, pictures and corrections."""
    if not rows:
        return []
    names = names_of(session, [row.revision_id for row in rows])
    images = images_of(session, {row.lead_image for row in rows if row.lead_image}, now)
    corrections = corrections_of(session, [row.article_id for row in rows if row.corrected], now)
    bodies = without_ended(session, {row.revision_id: row.body_html for row in rows if row.body_html}, now)
    told = []
    for row in rows:
        own = names[row.revision_id]
        notes = tuple(note for start, note in corrections.get(row.article_id, ()) if start <= row.live_from)
        told.append(
            PublicStory(
                id=row.public_id,
                revision=row.number,
                path=addresses.article(article_path, row.address_date, row.slug),
                slug=row.slug,
                language=row.language,
                headline=row.headline,
                standfirst=row.standfirst,
                key_points=tuple(row.key_points),
                body_html=bodies.get(row.revision_id, ""),
                bylines=tuple(own.people),
                sections=tuple(own.sections),
                tags=tuple(own.tags),
                lead_image=images.get(row.lead_image) if row.lead_image else None,
                published_at=row.first_live_from,
                modified_at=max([row.moved_at, *(note.published_at for note in notes)]),
                live_until=row.live_until,
                corrections=notes,
                seo=row.seo,
                words=_words(row, bodies.get(row.revision_id, "")),
            )
        )
    return told


def _words(row: Shown, body: str) -> int:
    """As counted when it was saved, unless something was taken out of it since."""
    return word_count(body) if row.words is None or body != row.body_html else row.words


def texts_of(session: Session, rows: Sequence[Listed], now: datetime) -> dict[int, str]:
    """The texts of these rows, which are on show at ``now``, by the rows' own ids."""
    found = session.connection().execute(_TEXTS, {"ids": [row.revision_id for row in rows]})
    bodies = without_ended(session, {revision_id: body for revision_id, body in found}, now)  # noqa: C416
    return {row.id: bodies[row.revision_id] for row in rows}


def link(row: Listed, article_path: str) -> StoryLink:
    path = addresses.article(article_path, row.address_date, row.slug)
    return StoryLink(row.public_id, row.language, row.headline, path)


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
        words=word_count(revision.body_html),
    )


# --- The columns, and the statements of one story ----------------------------------------------------------

_earlier = aliased(Publication)
_MOVED_AT = (  # an article's first publication counts whether or not it was called minor
    select(func.max(_earlier.live_from))
    .where(
        _earlier.article_id == Article.id,
        _earlier.cancelled_at.is_(None),
        _earlier.live_from <= NOW,
        or_(_earlier.minor.is_(False), and_(_earlier.live_from == Article.first_live_from)),
    )
    .correlate(Article)
    .scalar_subquery()
)
_CORRECTED = (
    select(Correction.id).where(Correction.article_id == Article.id, Correction.published_at <= NOW).correlate(Article)
).exists()

_COLUMNS = (
    *(Publication.id, Publication.article_id, Publication.revision_id),
    *(Article.public_id, Revision.number, Publication.slug, Revision.language),
    *(Revision.headline, Revision.standfirst, Revision.key_points, Revision.lead_image, Revision.seo),
    *(Article.first_live_from, Article.address_date, Publication.live_from, Publication.live_until),
    *(_MOVED_AT.label("moved_at"), _CORRECTED.label("corrected")),
)

_LISTED: tuple[Any, ...] = (
    *(Publication.id, Publication.article_id, Publication.revision_id, Article.public_id),
    *(Revision.language, Revision.headline, Revision.lead_image, Publication.slug),
    *(Article.address_date, Article.first_live_from),
)

_TRANSLATED = select(ArticleTranslation.article_id).where(ArticleTranslation.article_id == Article.id).exists()


def _alone(publications: Select[Any]) -> Select[Any]:
    return read(publications, body=True).add_columns(_TRANSLATED, Revision.words)


_AT_SLUG = _alone(visible(NOW).where(Publication.slug == bindparam("slug")))
_OF_PUBLICATION = _alone(visible(NOW).where(Publication.id == bindparam("id")))
_OF_PUBLICATIONS = read(visible(NOW).where(Publication.id.in_(bindparam("ids", expanding=True))))
_TEXTS = select(Revision.id, Revision.body_html).where(Revision.id.in_(bindparam("ids", expanding=True)))
