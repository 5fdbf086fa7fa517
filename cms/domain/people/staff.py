"""Whoever acts, as the rules see them."""

from __future__ import annotations

from dataclasses import dataclass

from cms.domain.people.model import User


@dataclass(frozen=True)
class Actor:
    """A member of staff (or a token's service user) at work. ``sections`` limits an editor; None: everywhere."""

    user_id: int | None
    name: str
    role: str
    person_id: int | None = None
    sections: frozenset[int] | None = None


SYSTEM = Actor(user_id=None, name="Copydesk", role="admin")


def actor_for(user: User) -> Actor:
    limits = frozenset(limit.section_id for limit in user.limits)
    return Actor(
        user_id=user.id,
        name=user.name,
        role=user.role,
        person_id=user.person_id,
        sections=limits or None,
    )
