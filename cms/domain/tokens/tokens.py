"""Granting, recognising and revoking tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from cms.domain.events import Event, Who
from cms.domain.people.hiring import add_user
from cms.domain.people.model import User
from cms.domain.tokens.model import Token

PREFIX = "cms_"


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
    token = session.scalar(
        select(Token)
        .join(Token.user)
        .where(
            Token.digest == _digest(secret),
            Token.revoked_at.is_(None),
            or_(Token.expires_at.is_(None), Token.expires_at > now),
            User.active.is_(True),
        )
        .options(joinedload(Token.user))
    )
    return token.user if token else None


def revoke(token: Token, actor: Who, now: datetime) -> Event:
    token.revoked_at = now
    return Event("revoke_token", actor, f"token:{token.public_id}", after={"name": token.name})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
