"""Looking up people and staff."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from cms.domain.errors import NotFound
from cms.domain.people.model import Person, User


def person_by_slug(session: Session, slug: str) -> Person | None:
    return session.scalar(select(Person).where(Person.slug == slug))


def all_people(session: Session) -> Sequence[Person]:
    return session.scalars(select(Person).order_by(Person.name, Person.id)).all()


def user_by_email(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def find_user(session: Session, public_id: str) -> User:
    """A member of staff, with the sections they are limited to. Raises NotFound, for a token's user too."""
    wanted = select(User).where(User.public_id == public_id, User.service.is_(False))
    user = session.scalar(wanted.options(selectinload(User.limits)))
    if user is None:
        raise NotFound("There is no such user")
    return user


def all_staff(session: Session) -> Sequence[User]:
    """Everybody who may sign in, then everybody who no longer may."""
    wanted = select(User).where(User.service.is_(False)).order_by(User.active.desc(), User.name, User.id)
    return session.scalars(wanted.options(selectinload(User.limits))).all()


def has_admin(session: Session) -> bool:
    return session.scalar(select(User.id).where(User.role == "admin", User.service.is_(False)).limit(1)) is not None
