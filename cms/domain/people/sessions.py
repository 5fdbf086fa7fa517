"""Signed-in sessions, kept on our side: signing out, or losing one's account, ends them at once everywhere.

The browser holds a random token; the table holds its hash, so that a copy of the database opens no door. A session
also remembers its user's uniquifier: giving the user a new one (a new password, a lost laptop) ends them all.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column, selectinload

from cms.db import Base, UTCDateTime
from cms.domain.events import Event
from cms.domain.people.model import User
from cms.domain.people.staff import Actor, actor_for

LIFETIME = timedelta(days=14)


class StaffSession(Base):
    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    uniquifier: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


def start(session: Session, user: User, now: datetime) -> tuple[str, Event]:
    """A new session for this user, and the token that proves it."""
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(token_hash=_hash(token), user_id=user.id, uniquifier=user.fs_uniquifier, started_at=now))
    return token, Event("sign_in", actor_for(user), f"user:{user.public_id}")


def user_of(session: Session, token: str, now: datetime) -> User | None:
    """Whose session the token proves, with the sections they are limited to; None once it is over."""
    return session.scalar(_USER, {"token": _hash(token), "oldest": now - LIFETIME})


_USER = (
    select(User)
    .join(StaffSession, StaffSession.user_id == User.id)
    .where(
        StaffSession.token_hash == bindparam("token"),
        StaffSession.ended_at.is_(None),
        StaffSession.started_at > bindparam("oldest"),
        StaffSession.uniquifier == User.fs_uniquifier,
        User.active.is_(True),
        User.service.is_(False),
    )
    .options(selectinload(User.limits))
)
"""Built once, as every request to the desk asks it."""


def end(session: Session, token: str, now: datetime) -> None:
    found = session.scalar(select(StaffSession).where(StaffSession.token_hash == _hash(token)))
    if found is not None and found.ended_at is None:
        found.ended_at = now


def open_of(session: Session, user: User, now: datetime) -> Sequence[StaffSession]:
    """The user's sessions that are not over, newest first."""
    return session.scalars(
        select(StaffSession)
        .where(
            StaffSession.user_id == user.id,
            StaffSession.ended_at.is_(None),
            StaffSession.started_at > now - LIFETIME,
            StaffSession.uniquifier == user.fs_uniquifier,
        )
        .order_by(StaffSession.id.desc())
    ).all()


def is_of(row: StaffSession, token: str) -> bool:
    """Whether this is the session that the token proves."""
    return row.token_hash == _hash(token)


def end_all(session: Session, actor: Actor, user: User) -> Event:
    """Every session of the user's is over, on every device."""
    user.fs_uniquifier = secrets.token_hex(32)
    session.flush()
    return Event("end_sessions", actor, f"user:{user.public_id}")


def change_password(session: Session, actor: Actor, user: User, password_hash: str) -> Event:
    """Give a user a new password; every session they had is over."""
    user.password = password_hash
    user.fs_uniquifier = secrets.token_hex(32)
    session.flush()
    return Event("change_password", actor, f"user:{user.public_id}")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
