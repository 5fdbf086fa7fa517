"""Where what was brought in came from: by it a second import knows what is here, and what has changed there."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cms.db import Base, UTCDateTime

ARTICLE, MEDIA, PAGE = "article", "media", "page"


class Origin(Base):
    """``key`` is what ``source`` (a site's address, a kind of file) calls the thing; ``target`` what it is here."""

    __tablename__ = "origins"

    source: Mapped[str] = mapped_column(String(300), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    key: Mapped[str] = mapped_column(String(500), primary_key=True)
    target: Mapped[str] = mapped_column(String(80), index=True)
    """A public id; of a standing page its slug."""
    digest: Mapped[str] = mapped_column(String(64))
    """Of what was brought in last, to be compared with what comes in next."""
    revision: Mapped[int | None]
    """Of a story, the revision that was brought in last, or the version of a page: a newer one is somebody's work."""
    at: Mapped[datetime] = mapped_column(UTCDateTime)


def known(session: Session, source: str, kind: str, keys: Collection[str]) -> Mapping[str, Origin]:
    """Which of these are here already, by their keys."""
    found = select(Origin).where(Origin.source == source, Origin.kind == kind, Origin.key.in_(keys))
    return {origin.key: origin for origin in session.scalars(found)}


def note(
    session: Session, source: str, kind: str, key: str, target: str, digest: str, revision: int | None, now: datetime
) -> None:
    """This is here now, as it stood there."""
    session.merge(Origin(source=source, kind=kind, key=key, target=target, digest=digest, revision=revision, at=now))
