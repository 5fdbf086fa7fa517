"""Keeping the names that are printed: people, desks and agencies, with or without a sign-in of their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import forwards, keys
from cms.domain.articles.carrying import consequences
from cms.domain.articles.model import Article, Publication
from cms.domain.articles.queries import signed_by, visible
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.events import Event, search_errands
from cms.domain.media.model import Media
from cms.domain.people.hiring import add_person
from cms.domain.people.model import KINDS, Person, User
from cms.domain.people.staff import Actor
from cms.domain.workflow.naming import differences, named, refuse_forwarded
from cms.domain.workflow.permissions import require_right

PLAIN = ("name", "slug", "title", "bio", "email")


def find_person(session: Session, public_id: str) -> Person:
    person = session.scalar(select(Person).where(Person.public_id == public_id))
    if person is None:
        raise NotFound("There is no such person")
    return person


def start(session: Session, actor: Actor, fields: Mapping[str, Any], now: datetime) -> tuple[Person, Event]:
    """Somebody new. ``fields``: name, and slug, title, bio, email, kind and picture (an image's id)."""
    require_right(actor, "manage_people")
    cleaned = _cleaned(session, {name: value for name, value in fields.items() if value})
    if not cleaned.get("name"):
        raise Invalid({"name": ["Takes a name."]})
    plain = {name: cleaned[name] for name in ("title", "bio", "email", "kind") if name in cleaned}
    person, event = add_person(session, actor, name=cleaned["name"], slug=cleaned.get("slug"), now=now, **plain)
    person.picture = cleaned.get("picture")
    return person, event


def change(session: Session, actor: Actor, person: Person, fields: Mapping[str, Any], now: datetime) -> list[Event]:
    """Another name, address, title, biography, e-mail, kind or picture; the old address leads to the new one."""
    require_right(actor, "manage_people")
    before, after = differences(person, _cleaned(session, fields))
    if not after:
        return []
    if "slug" in after:
        if session.scalar(select(Person.id).where(Person.slug == after["slug"])) is not None:
            raise Conflict(f"There is a person {after['slug']!r} already", code="slug_taken")
        refuse_forwarded(session, forwards.PERSON, after["slug"], person.public_id)
        forwards.lead(session, forwards.PERSON, person.slug, person.public_id, now)
        forwards.release(session, forwards.PERSON, after["slug"])
    for name, value in after.items():
        setattr(person, name, value)
    session.flush()
    touched, errands = consequences(session, forwards.PERSON, [person.id], now)
    printed = bool(after.keys() & {"name", "slug"})
    return [
        Event(
            "change_person",
            actor,
            f"person:{person.public_id}",
            before=before,
            after=after,
            keys=touched
            | {keys.person(person.slug), keys.person(before.get("slug", person.slug))}
            | ({keys.SITE} if person.house else set()),
            errands=(errands + _unsigned(session, person, now)) if printed else (),
        )
    ]


def set_house(session: Session, actor: Actor, person: Person | None, now: datetime) -> list[Event]:
    """Let this name stand on every story that nobody signed; None: let such a story carry no name."""
    require_right(actor, "manage_people")
    former = session.scalar(select(Person).where(Person.house))
    if former is person:
        return []
    errands = _unsigned(session, former, now) if former else ()
    if former is not None:
        former.house = False
    session.flush()
    if person is not None:
        person.house = True
    session.flush()
    return [
        Event(
            "set_house_byline",
            actor,
            f"person:{person.public_id}" if person else f"person:{former.public_id if former else ''}",
            before={"name": former.name if former else None},
            after={"name": person.name if person else None},
            keys=frozenset({keys.SITE, keys.FRONT}),
            errands=errands or (_unsigned(session, person, now) if person else ()),
        )
    ]


def link_sign_in(session: Session, actor: Actor, person: Person, email: str) -> list[Event]:
    """Say which member of staff this is (their stories are then their own to edit); no address: nobody."""
    require_right(actor, "manage_users")
    wanted = email.strip().lower()
    user = session.scalar(select(User).where(User.email == wanted, User.service.is_(False))) if wanted else None
    if wanted and user is None:
        raise Invalid({"sign_in": [f"Nobody signs in as {wanted}."]})
    former = session.scalars(select(User).where(User.person_id == person.id)).all()
    if former == ([user] if user else []):
        return []
    for each in former:
        each.person_id = None
    if user is not None:
        user.person_id = person.id
    return [
        Event(
            "link_sign_in",
            actor,
            f"person:{person.public_id}",
            before={"sign_in": [each.email for each in former]},
            after={"sign_in": [user.email] if user else []},
        )
    ]


def _cleaned(session: Session, fields: Mapping[str, Any]) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    cleaned: dict[str, Any] = {}
    try:
        cleaned = dict(named({name: value for name, value in fields.items() if name in PLAIN}, name=200))
    except Invalid as invalid:
        errors.update(invalid.errors)
    if "kind" in fields:
        cleaned["kind"] = fields["kind"]
        if fields["kind"] not in KINDS:
            errors["kind"] = [f"Takes one of {', '.join(KINDS)}."]
    if "picture" in fields:
        cleaned["picture"] = fields["picture"] or None
        wanted = select(Media.id).where(Media.public_id == fields["picture"], Media.is_picture)
        if fields["picture"] and not session.scalar(wanted):
            errors["picture"] = [f"There is no image {fields['picture']!r}."]
    if cleaned.get("email") and "@" not in cleaned["email"].strip("@"):
        errors["email"] = ["Takes an e-mail address."]
    if errors:
        raise Invalid(errors)
    return cleaned


def _unsigned(session: Session, person: Person, now: datetime) -> tuple[Any, ...]:
    """Search errands of the visible stories that carry the house's name; none unless this is the house's."""
    if not person.house:
        return ()
    rows = signed_by(visible(now), person.id).with_only_columns(Article.public_id, Publication.id)
    return tuple(errand for article, _ in session.execute(rows) for errand in search_errands(article, [now]))
