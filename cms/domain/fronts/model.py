"""What editors have arranged by hand: which story stands in which slot, and the banner above every page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.db import Base, UTCDateTime


class Front(Base):
    """The front page (``key`` is ``front``) or a section's front (the section's public id), once arranged."""

    __tablename__ = "fronts"

    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    """Counts the arrangements, so that two editors don't undo each other's unseen."""
    arranged_at: Mapped[datetime] = mapped_column(UTCDateTime)
    arranged_by: Mapped[str] = mapped_column(String(200))


class FrontSlot(Base):
    """A story that was put into a slot. A slot without a row fills itself."""

    __tablename__ = "front_slots"

    front_key: Mapped[str] = mapped_column(ForeignKey("fronts.key"), primary_key=True)
    place: Mapped[str] = mapped_column(String(24), primary_key=True)
    """``lead``, ``secondary`` or ``rail:`` and a section's public id."""
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Counted from 0."""
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)


class Banner(Base):
    """Breaking news: at most one row, shown on every page until its time."""

    __tablename__ = "banners"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(200))
    link: Mapped[str] = mapped_column(String(2000))
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    set_at: Mapped[datetime] = mapped_column(UTCDateTime)
    set_by: Mapped[str] = mapped_column(String(200))
