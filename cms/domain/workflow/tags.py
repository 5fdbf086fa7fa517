"""Keeping the tags: start, change, merge, remove. Links are kept; an internal tag is shown to no reader."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import forwards, keys
from cms.domain.articles.carrying import consequences, hand_over, in_use
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.taxonomy.filing import start_tag
from cms.domain.taxonomy.model import Tag
from cms.domain.workflow.naming import differences, named, refuse_forwarded
from cms.domain.workflow.permissions import require_right


def find_tag(session: Session, public_id: str) -> Tag:
    tag = session.scalar(select(Tag).where(Tag.public_id == public_id))
    if tag is None:
        raise NotFound("There is no such tag")
    return tag


def start(session: Session, actor: Actor, fields: Mapping[str, Any], now: datetime) -> tuple[Tag, Event]:
    """A new tag. ``fields``: name, and slug, introduction and internal (True or False)."""
    require_right(actor, "manage_taxonomy")
    cleaned = named({name: value for name, value in fields.items() if name != "internal" and value})
    if not cleaned.get("name"):
        raise Invalid({"name": ["Takes a name."]})
    tag, event = start_tag(session, actor, name=cleaned["name"], slug=cleaned.get("slug"), now=now)
    tag.introduction = cleaned.get("introduction", "")
    tag.internal = bool(fields.get("internal"))
    return tag, event


def change(session: Session, actor: Actor, tag: Tag, fields: Mapping[str, Any], now: datetime) -> list[Event]:
    """Another name, slug, introduction, or shown to readers or not. The old address leads to the new one."""
    require_right(actor, "manage_taxonomy")
    cleaned: dict[str, Any] = named({name: value for name, value in fields.items() if name != "internal"})
    if "internal" in fields:
        cleaned["internal"] = bool(fields["internal"])
    before, after = differences(tag, cleaned)
    if not after:
        return []
    if "slug" in after:
        if session.scalar(select(Tag.id).where(Tag.slug == after["slug"])) is not None:
            raise Conflict(f"There is a tag {after['slug']!r} already", code="slug_taken")
        refuse_forwarded(session, forwards.TAG, after["slug"], tag.public_id)
        forwards.lead(session, forwards.TAG, tag.slug, tag.public_id, now)
        forwards.release(session, forwards.TAG, after["slug"])
    for name, value in after.items():
        setattr(tag, name, value)
    session.flush()
    touched, errands = consequences(session, forwards.TAG, [tag.id], now)
    return [
        Event(
            "change_tag",
            actor,
            f"tag:{tag.public_id}",
            before=before,
            after=after,
            keys=touched | {keys.tag(tag.slug), keys.tag(before.get("slug", tag.slug))},
            errands=errands if after.keys() != {"introduction"} else (),
        )
    ]


def merge(session: Session, actor: Actor, tag: Tag, target: Tag, now: datetime) -> Event:
    """Let ``target`` take over the stories and the address of ``tag``, which is then gone."""
    require_right(actor, "manage_taxonomy")
    if tag.id == target.id:
        raise Conflict("A tag can't be merged into itself", code="same")
    session.scalars(select(Tag).where(Tag.id.in_((tag.id, target.id))).with_for_update()).all()
    touched, errands = consequences(session, forwards.TAG, [tag.id], now)
    hand_over(session, forwards.TAG, tag.id, target.id)
    forwards.lead(session, forwards.TAG, tag.slug, target.public_id, now)
    forwards.become(session, forwards.TAG, tag.public_id, target.public_id, now)
    session.delete(tag)
    session.flush()
    return Event(
        "merge_tag",
        actor,
        f"tag:{tag.public_id}",
        before={"name": tag.name, "slug": tag.slug},
        after={"into": target.public_id, "name": target.name, "slug": target.slug},
        keys=touched | {keys.tag(tag.slug), keys.tag(target.slug)},
        errands=errands,
    )


def remove(session: Session, actor: Actor, tag: Tag) -> Event:
    """Take away a tag that no story ever carried."""
    require_right(actor, "manage_taxonomy")
    if in_use(session, forwards.TAG, tag.id):
        raise Conflict(f"Stories carry {tag.name}; merge it into another tag", code="in_use")
    session.delete(tag)
    session.flush()
    return Event("remove_tag", actor, f"tag:{tag.public_id}", before={"name": tag.name, "slug": tag.slug})
