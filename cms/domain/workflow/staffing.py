"""Staff and tokens: taking on, changing, letting go. Every way to lose the last admin is refused."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event
from cms.domain.people import hiring, sessions
from cms.domain.people.model import ROLES, Person, User, UserSection
from cms.domain.people.staff import Actor
from cms.domain.taxonomy.model import Section
from cms.domain.text import plain
from cms.domain.tokens import tokens
from cms.domain.tokens.model import Token
from cms.domain.workflow.permissions import require_right


def take_on(
    session: Session, actor: Actor, *, email: str, name: str, role: str, password_hash: str, now: datetime
) -> tuple[User, Event]:
    """A new member of staff with this password. Raises Invalid for an address or name that can't be taken."""
    require_right(actor, "manage_users")
    email, name = _checked("email", email, 320), _checked("name", name, 200)
    before, at, after = email.partition("@")
    if not (before and at and after) or " " in email:
        raise Invalid({"email": ["Takes an e-mail address."]})
    return hiring.add_user(session, actor, email=email, name=name, role=role, password_hash=password_hash, now=now)


def change(
    session: Session,
    actor: Actor,
    user: User,
    *,
    name: str,
    role: str,
    person: str | None,
    limits: Sequence[str],
) -> list[Event]:
    """Give a user a name, a role, a byline (a person's slug) and the sections (slugs) they are limited to.

    A user with another role or other limits signs in anew.
    """
    require_right(actor, "manage_users")
    if role not in ROLES:
        raise Invalid({"role": [f"Takes one of {', '.join(ROLES)}."]})
    if role != user.role:
        _refuse_losing_admins(session, actor, user, "change the role of")
    before = _told(session, user)
    rights = (user.role, frozenset(limit.section_id for limit in user.limits))
    user.name, user.role, user.person_id = _checked("name", name, 200), role, _person(session, person)
    sections = frozenset(_sections(session, limits))
    if sections != rights[1]:
        user.limits = [UserSection(section_id=each) for each in sorted(sections)]
    if (role, sections) != rights:
        user.fs_uniquifier = secrets.token_hex(32)
    session.flush()
    after = _told(session, user)
    if before == after:
        return []
    changed = [field for field in after if before[field] != after[field]]
    return [
        Event(
            "change_user",
            actor,
            f"user:{user.public_id}",
            before={field: before[field] for field in changed},
            after={field: after[field] for field in changed},
        )
    ]


def let_go(session: Session, actor: Actor, user: User) -> Event:
    """The user may not sign in any more, and every session of theirs is over."""
    require_right(actor, "manage_users")
    _refuse_losing_admins(session, actor, user, "let go of")
    user.active, user.fs_uniquifier = False, secrets.token_hex(32)
    return Event("let_go", actor, f"user:{user.public_id}", before={"active": True}, after={"active": False})


def take_back(session: Session, actor: Actor, user: User) -> Event:
    require_right(actor, "manage_users")
    user.active = True
    return Event("take_back", actor, f"user:{user.public_id}", before={"active": False}, after={"active": True})


def reset_password(session: Session, actor: Actor, user: User, password_hash: str) -> Event:
    """A new password, made by somebody else: every session of the user's is over."""
    require_right(actor, "manage_users")
    return sessions.change_password(session, actor, user, password_hash)


def grant_token(
    session: Session, actor: Actor, *, name: str, role: str, expires_at: datetime | None, now: datetime
) -> tuple[str, list[Event]]:
    """A new token's secret, which is kept nowhere."""
    require_right(actor, "manage_tokens")
    name = _checked("name", name, 200)
    secret, _token, events = tokens.grant(session, actor, name=name, role=role, expires_at=expires_at, now=now)
    return secret, events


def revoke_token(session: Session, actor: Actor, token: Token, now: datetime) -> list[Event]:
    """The token opens nothing from now on. Revoking it twice changes nothing."""
    require_right(actor, "manage_tokens")
    return [] if token.revoked_at else [tokens.revoke(token, actor, now)]


def _checked(field: str, value: str, limit: int) -> str:
    try:
        value = plain(value, limit)
    except ValueError as refused:
        raise Invalid({field: [str(refused)]}) from None
    if not value:
        raise Invalid({field: [f"Takes 1 to {limit} characters."]})
    return value


def _refuse_losing_admins(session: Session, actor: Actor, user: User, verb: str) -> None:
    if user.id == actor.user_id:
        raise Conflict(f"You can't {verb} yourself; ask another admin", code="yourself")
    admins = select(func.count()).where(User.role == "admin", User.active.is_(True), User.service.is_(False))
    if user.role == "admin" and user.active and (session.scalar(admins) or 0) < 2:
        raise Conflict("This is the last admin; make somebody else one first", code="last_admin")


def _person(session: Session, slug: str | None) -> int | None:
    if not slug:
        return None
    found = session.scalar(select(Person.id).where(Person.slug == slug))
    if found is None:
        raise Invalid({"person": [f"There is no person {slug!r}."]})
    return found


def _sections(session: Session, slugs: Sequence[str]) -> Sequence[int]:
    found = {section.slug: section.id for section in session.scalars(select(Section))}
    unknown = [slug for slug in slugs if slug not in found]
    if unknown:
        raise Invalid({"limits": [f"There is no section {', '.join(unknown)}."]})
    return [found[slug] for slug in slugs]


def _told(session: Session, user: User) -> dict[str, object]:
    names = select(Section.slug).join(UserSection, UserSection.section_id == Section.id)
    byline = select(Person.slug).where(Person.id == user.person_id)
    return {
        "name": user.name,
        "role": user.role,
        "person": session.scalar(byline),
        "limits": list(session.scalars(names.where(UserSection.user_id == user.id).order_by(Section.slug))),
    }
