"""Former addresses, and where each leads now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.db import Base, UTCDateTime, new_public_id


class Redirect(Base):
    """``former`` is a path without its last slash; ``target`` a path, another site's address, or None: gone."""

    __tablename__ = "redirects"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    former: Mapped[str] = mapped_column(String(500), unique=True)
    target: Mapped[str | None] = mapped_column(String(2000), index=True)
    note: Mapped[str] = mapped_column(String(500), default="")
    hits: Mapped[int] = mapped_column(default=0)
    last_hit_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
