"""Which stories carry a section, tag or person: how many, what of them a change touches, and handing them over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, aliased

from cms.domain import addresses, forwards, keys
from cms.domain.articles.model import Article, Publication, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.queries import how_many, signed_by, visible, with_tag
from cms.domain.articles.touching import touched
from cms.domain.events import search_errands
from cms.domain.outbox import Errand
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section, Tag

TERMS: dict[str, Any] = {
    forwards.SECTION: RevisionSection.section_id,
    forwards.TAG: RevisionTag.tag_id,
    forwards.PERSON: RevisionByline.person_id,
}

KEYS_AT_MOST = 200
"""A change that touches more stories than this drops every page: naming each would cost more than it saves."""


def visible_counts(session: Session, kind: str, term_ids: Collection[int], now: datetime) -> dict[int, int]:
    """By term id, how many stories that readers may see carry it; those that none carries are left out."""
    column = TERMS[kind]
    shown = visible(now).with_only_columns(Publication.revision_id)
    rows = session.execute(
        select(column, func.count(func.distinct(column.class_.revision_id)))
        .where(column.in_(term_ids), column.class_.revision_id.in_(shown))
        .group_by(column)
    )
    return {term: count for term, count in rows}  # noqa: C416


def in_use(session: Session, kind: str, term_id: int) -> bool:
    """Whether any revision, of whatever age, carries it."""
    return session.scalar(select(TERMS[kind]).where(TERMS[kind] == term_id).limit(1)) is not None


def consequences(
    session: Session, kind: str, term_ids: Collection[int], now: datetime
) -> tuple[frozenset[str], tuple[Errand, ...]]:
    """The cache keys and search errands of every visible story that carries one of these terms."""
    column = TERMS[kind]
    of_term = select(column.class_.revision_id).where(column.in_(term_ids))
    rows = session.execute(
        visible(now)
        .with_only_columns(Article.public_id, Publication.revision_id)
        .where(Publication.revision_id.in_(of_term))
    ).all()
    errands = tuple(errand for article, _ in rows for errand in search_errands(article, [now]))
    if len(rows) > KEYS_AT_MOST:
        return frozenset({keys.SITE, keys.FRONT}), errands
    lists = touched(session, rows[0][0], [revision for _, revision in rows]) if rows else frozenset()
    return lists | {keys.article(article) for article, _ in rows}, errands


def hand_over(session: Session, kind: str, merged: int, target: int) -> None:
    """Every revision that carries ``merged`` carries ``target`` instead, at the first place of the two.

    The snapshots stay as they were written, and so does their chain.
    """
    column = TERMS[kind]
    table = column.class_
    session.execute(update(table).where(column == merged).values({column.key: target}))
    before = aliased(table)
    earlier = (
        select(before.position)
        .where(
            before.revision_id == table.revision_id,
            getattr(before, column.key) == target,
            before.position < table.position,
        )
        .exists()
    )
    session.execute(delete(table).where(column == target, earlier).execution_options(synchronize_session=False))


def present_address(session: Session, kind: str, former: str, now: datetime) -> str | None:
    """Where a former address leads, if readers may know of what stands there."""
    target = forwards.leads_to(session, kind, former)
    if target is None:
        return None
    if kind == forwards.SECTION:
        section = session.scalar(select(Section).where(Section.public_id == target))
        return addresses.section(section.path) if section else None
    if kind == forwards.TAG:
        tag = session.scalar(select(Tag).where(Tag.public_id == target, Tag.internal.is_(False)))
        return addresses.tag(tag.slug) if tag and how_many(session, with_tag(visible(now), tag.id)) else None
    person = session.scalar(select(Person).where(Person.public_id == target))
    return addresses.author(person.slug) if person and how_many(session, signed_by(visible(now), person.id)) else None
