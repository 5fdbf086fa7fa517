"""The audit log and the change log: who did what to what, and which cache keys it touched. Never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cms.db import Base, UTCDateTime


class AuditLine(Base):
    """One act: the verb, who (by name too, so that it outlives them), on what, before and after."""

    __tablename__ = "audit_lines"
    __table_args__ = (Index(None, "subject", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str] = mapped_column(String(200))
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(80))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class Change(Base):
    """One cache key that one commit touched. ``seq`` only grows; the site signal tells the newest."""

    __tablename__ = "changes"

    seq: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(UTCDateTime)


@dataclass(frozen=True)
class Wanted:
    """Which lines of the log: ``actor_id`` 0 means the system itself; ``since`` is inclusive, ``before`` not."""

    actor_id: int | None = None
    verb: str = ""
    subject: str = ""
    """A kind (``article``) or a whole subject (``article:5m2k…``)."""
    since: datetime | None = None
    before: datetime | None = None


def lines(session: Session, wanted: Wanted, limit: int, below: int | None = None) -> Sequence[AuditLine]:
    """The newest lines first; ``below`` is the id of the last one already shown."""
    query = select(AuditLine).order_by(AuditLine.id.desc()).limit(limit)
    if below is not None:
        query = query.where(AuditLine.id < below)
    if wanted.actor_id is not None:
        query = query.where(AuditLine.actor_id == wanted.actor_id if wanted.actor_id else AuditLine.actor_id.is_(None))
    if wanted.verb:
        query = query.where(AuditLine.verb == wanted.verb)
    if wanted.subject:
        whole = ":" in wanted.subject
        column = AuditLine.subject
        query = query.where(
            column == wanted.subject if whole else column.startswith(f"{wanted.subject}:", autoescape=True)
        )
    if wanted.since is not None:
        query = query.where(AuditLine.at >= wanted.since)
    if wanted.before is not None:
        query = query.where(AuditLine.at < wanted.before)
    return session.scalars(query).all()


def verbs(session: Session) -> Sequence[str]:
    """Every verb that the log holds."""
    return session.scalars(select(AuditLine.verb).distinct().order_by(AuditLine.verb)).all()


def newest_change(session: Session) -> int:
    """The newest change's number; 0 before the first."""
    return session.scalar(_NEWEST) or 0


_NEWEST = select(func.max(Change.seq))


def keys_changed(session: Session, after: int) -> list[tuple[int, str]]:
    """The keys touched since change number ``after``, oldest first."""
    rows = session.execute(select(Change.seq, Change.key).where(Change.seq > after).order_by(Change.seq))
    return [(seq, key) for seq, key in rows]
