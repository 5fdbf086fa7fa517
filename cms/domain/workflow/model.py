"""What a newsroom must be able to prove later: who held a story, who had it erased, what a pull told whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.db import Base, UTCDateTime, new_public_id


class Hold(Base):
    """A legal hold: while it stands nothing of the article can go live, be spiked or be erased."""

    __tablename__ = "holds"
    __table_args__ = (Index(None, "article_id", "lifted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    holder_name: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(1000))
    placed_at: Mapped[datetime] = mapped_column(UTCDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Erased(TypedDict):
    """A revision, by its number and the digest of what it said."""

    number: int
    digest: str


class Erasure(Base):
    """Revisions to erase, or erased: asked for by one person, agreed to by another. The tombstone."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    article: Mapped[str] = mapped_column(String(16), index=True)
    """Its public id, so that the list can be carried to a restored backup."""
    revisions: Mapped[list[Erased]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(1000))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_by_name: Mapped[str] = mapped_column(String(200))
    erased_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    agreed_by_name: Mapped[str | None] = mapped_column(String(200))


class Pull(Base):
    """One story pulled everywhere; its outbox rows say what was told when."""

    __tablename__ = "pulls"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    reason: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    by_name: Mapped[str] = mapped_column(String(200))
    taken: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What it took down: ``withdrawn`` (a publication or null), ``cancelled``, ``images``, ``images_kept``."""
