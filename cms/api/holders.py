"""Who asks: the holder of a bearer token, or the public."""

from __future__ import annotations

from typing import cast

from flask import abort, g, request

from cms import reactions
from cms.domain.people.model import User
from cms.domain.people.staff import Actor, actor_for
from cms.domain.tokens import tokens
from cms.web.current import newsroom, now
from cms.web.database import db


def asker() -> Actor | None:
    """The token's service user, or None without a token. A wrong token is refused, never taken for none."""
    if "asker" not in g:
        g.asker = _asker()
    return cast("Actor | None", g.asker)


def staff() -> Actor:
    """The same, where a token is needed: 401 without one."""
    actor = asker()
    if actor is None:
        abort(401, "This needs a token: send it as Authorization: Bearer TOKEN.")
    return actor


def _asker() -> Actor | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, secret = header.partition(" ")
    user = tokens.holder(db.session(), secret.strip(), now()) if scheme.lower() == "bearer" else None
    if user is None:
        abort(401, "This token is not known, or has run out or been revoked.")
    _note_use(user)
    return actor_for(user)


def _note_use(user: User) -> None:
    if tokens.noted_lately(db.session(), user, now()):
        return
    with newsroom().sessions.write() as session:
        tokens.note_use(session, user.id, now())
        reactions.commit(session, [], now(), newsroom().signal)
