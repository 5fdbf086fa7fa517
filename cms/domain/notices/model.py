"""Notices: what staff are told of the stories that concern them, in the admin and by e-mail."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.db import Base, UTCDateTime

KINDS = ("submit", "return", "approve", "correct", "withdraw", "assign", "note", "report", "match")
"""What a notice can be of, in the order in which the choices are listed."""


class Notice(Base):
    """One thing that one person is told; as it was then, whatever becomes of the story."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "user_id", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(String(20))
    article: Mapped[str] = mapped_column(String(16))
    headline: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(200))
    remark: Mapped[str] = mapped_column(String(2000), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class NoticeChoice(Base):
    """Where somebody wants one kind of notice. No row: in both places."""

    __tablename__ = "notice_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    in_admin: Mapped[bool]
    by_mail: Mapped[bool]
