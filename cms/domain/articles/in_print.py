"""Which people and tags readers may know of: those that stand on a story on show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select

from cms.domain.articles.model import Publication, RevisionByline, RevisionTag
from cms.domain.articles.queries import visible
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Tag


def people_in_print(now: datetime) -> Select[Person]:
    signed = visible(now).join(RevisionByline, RevisionByline.revision_id == Publication.revision_id)
    return select(Person).where(Person.id.in_(signed.with_only_columns(RevisionByline.person_id)))


def tags_in_print(now: datetime) -> Select[Tag]:
    marked = visible(now).join(RevisionTag, RevisionTag.revision_id == Publication.revision_id)
    return select(Tag).where(Tag.id.in_(marked.with_only_columns(RevisionTag.tag_id)), Tag.internal.is_(False))
