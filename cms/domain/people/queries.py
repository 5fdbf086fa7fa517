"""Looking up people and staff."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.people.model import Person, User


def person_by_slug(session: Session, slug: str) -> Person | None:
    return session.scalar(select(Person).where(Person.slug == slug))


def all_people(session: Session) -> Sequence[Person]:
    return session.scalars(select(Person).order_by(Person.name, Person.id)).all()


def user_by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def has_admin(session: Session) -> bool:
    return session.scalar(select(User.id).where(User.role == "admin", User.service.is_(False)).limit(1)) is not None
