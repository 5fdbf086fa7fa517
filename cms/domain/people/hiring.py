"""Taking on people whose names are printed, and staff who sign in."""

from __future__ import annotations

import secrets
from datetime import datetime

from slugify import slugify
from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import forwards
from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event, Who
from cms.domain.people.model import ROLES, Person, User


def add_person(
    session: Session,
    actor: Who,
    *,
    name: str,
    slug: str | None,
    now: datetime,
    title: str = "",
    bio: str = "",
    email: str = "",
    kind: str = "person",
) -> tuple[Person, Event]:
    """A new person; they need no sign-in. Without a slug, a free one is made; a given one that is taken: Conflict."""
    taken = set(session.scalars(select(Person.slug)))
    if slug and slug in taken:
        raise Conflict(f"There is a person {slug!r} already", code="slug_taken")
    led = set(session.scalars(select(forwards.Forward.former).where(forwards.Forward.kind == forwards.PERSON)))
    if slug and slug in led:
        raise Conflict(f"Old links to “{slug}” lead to another person; choose another slug", code="slug_taken")
    person = Person(
        slug=slug or _free(slugify(name, max_length=76, word_boundary=True) or "person", taken | led),
        name=name,
        title=title,
        bio=bio,
        email=email,
        kind=kind,
        created_at=now,
    )
    session.add(person)
    session.flush()
    after = {"slug": person.slug, "name": name}
    return person, Event("add_person", actor, f"person:{person.public_id}", after=after)


def add_user(
    session: Session,
    actor: Who,
    *,
    email: str,
    name: str,
    role: str,
    password_hash: str | None,
    now: datetime,
    service: bool = False,
) -> tuple[User, Event]:
    """A new member of staff, or a token's service user. Raises Invalid for a role that isn't, Conflict if known."""
    if role not in ROLES:
        raise Invalid({"role": [f"Takes one of {', '.join(ROLES)}."]})
    email = email.strip().lower()
    if session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Conflict(f"There is a user {email} already", code="email_taken")
    user = User(
        email=email,
        name=name,
        role=role,
        password=password_hash,
        service=service,
        fs_uniquifier=secrets.token_hex(32),
        created_at=now,
    )
    session.add(user)
    session.flush()
    after = {"email": email, "role": role, "service": service}
    return user, Event("add_user", actor, f"user:{user.public_id}", after=after)


def _free(slug: str, taken: set[str]) -> str:
    candidate, count = slug, 1
    while candidate in taken:
        count += 1
        candidate = f"{slug}-{count}"
    return candidate
