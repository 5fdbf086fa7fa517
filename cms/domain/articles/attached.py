"""What stands with stories: the names on them, their pictures and corrections.

These few queries are asked for every page that is made, so each is a statement built once, on the tables themselves:
building it anew and making objects of its rows would cost more than the database takes to answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Table, bindparam, literal_column, null, select, union_all
from sqlalchemy.orm import Session

from cms.domain import addresses
from cms.domain.articles.model import Correction, Publication, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.story import StoryCorrection, StoryImage, StoryPerson, StoryTerm
from cms.domain.media.model import Media
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section, Tag


@dataclass(slots=True)
class Names:
    """A revision's names in print order."""

    people: list[StoryPerson] = field(default_factory=list)
    sections: list[StoryTerm] = field(default_factory=list)
    tags: list[StoryTerm] = field(default_factory=list)


def names_of(session: Session, revision_ids: Sequence[int]) -> dict[int, Names]:
    """Who signed each revision (the house where nobody did), and the sections and public tags it stands in."""
    found: dict[int, Names] = defaultdict(Names)
    for revision_id, kind, _position, public_id, slug, name, more, sort in session.connection().execute(
        _NAMES, {"ids": revision_ids}
    ):
        names = found[revision_id]
        if kind == 0:
            names.people.append(StoryPerson(public_id, slug, name, more, addresses.author(slug), sort))
        elif kind == 1:
            names.sections.append(StoryTerm(public_id, slug, name, addresses.section(more)))
        else:
            names.tags.append(StoryTerm(public_id, slug, name, addresses.tag(slug)))
    house = found.pop(_HOUSE, Names()).people
    for revision_id in revision_ids:
        found[revision_id].people = found[revision_id].people or house
    return found


def images_of(session: Session, public_ids: Collection[str], now: datetime | None) -> dict[str, StoryImage]:
    """Those that may be shown at ``now``; all of them without it."""
    if not public_ids:
        return {}
    rows = session.connection().execute(_IMAGES, {"ids": list(public_ids)})
    return {
        image[0]: StoryImage(*image)
        for usable_until, *image in rows
        if now is None or usable_until is None or usable_until > now
    }


def corrections_of(
    session: Session, article_ids: Sequence[int], now: datetime
) -> dict[int, list[tuple[datetime, StoryCorrection]]]:
    """Each article's corrections, oldest first, with the start of the publication each belongs to."""
    notes: dict[int, list[tuple[datetime, StoryCorrection]]] = defaultdict(list)
    if not article_ids:
        return notes
    for article_id, start, *note in session.connection().execute(_CORRECTIONS, {"ids": article_ids, "now": now}):
        notes[article_id].append((start, StoryCorrection(*note)))
    return notes


# --- The statements ----------------------------------------------------------------------------------------


def _of(model: type) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_NOW = bindparam("now", type_=_of(Publication).c.live_from.type)
_signed, _filed, _tagged = _of(RevisionByline), _of(RevisionSection), _of(RevisionTag)
_person, _section, _tag = _of(Person), _of(Section), _of(Tag)
_media, _correction, _publication = _of(Media), _of(Correction), _of(Publication)

_HOUSE = 0
"""Stands for every revision that nobody signed."""

_NAMES = union_all(
    select(
        *(_signed.c.revision_id, literal_column("0").label("kind"), _signed.c.position),
        *(
            _person.c.public_id,
            _person.c.slug,
            _person.c.name,
            _signed.c.role.label("more"),
            _person.c.kind.label("sort"),
        ),
    )
    .join(_person, _person.c.id == _signed.c.person_id)
    .where(_signed.c.revision_id.in_(_IDS)),
    select(
        *(literal_column("0"), literal_column("0"), literal_column("0")),
        *(_person.c.public_id, _person.c.slug, _person.c.name, literal_column("'writer'"), _person.c.kind),
    ).where(_person.c.house),
    select(
        *(_filed.c.revision_id, literal_column("1"), _filed.c.position),
        *(_section.c.public_id, _section.c.slug, _section.c.name, _section.c.path, null()),
    )
    .join(_section, _section.c.id == _filed.c.section_id)
    .where(_filed.c.revision_id.in_(_IDS)),
    select(
        *(_tagged.c.revision_id, literal_column("2"), _tagged.c.position),
        *(_tag.c.public_id, _tag.c.slug, _tag.c.name, null(), null()),
    )
    .join(_tag, _tag.c.id == _tagged.c.tag_id)
    .where(_tagged.c.revision_id.in_(_IDS), _tag.c.internal.is_(False)),
).order_by("revision_id", "kind", "position")

_IMAGES = select(
    *(_media.c.usable_until, _media.c.public_id, _media.c.key, _media.c.alt, _media.c.caption, _media.c.credit),
    *(_media.c.width, _media.c.height),
).where(_media.c.public_id.in_(_IDS))

_CORRECTIONS = (
    select(
        *(_correction.c.article_id, _publication.c.live_from, _correction.c.public_id),
        *(_correction.c.kind, _correction.c.text, _correction.c.published_at),
    )
    .join(_publication, _publication.c.id == _correction.c.publication_id)
    .where(_correction.c.article_id.in_(_IDS), _correction.c.published_at <= _NOW)
    .order_by(_correction.c.published_at, _correction.c.id)
)
