"""Standing pages: what the paper says of itself at ``/{page}/``, such as about, contact and privacy."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from cms.db import Base, UTCDateTime


class StandingPage(Base):
    __tablename__ = "standing_pages"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    body_html: Mapped[str] = mapped_column(Text, deferred=True)
    position: Mapped[int] = mapped_column(default=0)
    """Its place among the links at the foot of every page."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts the saves, so that two people don't undo each other's unseen."""
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)
    saved_by: Mapped[str] = mapped_column(String(200))
