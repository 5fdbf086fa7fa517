"""Search without an index: headlines and standfirsts, as the database can match them.

Slower and plainer than the index (no stems, no ranking, no facets), but true, and there whenever the site is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, not_, or_, true
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Revision
from cms.domain.articles.queries import filed_in, first_published, how_many, newest_first, signed_by, with_tag
from cms.domain.people.queries import person_by_slug
from cms.domain.taxonomy.queries import section_by_slug, subtree, tag_by_slug
from cms.interfaces import Phrase, Query, Word
from cms.language import words


def in_titles(
    session: Session, publications: Select[Any], query: Query, offset: int, limit: int
) -> tuple[Sequence[str], int]:
    """A page of matching articles' ids, newest first, and the total."""
    matched = _within(session, publications, query).where(_holds(query))
    page = newest_first(matched).with_only_columns(Article.public_id, maintain_column_froms=True)
    return session.scalars(page.offset(offset).limit(limit)).all(), how_many(session, matched)


def _within(session: Session, publications: Select[Any], query: Query) -> Select[Any]:
    for slug in query.sections:
        section = section_by_slug(session, slug)
        publications = filed_in(publications, subtree(session, [section.id]) if section else ())
    for slug in query.tags:
        tag = tag_by_slug(session, slug)
        publications = with_tag(publications, tag.id) if tag and not tag.internal else publications.where(false())
    for slug in query.authors:
        person = person_by_slug(session, slug)
        publications = signed_by(publications, person.id) if person else publications.where(false())
    return first_published(publications, query.since, query.before)


def _holds(query: Query) -> ColumnElement[bool]:
    every = [_stands(asked) for asked in query.every]
    enough = or_(*every) if query.relaxed and every else and_(true(), *every)
    return and_(enough, *(not_(_stands(asked)) for asked in query.without))


def _stands(asked: Word | Phrase) -> ColumnElement[bool]:
    if isinstance(asked, Phrase):
        return _contains(asked.text)
    return and_(*(_contains(word) for word, _, _ in words(asked.text)))


def _contains(text: str) -> ColumnElement[bool]:
    return or_(Revision.headline.icontains(text, autoescape=True), Revision.standfirst.icontains(text, autoescape=True))


def headlines_of(session: Session, publications: Select[Any], ids: Sequence[str]) -> Sequence[str]:
    """The headlines of those of these articles that are among the publications."""
    if not ids:
        return ()
    some = publications.where(Article.public_id.in_(ids))
    return session.scalars(some.with_only_columns(Revision.headline, maintain_column_froms=True)).all()
