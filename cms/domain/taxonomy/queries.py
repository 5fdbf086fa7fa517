"""Looking up sections and tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.taxonomy.model import Section, Tag


def all_sections(session: Session) -> Sequence[Section]:
    """The whole tree, each section after its parent, siblings in their set order."""
    rows = session.scalars(select(Section).order_by(Section.position, Section.name)).all()
    below: dict[int | None, list[Section]] = {}
    for section in rows:
        below.setdefault(section.parent_id, []).append(section)

    def walk(parent: int | None) -> Iterable[Section]:
        for section in below.get(parent, []):
            yield section
            yield from walk(section.id)

    return list(walk(None))


def subtree(session: Session, roots: Iterable[int]) -> set[int]:
    """The ids of these sections and of all below them."""
    parents = {row.id: row.parent_id for row in session.execute(select(Section.id, Section.parent_id))}
    wanted = set(roots)
    found = set()
    for section_id in parents:
        at: int | None = section_id
        while at is not None and at not in wanted:
            at = parents[at]
        if at is not None:
            found.add(section_id)
    return found


def section_by_path(session: Session, path: str) -> Section | None:
    return session.scalar(select(Section).where(Section.path == path))


def section_by_slug(session: Session, slug: str) -> Section | None:
    return session.scalar(select(Section).where(Section.slug == slug))


def tag_by_slug(session: Session, slug: str) -> Tag | None:
    return session.scalar(select(Tag).where(Tag.slug == slug))
