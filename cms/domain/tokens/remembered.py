"""Requests that came with a key of their own, so that the second try of one is not a second act."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cms.db import Base, UTCDateTime


class RememberedRequest(Base):
    __tablename__ = "remembered_requests"
    __table_args__ = (UniqueConstraint("user_id", "path", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    path: Mapped[str] = mapped_column(String(500))
    key: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(String(64))
    """The digest of what was sent."""
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    carried_out: Mapped[bool] = mapped_column(default=False)
    status: Mapped[int | None]
    headers: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    """None where it held a secret."""
