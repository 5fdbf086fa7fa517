"""What a revision says, by the names that the API calls things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import addresses
from cms.domain.articles.model import Revision, RevisionByline, RevisionSection, RevisionTag
from cms.domain.articles.story import StoryImage
from cms.domain.media.model import Media
from cms.domain.media.recordings import FILES
from cms.domain.people.model import Person
from cms.domain.taxonomy.model import Section, Tag

RENDITION = "w1280.jpg"


def instant(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None


def line(revision: Revision) -> dict[str, Any]:
    """A revision as a list tells it: everything but its text."""
    return {
        "revision": revision.number,
        "hash": revision.hash,
        "previous": revision.previous,
        "base": revision.base,
        "created_at": instant(revision.created_at),
        "by": revision.author_name,
        "note": revision.note,
    }


def snapshots(session: Session, origin: str, revisions: Sequence[Revision]) -> dict[int, dict[str, Any]]:
    """Each revision's fields, by its number in the database. Their texts must be loaded."""
    ids = [revision.id for revision in revisions]
    people, sections, tags = _bylines(session, origin, ids), _sections(session, ids), _tags(session, ids)
    named = {revision.lead_image for revision in revisions if revision.lead_image}
    images = {each.public_id: each for each in session.scalars(select(Media).where(Media.public_id.in_(named)))}
    return {
        revision.id: {
            "slug": revision.slug,
            "headline": revision.headline,
            "standfirst": revision.standfirst,
            "key_points": list(revision.key_points),
            "body_html": revision.body_html,
            "bylines": people[revision.id],
            "sections": sections[revision.id],
            "tags": tags[revision.id],
            "lead_image": image(origin, images.get(revision.lead_image or "")),
            "language": revision.language,
            "seo": dict(revision.seo),
        }
        for revision in revisions
    }


def image(origin: str, shown: Media | StoryImage | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    return {
        "id": shown.public_id if isinstance(shown, Media) else shown.id,
        "url": origin + addresses.media(shown.key, FILES.get(getattr(shown, "media_type", ""), RENDITION)),
        "alt": shown.alt,
        "caption": shown.caption,
        "credit": shown.credit,
        "width": shown.width,
        "height": shown.height,
    }


def _bylines(session: Session, origin: str, ids: Iterable[int]) -> dict[int, list[dict[str, str]]]:
    rows = session.execute(
        select(RevisionByline.revision_id, Person.slug, Person.name, RevisionByline.role)
        .join(Person, Person.id == RevisionByline.person_id)
        .where(RevisionByline.revision_id.in_(ids))
        .order_by(RevisionByline.revision_id, RevisionByline.position)
    )
    printed: dict[int, list[dict[str, str]]] = defaultdict(list)
    for revision_id, slug, name, role in rows:
        printed[revision_id].append(
            {"person": slug, "name": name, "role": role, "url": origin + addresses.author(slug)}
        )
    return printed


def _sections(session: Session, ids: Iterable[int]) -> dict[int, list[str]]:
    return _grouped(
        session,
        select(RevisionSection.revision_id, Section.slug)
        .join(RevisionSection.section)
        .where(RevisionSection.revision_id.in_(ids))
        .order_by(RevisionSection.revision_id, RevisionSection.position),
    )


def _tags(session: Session, ids: Iterable[int]) -> dict[int, list[str]]:
    return _grouped(
        session,
        select(RevisionTag.revision_id, Tag.name)
        .join(RevisionTag.tag)
        .where(RevisionTag.revision_id.in_(ids))
        .order_by(RevisionTag.revision_id, RevisionTag.position),
    )


def _grouped(session: Session, rows: Any) -> dict[int, list[str]]:
    words: dict[int, list[str]] = defaultdict(list)
    for revision_id, word in session.execute(rows):
        words[revision_id].append(word)
    return words
