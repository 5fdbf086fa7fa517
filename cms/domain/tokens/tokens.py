"""Granting, recognising and revoking tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session, joinedload

from cms.domain.errors import NotFound
from cms.domain.events import Event, Who
from cms.domain.people.hiring import add_user
from cms.domain.people.model import User
from cms.domain.tokens.model import Token

PREFIX = "cms_"
NOTED_EVERY = timedelta(minutes=10)
"""A token's last use is written down at most this often, so that reading doesn't become writing."""


def grant(
    session: Session, actor: Who, *, name: str, role: str, expires_at: datetime | None, now: datetime
) -> tuple[str, Token, list[Event]]:
    """A new token with its own service user. The token itself is given back once and kept nowhere."""
    secret = PREFIX + secrets.token_urlsafe(32)
    user, added = add_user(
        session,
        actor,
        email=f"token-{secrets.token_hex(8)}@service.invalid",
        name=name,
        role=role,
        password_hash=None,
        now=now,
        service=True,
    )
    token = Token(name=name, digest=_digest(secret), user=user, created_at=now, expires_at=expires_at)
    session.add(token)
    session.flush()
    granted = Event("grant_token", actor, f"token:{token.public_id}", after={"name": name, "role": role})
    return secret, token, [added, granted]


def holder(session: Session, secret: str, now: datetime) -> User | None:
    """The service user behind a token, or None for one that is unknown, expired, revoked or switched off.

    Only digests are compared, so how long a wrong guess takes says nothing about a right one.
    """
    token = session.scalar(_HELD, {"digest": _digest(secret), "now": now})
    return token.user if token else None


_HELD = (
    select(Token)
    .join(Token.user)
    .where(
        Token.digest == bindparam("digest"),
        Token.revoked_at.is_(None),
        or_(Token.expires_at.is_(None), Token.expires_at > bindparam("now")),
        User.active.is_(True),
    )
    .options(joinedload(Token.user))
)
"""Built once, as every request with a token asks it."""


def every(session: Session) -> Sequence[Token]:
    """All tokens, those that still open something first, then the newest."""
    return session.scalars(
        select(Token).options(joinedload(Token.user)).order_by(Token.revoked_at.is_not(None), Token.id.desc())
    ).all()


def find(session: Session, public_id: str) -> Token:
    """The token of this public id. Raises NotFound."""
    token = session.scalar(select(Token).where(Token.public_id == public_id).options(joinedload(Token.user)))
    if token is None:
        raise NotFound("There is no such token")
    return token


def noted_lately(session: Session, user: User, now: datetime) -> bool:
    """Whether the use of this service user's token was written down within the last minutes."""
    last = session.scalar(select(Token.last_used_at).where(Token.user_id == user.id))
    return last is not None and last > now - NOTED_EVERY


def note_use(session: Session, user_id: int, now: datetime) -> None:
    session.execute(update(Token).where(Token.user_id == user_id).values(last_used_at=now))


def revoke(token: Token, actor: Who, now: datetime) -> Event:
    token.revoked_at = now
    return Event("revoke_token", actor, f"token:{token.public_id}", after={"name": token.name})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
