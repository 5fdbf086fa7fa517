"""Which images a text shows, and from that which images readers may see: those of a visible text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article, Publication, RevisionByline, RevisionMedia
from cms.domain.articles.queries import visible
from cms.domain.articles.story import StoryImage
from cms.domain.matching import holding, terms
from cms.domain.media.model import Media
from cms.domain.people.model import Person

_ADDRESS = re.compile(r"/media/([0-9a-f]{40})/")


def visible_media(session: Session, key: str, now: datetime) -> Media | None:
    """The image behind this key, if a text that readers can see at ``now`` shows it, or is by somebody whose
    picture it is, and its rights still run.

    None tells nothing of whether there is such an image.
    """
    shown = (
        visible(now)
        .join(RevisionMedia, RevisionMedia.revision_id == Publication.revision_id)
        .where(RevisionMedia.media_id == Media.id)
        .with_only_columns(Publication.id)
        .correlate(Media)
        .exists()
    )
    of_author = (
        visible(now)
        .join(RevisionByline, RevisionByline.revision_id == Publication.revision_id)
        .join(Person, Person.id == RevisionByline.person_id)
        .where(Person.picture == Media.public_id)
        .with_only_columns(Publication.id)
        .correlate(Media)
        .exists()
    )
    usable = or_(Media.usable_until.is_(None), Media.usable_until > now)
    return session.scalar(select(Media).where(Media.key == key, usable, or_(shown, of_author)))


def portrait(session: Session, person: Person, now: datetime) -> StoryImage | None:
    """A person's picture while its rights run."""
    usable = or_(Media.usable_until.is_(None), Media.usable_until > now)
    found = session.scalar(select(Media).where(Media.public_id == person.picture, usable)) if person.picture else None
    if found is None:
        return None
    return StoryImage(found.public_id, found.key, found.alt, found.caption, found.credit, found.width, found.height)


def shown_in(session: Session, media_id: int, now: datetime) -> dict[str, int]:
    """The articles whose text on show uses the image: public id and the revision's own id."""
    rows = session.execute(
        visible(now)
        .join(RevisionMedia, RevisionMedia.revision_id == Publication.revision_id)
        .where(RevisionMedia.media_id == media_id)
        .with_only_columns(Article.public_id, Publication.revision_id)
    )
    return {row.public_id: row.revision_id for row in rows}


def is_used(session: Session, media_id: int) -> bool:
    """Whether any revision at all shows the image (then history needs it), or a person's page does."""
    return session.scalar(select(Media.id).where(Media.id == media_id, _used())) is not None


def library(
    session: Session, limit: int, *, words: str = "", unused: bool = False, before: int | None = None
) -> Sequence[Media]:
    """The images uploaded last whose texts hold all these words; ``before`` is the ``id`` of the last one shown."""
    texts = (Media.alt, Media.caption, Media.credit, Media.rights)
    query = select(Media).where(*holding(terms(words), *texts)).order_by(Media.id.desc()).limit(limit)
    if unused:
        query = query.where(~_used())
    if before is not None:
        query = query.where(Media.id < before)
    return session.scalars(query).all()


def _used() -> ColumnElement[bool]:
    in_a_text = exists().where(RevisionMedia.media_id == Media.id)
    return or_(in_a_text, exists().where(Person.picture == Media.public_id))


def note_pictures(session: Session, revision_id: int, content: Mapping[str, Any]) -> None:
    """Write down which images a new revision shows; ``content`` is its snapshot.

    A save that leaves this out publishes a story whose pictures answer 404.
    """
    inside = media_in(content)
    if not inside and content["lead_image"] is None:
        return
    is_lead = Media.public_id == content["lead_image"]
    shown = session.scalars(select(Media.id).where(or_(is_lead, Media.key.in_(inside))))
    session.add_all(RevisionMedia(revision_id=revision_id, media_id=media_id) for media_id in shown)


def media_in(content: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the images in a snapshot's body and in its picture for sharing."""
    texts = (content["body_html"], content["seo"].get("social_image") or "")
    return frozenset(key for text in texts for key in _ADDRESS.findall(text))
