"""Signing in to the admin: who the browser's cookie says is here, and how it comes to say so.

The cookie is Flask's signed one, with Path=/admin, and is read by admin pages only. Nothing here hooks into every
request: a library that did would make each public page depend on the cookie (``Vary: Cookie``) and uncacheable.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from cms import reactions
from cms.domain.people import guesses, passwords, sessions
from cms.domain.people.model import User
from cms.domain.people.queries import user_by_email
from cms.domain.people.staff import actor_for
from cms.web import staff_marker
from cms.web.client_address import client_address
from cms.web.current import newsroom, now
from cms.web.database import db

csrf = CSRFProtect()
"""Checked by the admin on each of its unsafe requests; other surfaces have no cookie to ride on."""

DEVICE_COOKIE = "cms_device"
_TOKEN = "staff"  # noqa: S105  (the cookie field that holds it)


class Refused(Exception):
    """The guess was wrong, or was one too many (then ``until`` says when to try again)."""

    def __init__(self, until: datetime | None = None) -> None:
        super().__init__()
        self.until = until


class _DeskCookie(SecureCookieSessionInterface):
    """Flask's, which elsewhere than at the desk isn't looked at."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        at_the_desk = request.path.startswith(app.config["SESSION_COOKIE_PATH"])
        return super().open_session(app, request) if at_the_desk else self.session_class()


def install(app: Flask) -> None:
    app.session_interface = _DeskCookie()
    app.config.update(
        SESSION_COOKIE_NAME="cms_admin",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as its session: a story may be open all day
    )
    csrf.init_app(app)


def staff() -> User | None:
    """The signed-in user of this request, as the reading session sees them."""
    if "staff" not in g:
        g.staff = staff_in(db.session())
    return cast("User | None", g.staff)


def staff_in(session_: Session) -> User | None:
    """The same, asked in another session: whoever is about to change something is checked once more."""
    token = session.get(_TOKEN)
    return sessions.user_of(session_, token, now()) if isinstance(token, str) else None


def sign_in(email: str, password: str) -> None:
    """Check a guess and begin a session. Raises Refused, alike for an unknown account and a wrong password."""
    room, buckets = newsroom(), _buckets(email)
    hashed = _guessed_right(email, password, buckets)
    with room.sessions.write() as writing:
        user = user_by_email(writing, email)
        if user is None or not user.active or not user.password or user.password != hashed:
            raise Refused  # changed under our eyes
        user.password = passwords.renewed(user.password, password) or user.password
        token, event = sessions.start(writing, user, now())
        guesses.forgive(writing, buckets)
        reactions.commit(writing, [event], now(), room.signal)
        g.device_of = user.public_id
    _hold(token)


def change_password(old: str, new: str) -> None:
    """The signed-in person's own new password. Every session of theirs is over but this browser's, which gets a
    new one. Raises Refused for a wrong old password, Invalid for a new one that can't be taken."""
    room, me = newsroom(), staff()
    assert me is not None
    buckets = _buckets(me.email)
    fresh = passwords.hash_password(new)
    hashed = _guessed_right(me.email, old, buckets)
    with room.sessions.write() as writing:
        user = staff_in(writing)
        if user is None or user.password != hashed:
            raise Refused
        changed = sessions.change_password(writing, actor_for(user), user, fresh)
        token, started = sessions.start(writing, user, now())
        guesses.forgive(writing, buckets)
        reactions.commit(writing, [changed, started], now(), room.signal)
    _hold(token)


def end_all() -> None:
    """End every session of the signed-in person, on every device; this browser's gets a new one."""
    room = newsroom()
    with room.sessions.write() as writing:
        user = staff_in(writing)
        if user is None:
            raise Refused
        ended = sessions.end_all(writing, actor_for(user), user)
        token, started = sessions.start(writing, user, now())
        reactions.commit(writing, [ended, started], now(), room.signal)
    _hold(token)


def is_this_browsers(row: sessions.StaffSession) -> bool:
    token = session.get(_TOKEN)
    return isinstance(token, str) and sessions.is_of(row, token)


def sign_out() -> None:
    room = newsroom()
    token = session.get(_TOKEN)
    session.clear()
    if isinstance(token, str):
        with room.sessions.write() as writing:
            sessions.end(writing, token, now())
            reactions.commit(writing, [], now(), room.signal)


def mark(response: Response) -> Response:
    """Set the two cookies that outlive a session: this device is known, and its visits are not readers'."""
    settings = newsroom().settings
    secure = settings.origin.startswith("https:")
    response.set_cookie(
        DEVICE_COOKIE,
        _devices().dumps(g.device_of),
        max_age=timedelta(days=365),
        path="/admin",
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    response.set_cookie(
        staff_marker.NAME,
        staff_marker.issue(settings.secret_key, now()),
        max_age=staff_marker.LIFETIME,
        path=staff_marker.PATH,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )
    return response


def _guessed_right(email: str, password: str, buckets: list[str]) -> str | None:
    """The hash that the password matches. Raises Refused; a guess too many isn't even looked at."""
    room = newsroom()
    with room.sessions.write() as writing:
        full_until = guesses.reserve(writing, buckets, now())
        if full_until is not None:
            raise Refused(full_until)
        reactions.commit(writing, [], now(), room.signal)
    with room.sessions.read() as reading:
        user = user_by_email(reading, email)
        hashed = user.password if user is not None and user.active and not user.service else None
    # No connection is held meanwhile: this is meant to be slow.
    if not passwords.matches(hashed, password):
        raise Refused
    return hashed


def _hold(token: str) -> None:
    session.clear()  # nothing of what stood in the cookie before survives, its CSRF secret neither
    session[_TOKEN] = token


def _buckets(email: str) -> list[str]:
    address = client_address(request.environ, newsroom().settings.trusted_proxies)
    return [_person_bucket(email), guesses.network_bucket(address)]


def _person_bucket(email: str) -> str:
    cookie = request.cookies.get(DEVICE_COOKIE, "")
    try:
        known = _devices().loads(cookie)
    except BadSignature:
        return guesses.account_bucket(email)
    with newsroom().sessions.read() as reading:
        user = user_by_email(reading, email)
        mine = user is not None and user.public_id == known
    # By whom it names, not by how: one signature can be spelt in many ways.
    return guesses.device_bucket(known) if mine else guesses.account_bucket(email)


def _devices() -> URLSafeSerializer:
    return URLSafeSerializer(newsroom().settings.secret_key, salt="known-device")
