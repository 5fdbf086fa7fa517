"""Which people and tags readers may know of: those that stand on a story on show."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, and_, or_, select

from cms.domain.articles.model import Publication, RevisionByline, RevisionTag
from cms.domain.articles.queries import signed, visible
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Tag


def people_in_print(now: datetime) -> Select[Person]:
    """Those who sign one, and the house where nobody does."""
    bylines = visible(now).join(RevisionByline, RevisionByline.revision_id == Publication.revision_id)
    printed = Person.id.in_(bylines.with_only_columns(RevisionByline.person_id))
    unsigned = visible(now).with_only_columns(Publication.id).where(~signed()).exists()
    return select(Person).where(or_(printed, and_(Person.house, unsigned)))


def tags_in_print(now: datetime) -> Select[Tag]:
    marked = visible(now).join(RevisionTag, RevisionTag.revision_id == Publication.revision_id)
    return select(Tag).where(Tag.id.in_(marked.with_only_columns(RevisionTag.tag_id)), Tag.internal.is_(False))
