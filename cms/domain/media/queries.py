"""Finding images."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.errors import NotFound
from cms.domain.media.model import Media


def find(session: Session, public_id: str) -> Media:
    """The image of this public id. Raises NotFound."""
    media = session.scalar(select(Media).where(Media.public_id == public_id))
    if media is None:
        raise NotFound("There is no such image")
    return media


def of_public_id(session: Session, public_id: str) -> Media | None:
    return session.scalar(select(Media).where(Media.public_id == public_id))


def newest(session: Session, limit: int, before: int | None = None) -> Sequence[Media]:
    """What was uploaded last, newest first; ``before`` is the ``id`` of the last one already shown."""
    rows = select(Media).order_by(Media.id.desc()).limit(limit)
    return session.scalars(rows if before is None else rows.where(Media.id < before)).all()


def newest_pictures(session: Session, limit: int) -> Sequence[Media]:
    """The images uploaded last, newest first."""
    return session.scalars(select(Media).where(Media.is_picture).order_by(Media.id.desc()).limit(limit)).all()
