"""The desk's list: every story that somebody may see, whatever its state, in the same few queries for any number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from cms.domain.articles import desk
from cms.domain.articles.allowed import INLINE
from cms.domain.articles.chain import NAMELESS
from cms.domain.articles.model import Article, Publication, Revision, RevisionByline, RevisionMedia, RevisionSection
from cms.domain.matching import holds, terms
from cms.domain.taxonomy.model import Section


@dataclass(frozen=True)
class Line:
    """One story as the desk's lists show it. ``next_from``: when its next publication begins, if one is to come."""

    id: str
    headline: str
    state: str
    visibility: str
    sections: tuple[str, ...]
    bylines: tuple[str, ...]
    revision: int
    saved_by: str
    saved_at: datetime
    touched_at: datetime
    live_from: datetime | None
    next_from: datetime | None
    embargo_until: datetime | None
    cursor: tuple[datetime, int]


Stories = Select[Article, Revision]


def stories() -> Stories:
    """Every article with its newest revision, the one touched last first."""
    return (
        select(Article, Revision)
        .join(Revision, and_(Revision.article_id == Article.id, Revision.number == Article.newest))
        .order_by(Article.touched_at.desc(), Article.id.desc())
    )


def own(wanted: Stories, user_id: int | None, person_id: int | None) -> Stories:
    """Only those that this user began, or whose newest text carries this person's name."""
    signed = exists().where(RevisionByline.revision_id == Revision.id, RevisionByline.person_id == person_id)
    mine: list[ColumnElement[bool]] = [Article.created_by == user_id] if user_id is not None else [false()]
    return wanted.where(or_(*mine, signed) if person_id is not None else mine[0])


def filed_in(wanted: Stories, section_ids: Iterable[int]) -> Stories:
    return wanted.where(
        exists().where(RevisionSection.revision_id == Revision.id, RevisionSection.section_id.in_(section_ids))
    )


def signed_by(wanted: Stories, person_id: int) -> Stories:
    return wanted.where(
        exists().where(RevisionByline.revision_id == Revision.id, RevisionByline.person_id == person_id)
    )


def saying(wanted: Stories, words: str) -> Stories:
    """Those that hold every one of these words in their newest headline, standfirst or body."""
    said = (or_(holds(term, Revision.headline, Revision.standfirst), in_text(term)) for term in terms(words))
    return wanted.where(*said)


def in_text(term: str) -> ColumnElement[bool]:
    """That the term stands in the words of the newest text. Its markup is taken off only where the text holds them at
    all: to take it off everywhere takes several times as long."""
    written = (holds(escape(word, quote=False), Revision.body_html) for word in term.split())
    return and_(*written, holds(term, _unmarked(Revision.body_html)))


def _unmarked(body: InstrumentedAttribute[str]) -> ColumnElement[str]:
    within_a_line = rf"</?({'|'.join(sorted(INLINE))})( [^>]*)?>"
    said = func.regexp_replace(func.regexp_replace(body, within_a_line, "", "g"), "<[^>]*>", " ", "g")
    for written, meant in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        said = func.replace(said, written, meant)
    return said


def picturing(wanted: Stories, media_id: int) -> Stories:
    """Those of which any revision shows this image."""
    earlier = aliased(Revision)
    return wanted.where(
        exists()
        .where(earlier.article_id == Article.id)
        .where(RevisionMedia.revision_id == earlier.id, RevisionMedia.media_id == media_id)
    )


def seen_as(wanted: Stories, visibility: str, now: datetime) -> Stories:
    """Those that readers see so: the rule of ``desk.visibility``, in SQL."""
    of_it = and_(Publication.article_id == Article.id, Publication.cancelled_at.is_(None))
    live_row = and_(
        of_it,
        Publication.live_from <= now,
        or_(Publication.live_until.is_(None), Publication.live_until > now),
    )
    live = exists().where(live_row)
    newest_is_live = exists().where(live_row, Publication.revision_id == Revision.id)
    to_come = exists().where(of_it, Publication.live_from > now)
    any_row = exists().where(of_it)
    last_start = select(func.max(Publication.live_from)).where(of_it).correlate(Article).scalar_subquery()
    withdrawn = exists().where(of_it, Publication.live_from == last_start, Publication.withdrawn_at.is_not(None))
    gone = and_(any_row, not_(live), not_(to_come))
    rules: dict[str, ColumnElement[bool]] = {
        "live": newest_is_live,
        "changed": and_(live, not_(newest_is_live)),
        "scheduled": and_(to_come, not_(live)),
        "never": not_(any_row),
        "withdrawn": and_(gone, withdrawn),
        "expired": and_(gone, not_(withdrawn)),
    }
    return wanted.where(rules[visibility])


def due(wanted: Stories, now: datetime) -> Stories:
    """Those with a publication to come, whether or not they are live, the soonest first."""
    to_come = (Publication.article_id == Article.id, Publication.cancelled_at.is_(None), Publication.live_from > now)
    start = select(func.min(Publication.live_from)).where(*to_come).correlate(Article).scalar_subquery()
    return wanted.where(exists().where(*to_come)).order_by(None).order_by(start, Article.id)


ORDERS: dict[str, tuple[InstrumentedAttribute[Any], bool]] = {
    "touched": (Article.touched_at, True),
    "oldest": (Article.touched_at, False),
    "published": (Article.first_live_from, True),
}
"""The orders of a list: the column, and whether the latest comes first."""


def ordered(wanted: Stories, sort: str) -> Stories:
    column, down = ORDERS[sort]
    order = (column.desc(), Article.id.desc()) if down else (column, Article.id)
    return wanted.where(column.is_not(None)).order_by(None).order_by(*order)


def beyond(wanted: Stories, sort: str, last: Article) -> Stories:
    """Those further down a list in this order than ``last``."""
    column, down = ORDERS[sort]
    here, there = tuple_(column, Article.id), (getattr(last, column.key), last.id)
    if there[0] is None:
        return wanted
    return wanted.where(here < there if down else here > there)


def lines(session: Session, wanted: Stories, now: datetime, limit: int) -> list[Line]:
    """At most ``limit`` lines, with three queries however many there are."""
    found = session.execute(wanted.limit(limit)).all()
    rows = desk.publications_of(session, [article.id for article, _ in found])
    sections = _section_names(session, [revision.id for _, revision in found])
    return [_line(article, revision, rows.get(article.id, []), sections, now) for article, revision in found]


def _line(
    article: Article,
    revision: Revision,
    rows: Sequence[Publication],
    sections: dict[int, list[str]],
    now: datetime,
) -> Line:
    live = desk.on_show(rows, now)
    to_come = [row.live_from for row in rows if row.cancelled_at is None and row.live_from > now]
    return Line(
        id=article.public_id,
        headline=revision.headline or NAMELESS,
        state=article.state,
        visibility=desk.visibility(rows, revision.id, now),
        sections=tuple(sections[revision.id]),
        bylines=tuple(dict.fromkeys(byline["name"] for byline in revision.bylines)),
        revision=revision.number,
        saved_by=revision.author_name,
        saved_at=revision.created_at,
        touched_at=article.touched_at,
        live_from=live.live_from if live else None,
        next_from=min(to_come, default=None),
        embargo_until=article.embargo_until,
        cursor=(article.touched_at, article.id),
    )


def _section_names(session: Session, revision_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = (
        select(RevisionSection.revision_id, Section.name)
        .join(RevisionSection.section)
        .where(RevisionSection.revision_id.in_(revision_ids))
        .order_by(RevisionSection.revision_id, RevisionSection.position)
    )
    names: dict[int, list[str]] = defaultdict(list)
    for revision_id, name in session.execute(rows):
        names[revision_id].append(name)
    return names
