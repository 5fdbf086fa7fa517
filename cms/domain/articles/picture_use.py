"""Which images a text shows, and from that which images readers may see: those of a visible text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Publication, RevisionByline, RevisionMedia
from cms.domain.articles.queries import visible
from cms.domain.articles.story import StoryImage
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


def note_pictures(session: Session, revision_id: int, content: Mapping[str, Any]) -> None:
    """Write down which images a new revision shows; ``content`` is its snapshot.

    A save that leaves this out publishes a story whose pictures answer 404.
    """
    is_lead = Media.public_id == content["lead_image"]
    shown = session.scalars(select(Media.id).where(or_(is_lead, Media.key.in_(media_in(content)))))
    session.add_all(RevisionMedia(revision_id=revision_id, media_id=media_id) for media_id in shown)


def media_in(content: Mapping[str, Any]) -> frozenset[str]:
    """The keys of the images in a snapshot's body and in its picture for sharing."""
    texts = (content["body_html"], content["seo"].get("social_image") or "")
    return frozenset(key for text in texts for key in _ADDRESS.findall(text))
