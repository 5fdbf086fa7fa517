"""What is offered while a reader types: visible headlines, and people, sections and tags with visible stories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from cms.domain import addresses
from cms.domain.articles.model import Publication, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.queries import visible
from cms.domain.people.model import Person
from cms.domain.search.finding import load, ranked_ids
from cms.domain.search.grammar import parse
from cms.domain.taxonomy.model import Section, Tag
from cms.interfaces import SearchIndex

NAMES_OF_A_KIND = 2
SHORTEST = 2


@dataclass(frozen=True)
class Suggestion:
    kind: Literal["story", "person", "section", "tag"]
    text: str
    path: str


def suggest(
    session: Session, index: SearchIndex, text: str, now: datetime, article_path: str, limit: int = 8
) -> list[Suggestion]:
    """Stories first, best first, then names that begin so; at most ``limit``. Empty for less than two letters."""
    asked = parse(text, as_you_type=True)
    typed = asked.text.strip()
    if len(typed) < SHORTEST or not asked.query.every:
        return []
    names = list(_names(session, typed, now))[: limit // 2]
    ids = ranked_ids(session, index, asked.query, now, article_path, limit - len(names))
    shown, _hidden = load(session, ids, now, article_path, body=False)
    return [*(Suggestion("story", story.headline, story.path) for story in shown), *names]


def _names(session: Session, typed: str, now: datetime) -> Iterator[Suggestion]:
    people = _named(Person, Person.slug, typed).where(
        _stands(RevisionByline, RevisionByline.person_id == Person.id, now)
    )
    for name, slug in session.execute(people):
        yield Suggestion("person", name, addresses.author(slug))
    sections = _named(Section, Section.path, typed).where(
        _stands(RevisionSection, RevisionSection.section_id == Section.id, now)
    )
    for name, path in session.execute(sections):
        yield Suggestion("section", name, addresses.section(path))
    tags = _named(Tag, Tag.slug, typed).where(_stands(RevisionTag, RevisionTag.tag_id == Tag.id, now))
    for name, slug in session.execute(tags.where(Tag.internal.is_(False))):
        yield Suggestion("tag", name, addresses.tag(slug))


def _named(kind: type[Person | Section | Tag], place: Any, typed: str) -> Select[Any]:
    """Name and place of those whose name, or a later word of it, begins so."""
    begins = or_(kind.name.istartswith(typed, autoescape=True), kind.name.icontains(f" {typed}", autoescape=True))
    return select(kind.name, place).where(begins).order_by(func.length(kind.name), kind.name).limit(NAMES_OF_A_KIND)


def _stands(row: Any, same: ColumnElement[bool], now: datetime) -> ColumnElement[bool]:
    """Whether it stands on a revision that readers may see."""
    return visible(now).join(row, row.revision_id == Publication.revision_id).where(same).exists()
