"""Which cache keys an article's change touches: its own, and those of every list that its texts stand in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, bindparam, literal, select, union_all
from sqlalchemy.orm import Session

from cms.domain import keys
from cms.domain.articles.model import Revision, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.queries import signed
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section, Tag


def touched(session: Session, public_id: str, revision_ids: Iterable[int]) -> frozenset[str]:
    """The keys of the article and of the front, and of the sections (with those above), tags and people."""
    found = session.execute(_STANDS_IN, {"ids": list(revision_ids)})
    key_of = {"section": keys.section, "tag": keys.tag, "person": keys.person}
    standing = {key_of[kind](slug) for kind, place in found for slug in place.split("/")}
    return frozenset({keys.article(public_id), keys.FRONT} | standing)


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_PERSON = literal("person")
_STANDS_IN = union_all(
    select(literal("section"), Section.path).join(RevisionSection).where(RevisionSection.revision_id.in_(_IDS)),
    select(literal("tag"), Tag.slug).join(RevisionTag).where(RevisionTag.revision_id.in_(_IDS)),
    select(_PERSON, Person.slug).join(RevisionByline).where(RevisionByline.revision_id.in_(_IDS)),
    select(_PERSON, Person.slug).where(
        Person.house, select(Revision.id).where(Revision.id.in_(_IDS), ~signed()).exists()
    ),
)
"""Built once, as every save and publication asks it."""
