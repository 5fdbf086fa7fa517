"""``GET /articles``: what readers see, or with a token the desk's own view of every story its holder may see.

Either list is paged by keyset in each of its orders. Only what words find best is in the index's order: there the
place of the story that the page before ended with is looked up anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

from flask import Response
from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session, undefer

from cms.api import paging, telling
from cms.api.acting import private
from cms.api.holders import asker
from cms.api.taking import before, since
from cms.db import UTCDateTime
from cms.domain.articles import listing as lists
from cms.domain.articles.model import Article, Correction, Publication, Revision, RevisionTag
from cms.domain.articles.queries import filed_in, first_published, signed_by, visible, with_tag
from cms.domain.articles.reading import stories
from cms.domain.errors import Invalid
from cms.domain.people.queries import person_by_slug
from cms.domain.people.staff import Actor
from cms.domain.search.finding import ranked_ids
from cms.domain.search.grammar import Asked as Read
from cms.domain.search.grammar import parse
from cms.domain.taxonomy.queries import section_by_slug, subtree, tag_by_slug
from cms.domain.workflow.permissions import PERMISSIONS
from cms.web.current import newsroom, now
from cms.web.database import db

MOST_FOUND = 2_000
"""The most matches of words that a list goes through; a search for more than these is no list to read."""

NOWHERE = -1


@dataclass(frozen=True)
class Asked:
    """The parameters of a list, as they were read."""

    limit: int = 20
    after: str | None = None
    section: str | None = None
    tag: str | None = None
    author: str | None = None
    since: datetime | date | None = None
    until: datetime | date | None = None
    q: str | None = None
    sort: str | None = None
    state: str | None = None
    visibility: str | None = None

    @property
    def words(self) -> str:
        return (self.q or "").strip()

    @property
    def order(self) -> str:
        """Without words nothing is more relevant than anything else, save that it is newer."""
        if not self.words:
            return "newest" if self.sort == "relevance" else self.sort or "newest"
        return self.sort or "relevance"


def listing(asked: Asked) -> Response:
    actor = asker()
    if actor is not None:
        return _desk_list(actor, asked)
    hidden = {name for name in ("state", "visibility") if getattr(asked, name) is not None}
    if hidden:
        raise Invalid({name: ["Unknown parameter without a token."] for name in hidden})
    return _public_list(asked)


# --- For the public ----------------------------------------------------------------------------------------


def _public_list(asked: Asked) -> Response:
    session, at = db.session(), now()
    if asked.words and asked.order == "relevance":
        ids, following = _ranked_page(session, asked)
        shown = visible(at).where(Article.public_id.in_(ids))
        found = stories(session, shown, at, newsroom().settings.article_path, body=True)
        found.sort(key=lambda story: ids.index(story.id))
    else:
        key = Article.first_live_from if asked.order == "newest" else _modified_at(at)
        wanted = _narrowed(session, visible(at), asked)
        rows: Sequence[Any] = session.execute(
            _keyset(wanted.with_only_columns(Article.public_id, Article.id, key), key, asked)
        ).all()
        page, following = paging.cut(rows, asked.limit, lambda row: paging.place(asked.order, row[2], row[1]))
        ids = [public_id for public_id, _, _ in page]
        shown = visible(at).where(Article.public_id.in_(ids))
        found = stories(session, shown, at, newsroom().settings.article_path, body=True)
        found.sort(key=lambda story: ids.index(story.id))
    return paging.page(telling.public_articles(session, newsroom(), found, at), following)


def _narrowed(session: Session, shown: Select[Any], asked: Asked) -> Select[Any]:
    zone = newsroom().settings.site_timezone
    if asked.section is not None:
        found = section_by_slug(session, asked.section)
        shown = filed_in(shown, subtree(session, [found.id]) if found else [])
    if asked.tag is not None:
        named = tag_by_slug(session, asked.tag)
        shown = with_tag(shown, named.id if named and not named.internal else NOWHERE)
    if asked.author is not None:
        person = person_by_slug(session, asked.author)
        shown = signed_by(shown, person.id if person else NOWHERE)
    if asked.words:
        shown = shown.where(Article.public_id.in_(_matching(session, asked, "newest")))
    return first_published(shown, since(asked.since, zone), before(asked.until, zone))


def _matching(session: Session, asked: Asked, sort: Literal["newest", "relevance"]) -> Sequence[str]:
    """The ids of visible stories that the words find, within the filters."""
    query = query_of(asked).query
    return ranked_ids(session, newsroom().search, query, now(), newsroom().settings.article_path, MOST_FOUND, sort)


def query_of(asked: Asked) -> Read:
    """The words as a query, within the filters."""
    zone = newsroom().settings.site_timezone
    read = parse(asked.words, zone=zone)
    query = replace(
        read.query,
        sections=(*read.query.sections, *([asked.section] if asked.section else [])),
        tags=(*read.query.tags, *([asked.tag] if asked.tag else [])),
        authors=(*read.query.authors, *([asked.author] if asked.author else [])),
        since=since(asked.since, zone) or read.query.since,
        before=before(asked.until, zone) or read.query.before,
    )
    return replace(read, query=query)


def _ranked_page(session: Session, asked: Asked) -> tuple[Sequence[str], str | None]:
    ids = list(_matching(session, asked, "relevance"))
    start = 0
    if asked.after is not None:
        if asked.after not in ids:
            raise paging.bad_place()
        start = ids.index(asked.after) + 1
    return paging.cut(ids[start : start + asked.limit + 1], asked.limit, str)


def _modified_at(at: datetime) -> ColumnElement[datetime]:
    """When a story was last modified, as ``PublicStory`` has it: its newest begun publication that isn't minor (or
    is its first), or its newest correction."""
    other = Publication.__table__.alias("other")
    moved = (
        select(func.max(other.c.live_from))
        .where(
            other.c.article_id == Article.id,
            other.c.cancelled_at.is_(None),
            other.c.live_from <= at,
            or_(other.c.minor.is_(False), other.c.live_from == Article.first_live_from),
        )
        .correlate(Article)
        .scalar_subquery()
    )
    corrected = (
        select(func.max(Correction.published_at))
        .where(Correction.article_id == Article.id, Correction.published_at <= at)
        .correlate(Article)
        .scalar_subquery()
    )
    later = case((corrected > moved, corrected), else_=moved)
    return func.coalesce(later, Article.first_live_from, type_=UTCDateTime())


# --- For staff ---------------------------------------------------------------------------------------------


def _desk_list(actor: Actor, asked: Asked) -> Response:
    """Each story's newest text. Such as were never out stand where they were begun."""
    session, at = db.session(), now()
    key: Any = func.coalesce(Article.first_live_from, Article.created_at, type_=UTCDateTime())
    if asked.order == "modified":
        key = Article.touched_at
    wanted = _desk_narrowed(session, lists.stories(), actor, asked).order_by(None)
    rows = session.execute(_keyset(wanted.add_columns(key), key, asked).options(undefer(Revision.body_html))).all()
    order = asked.order
    page, following = paging.cut(rows, asked.limit, lambda row: paging.place(order, row[2], row[0].id))
    told = telling.staff_articles(session, newsroom(), [(article, newest) for article, newest, _ in page], at)
    return private(paging.page(told, following))


def _desk_narrowed(session: Session, wanted: lists.Stories, actor: Actor, asked: Asked) -> lists.Stories:
    if PERMISSIONS[actor.role]["see"].own_only:
        wanted = lists.own(wanted, actor.user_id, actor.person_id)
    if asked.section is not None:
        found = section_by_slug(session, asked.section)
        wanted = lists.filed_in(wanted, subtree(session, [found.id]) if found else [])
    if asked.tag is not None:
        named = tag_by_slug(session, asked.tag)
        marked = select(RevisionTag.revision_id).where(RevisionTag.tag_id == (named.id if named else NOWHERE))
        wanted = wanted.where(Revision.id.in_(marked))
    if asked.author is not None:
        person = person_by_slug(session, asked.author)
        wanted = lists.signed_by(wanted, person.id if person else NOWHERE)
    if asked.words:
        wanted = lists.saying(wanted, asked.words[:200])
    if asked.state is not None:
        wanted = wanted.where(Article.state == asked.state)
    if asked.visibility is not None:
        wanted = lists.seen_as(wanted, asked.visibility, now())
    return _begun_between(wanted, asked)


def _begun_between(wanted: lists.Stories, asked: Asked) -> lists.Stories:
    zone = newsroom().settings.site_timezone
    stands = func.coalesce(Article.first_live_from, Article.created_at, type_=UTCDateTime())
    first, end = since(asked.since, zone), before(asked.until, zone)
    if first is not None:
        wanted = wanted.where(stands >= first)
    if end is not None:
        wanted = wanted.where(stands < end)
    return wanted


def _keyset(wanted: Any, key: Any, asked: Asked) -> Any:
    """A page and one more in order of ``key`` and then of the id, the latest first, below the place that ``after``
    names."""
    wanted = wanted.order_by(key.desc(), Article.id.desc()).limit(asked.limit + 1)
    if asked.after is None:
        return wanted
    at, number = paging.place_of(asked.order, asked.after)
    return wanted.where(or_(key < at, (key == at) & (Article.id < number)))
