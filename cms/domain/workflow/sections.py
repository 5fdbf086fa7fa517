"""Keeping the tree of sections: start, change, move, put in order, merge, remove. Links are kept throughout."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from cms.domain import forwards, keys
from cms.domain.articles.carrying import consequences, hand_over, in_use
from cms.domain.errors import Conflict, Forbidden, Invalid, NotFound
from cms.domain.events import Event
from cms.domain.people.model import UserSection
from cms.domain.people.staff import Actor
from cms.domain.taxonomy.filing import start_section
from cms.domain.taxonomy.model import Section
from cms.domain.taxonomy.queries import subtree
from cms.domain.workflow.naming import differences, named, refuse_forwarded
from cms.domain.workflow.permissions import require_right

DEEPEST = 6
"""Levels: a path of that many slugs fits its column."""


def find_section(session: Session, public_id: str) -> Section:
    section = session.scalar(select(Section).where(Section.public_id == public_id))
    if section is None:
        raise NotFound("There is no such section")
    return section


def start(session: Session, actor: Actor, fields: Mapping[str, Any], now: datetime) -> tuple[Section, Event]:
    """A new section, last among its siblings. ``fields``: name, and slug, parent (a slug) and introduction."""
    cleaned = named({name: value for name, value in fields.items() if name != "parent" and value})
    if not cleaned.get("name"):
        raise Invalid({"name": ["Takes a name."]})
    above = _above(session, fields.get("parent"))
    _require(session, actor, above)
    if above is not None and above.path.count("/") + 2 > DEEPEST:
        raise Invalid({"parent": [f"Sections nest at most {DEEPEST} deep."]})
    parent = above.slug if above else None
    section, event = start_section(
        session, actor, name=cleaned["name"], slug=cleaned.get("slug"), parent=parent, now=now
    )
    section.introduction = cleaned.get("introduction", "")
    return section, event


def change(session: Session, actor: Actor, section: Section, fields: Mapping[str, Any], now: datetime) -> list[Event]:
    """Another name, slug, introduction or parent (a slug; empty: top of the tree). Old addresses lead to the new."""
    _require(session, actor, section)
    cleaned: dict[str, Any] = named({name: value for name, value in fields.items() if name != "parent"})
    parent = _above(session, fields["parent"]) if "parent" in fields else section.parent
    cleaned["parent_id"] = parent.id if parent else None
    before, after = differences(section, cleaned)
    if not after:
        return []
    if "parent_id" in after:
        _require(session, actor, parent)
        _check_move(session, section, parent)
        before["path"] = section.path
    if "slug" in after:
        _refuse_taken(session, after["slug"])
    for name, value in after.items():
        setattr(section, name, value)
    if after.keys() & {"slug", "parent_id"}:
        refuse_forwarded(session, forwards.SECTION, _path(parent, section.slug), section.public_id)
        _repath(session, section, parent, now)
        after["path"] = section.path
    found_by = after.keys() != {"introduction"}
    return [_event("change_section", session, actor, section, before, after, now, index=found_by)]


def shift(session: Session, actor: Actor, section: Section, step: int, now: datetime) -> list[Event]:
    """Up (-1) or down (1) among its siblings; nothing at the end of them."""
    _require(session, actor, section)
    siblings = list(
        session.scalars(
            select(Section).where(Section.parent_id == section.parent_id).order_by(Section.position, Section.name)
        )
    )
    at = siblings.index(section)
    to = at + step
    if not 0 <= to < len(siblings):
        return []
    siblings[at], siblings[to] = siblings[to], siblings[at]
    for position, sibling in enumerate(siblings):
        sibling.position = position
    return [
        Event(
            "order_section",
            actor,
            f"section:{section.public_id}",
            before={"place": at + 1},
            after={"place": to + 1},
            keys=frozenset({keys.SITE}),
        )
    ]


def merge(session: Session, actor: Actor, section: Section, target: Section, now: datetime) -> Event:
    """Let ``target`` take over the stories, subsections, limits and addresses of ``section``, which is then gone."""
    _require(session, actor, section)
    _require(session, actor, target)
    if target.id in subtree(session, [section.id]):
        raise Conflict(f"{target.name} is {section.name} or lies within it; move it out first", code="within")
    session.scalars(select(Section).where(Section.id.in_((section.id, target.id))).with_for_update()).all()
    before = {"name": section.name, "path": section.path}
    after = {"into": target.public_id, "name": target.name, "path": target.path}
    event = _event("merge_section", session, actor, section, before, after, now)
    for child in session.scalars(select(Section).where(Section.parent_id == section.id)).all():
        _check_move(session, child, target)
        child.parent_id = target.id
        session.flush()
        _repath(session, child, target, now)
    hand_over(session, forwards.SECTION, section.id, target.id)
    limited = select(UserSection.user_id).where(UserSection.section_id == target.id)
    session.execute(
        delete(UserSection)
        .where(UserSection.section_id == section.id, UserSection.user_id.in_(limited))
        .execution_options(synchronize_session=False)
    )
    session.execute(update(UserSection).where(UserSection.section_id == section.id).values(section_id=target.id))
    forwards.lead(session, forwards.SECTION, section.path, target.public_id, now)
    forwards.become(session, forwards.SECTION, section.public_id, target.public_id, now)
    session.delete(section)
    session.flush()
    return event


def remove(session: Session, actor: Actor, section: Section) -> Event:
    """Take away a section that holds nothing and never did."""
    _require(session, actor, section)
    if session.scalar(select(Section.id).where(Section.parent_id == section.id).limit(1)) is not None:
        raise Conflict(f"{section.name} has sections below it; move or merge them first", code="in_use")
    if in_use(session, forwards.SECTION, section.id):
        raise Conflict(f"Stories are filed in {section.name}; merge it into another section", code="in_use")
    if session.scalar(select(UserSection.user_id).where(UserSection.section_id == section.id).limit(1)) is not None:
        raise Conflict(f"An editor is limited to {section.name}; change that first", code="in_use")
    session.delete(section)
    session.flush()
    before = {"name": section.name, "path": section.path}
    return Event("remove_section", actor, f"section:{section.public_id}", before=before, keys=frozenset({keys.SITE}))


# --- Checks ------------------------------------------------------------------------------------------------


def _require(session: Session, actor: Actor, section: Section | None) -> None:
    """The right, and for an editor limited to sections one of those or below it; None is the top of the tree."""
    require_right(actor, "manage_taxonomy")
    if actor.sections is None:
        return
    if section is None or section.id not in subtree(session, actor.sections):
        raise Forbidden("You can only change your own sections", right="manage_taxonomy")


def _above(session: Session, slug: str | None) -> Section | None:
    if not slug:
        return None
    above = session.scalar(select(Section).where(Section.slug == slug))
    if above is None:
        raise Invalid({"parent": [f"There is no section {slug!r}."]})
    return above


def _check_move(session: Session, section: Section, parent: Section | None) -> None:
    below = subtree(session, [section.id])
    if parent is None:
        return
    if parent.id in below:
        raise Invalid({"parent": [f"{parent.name} is {section.name} or lies within it."]})
    paths = session.scalars(select(Section.path).where(Section.id.in_(below)))
    height = max(path.count("/") for path in paths) - section.path.count("/") + 1
    if parent.path.count("/") + 1 + height > DEEPEST:
        raise Invalid({"parent": [f"Sections nest at most {DEEPEST} deep."]})


def _refuse_taken(session: Session, slug: str) -> None:
    if session.scalar(select(Section.id).where(Section.slug == slug)) is not None:
        raise Conflict(f"There is a section {slug!r} already", code="slug_taken")


# --- Paths -------------------------------------------------------------------------------------------------


def _path(parent: Section | None, slug: str) -> str:
    return f"{parent.path}/{slug}" if parent else slug


def _repath(session: Session, section: Section, parent: Section | None, now: datetime) -> None:
    """Give the section and all below it their new paths, and let the old ones lead there."""
    old, new = section.path, _path(parent, section.slug)
    below: Sequence[Section] = session.scalars(
        select(Section).where(Section.path.startswith(f"{old}/", autoescape=True))
    ).all()
    for each in [section, *below]:
        former, each.path = each.path, new + each.path[len(old) :]
        session.flush()
        forwards.lead(session, forwards.SECTION, former, each.public_id, now)
        forwards.release(session, forwards.SECTION, each.path)


def _event(
    verb: str,
    session: Session,
    actor: Actor,
    section: Section,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    now: datetime,
    *,
    index: bool = True,
) -> Event:
    """Every page names the sections; their stories are found by them."""
    within: Collection[int] = subtree(session, [section.id])
    touched, errands = consequences(session, forwards.SECTION, within, now)
    return Event(
        verb,
        actor,
        f"section:{section.public_id}",
        before=before,
        after=after,
        keys=touched | {keys.SITE, keys.section(section.slug)},
        errands=errands if index else (),
    )
