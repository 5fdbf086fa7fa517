"""Images and recordings, with the words and rights that must travel with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from cms.db import Base, UTCDateTime, new_public_id


class Media(Base):
    """One image or recording. ``key`` names its bytes, which never change; a new file is a new row."""

    __tablename__ = "media"
    __table_args__ = (CheckConstraint("focus_x BETWEEN 0 AND 1 AND focus_y BETWEEN 0 AND 1", name="focus"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    """In pixels, like the height; both are 0 of audio and video."""
    height: Mapped[int]
    size: Mapped[int]
    alt: Mapped[str] = mapped_column(String(500), default="")
    caption: Mapped[str] = mapped_column(String(1000), default="")
    credit: Mapped[str] = mapped_column(String(200), default="")
    rights: Mapped[str] = mapped_column(String(500), default="")
    """Whose it is and on what terms; for the desk, never printed."""
    usable_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the right to show it ends: from then on readers no longer get it, whatever still uses it."""
    focus_x: Mapped[float] = mapped_column(default=0.5)
    """How far across and down the point lies that a crop must keep: 0 to 1, from the top left corner."""
    focus_y: Mapped[float] = mapped_column(default=0.5)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    @hybrid_property
    def is_picture(self) -> bool:
        return self.width > 0
