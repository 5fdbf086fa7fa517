"""Which cache keys an article's change touches: its own, and those of every list that its texts stand in."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import literal, select, union_all
from sqlalchemy.orm import Session

from cms.domain import keys
from cms.domain.articles.model import Revision, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.queries import signed
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section, Tag


def touched(session: Session, public_id: str, revision_ids: Iterable[int]) -> frozenset[str]:
    """The keys of the article and of the front, and of the sections (with those above), tags and people."""
    ids = list(revision_ids)
    section, tag, person = literal("section"), literal("tag"), literal("person")
    unsigned = select(Revision.id).where(Revision.id.in_(ids), ~signed()).exists()
    found = session.execute(
        union_all(
            select(section, Section.path).join(RevisionSection).where(RevisionSection.revision_id.in_(ids)),
            select(tag, Tag.slug).join(RevisionTag).where(RevisionTag.revision_id.in_(ids)),
            select(person, Person.slug).join(RevisionByline).where(RevisionByline.revision_id.in_(ids)),
            select(person, Person.slug).where(Person.house, unsigned),
        )
    )
    key_of = {"section": keys.section, "tag": keys.tag, "person": keys.person}
    standing = {key_of[kind](slug) for kind, place in found for slug in place.split("/")}
    return frozenset({keys.article(public_id), keys.FRONT} | standing)
