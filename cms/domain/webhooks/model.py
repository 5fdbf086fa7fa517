"""Other people's programs that are told what happens here."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cms.db import Base, UTCDateTime, new_public_id

KINDS = {
    "publication": "a story, or a new text of one, is on show",
    "correction": "a correction was filed, reworded or taken back",
    "withdrawal": "a story was withdrawn",
    "takedown": "a story was withdrawn with a public notice",
    "pull": "a story was pulled everywhere",
    "erasure": "texts of a story were erased",
    "expiry": "a story's time on show is over",
    "pages": "pages read otherwise than before: for caches in front of the site",
}
"""What a webhook may ask to be told of; ``test`` comes beside these, when an admin asks for it."""


class Webhook(Base):
    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(16), unique=True, default=new_public_id)
    name: Mapped[str] = mapped_column(String(200))
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(String(80))
    """What deliveries are signed with. It is shown once and never given out again, but must be kept as it is."""
    events: Mapped[list[str]] = mapped_column(JSON)
    """Of KINDS; none means all of them but ``pages``."""
    active: Mapped[bool] = mapped_column(default=True)
    stopped_because: Mapped[str] = mapped_column(String(300), default="")
    """Why it was stopped by itself, if it was."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))

    def wants(self, kind: str) -> bool:
        return self.active and (kind in self.events if self.events else kind != "pages")
