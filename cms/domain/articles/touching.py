"""Which cache keys an article's change touches: its own, and those of every list that its texts stand in."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import keys
from cms.domain.articles.model import Revision, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.queries import signed
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section, Tag


def touched(session: Session, public_id: str, revision_ids: Iterable[int]) -> frozenset[str]:
    """The keys of the article and of the front, and of the sections (with those above), tags and people."""
    ids = list(revision_ids)
    paths = session.scalars(select(Section.path).join(RevisionSection).where(RevisionSection.revision_id.in_(ids)))
    tags = session.scalars(select(Tag.slug).join(RevisionTag).where(RevisionTag.revision_id.in_(ids)))
    people = session.scalars(select(Person.slug).join(RevisionByline).where(RevisionByline.revision_id.in_(ids)))
    unsigned = select(Revision.id).where(Revision.id.in_(ids), ~signed()).exists()
    house = session.scalars(select(Person.slug).where(Person.house, unsigned))
    return frozenset(
        {keys.article(public_id), keys.FRONT}
        | {keys.section(slug) for path in paths for slug in path.split("/")}
        | {keys.tag(slug) for slug in tags}
        | {keys.person(slug) for slug in (*people, *house)}
    )
