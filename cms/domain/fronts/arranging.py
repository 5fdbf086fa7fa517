"""Putting stories into a front's slots, and setting the banner. Whoever calls has asked for the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cms.domain import keys
from cms.domain.articles.links import check_url
from cms.domain.articles.model import Article
from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event, Who
from cms.domain.fronts.model import Banner, Front, FrontSlot
from cms.domain.fronts.slots import chosen, key_of, places, size_of
from cms.domain.taxonomy.model import Section
from cms.domain.taxonomy.queries import all_sections
from cms.domain.text import plain

THE_BANNER = 1


def arrange(
    session: Session,
    actor: Who,
    section: Section | None,
    wanted: Mapping[str, Sequence[str | None]],
    now: datetime,
    *,
    base: int | None = None,
) -> list[Event]:
    """Fill these places of the front page, or of a section's front; None leaves a slot to the newest story.

    Places that aren't named stay as they are. A story that isn't public yet may be chosen: it takes its slot when
    it is. Raises Conflict when the front is no longer the version ``base``, Invalid for a place, a story or a
    number of slots that can't be, and for a story in two slots.
    """
    key = key_of(section)
    front = session.get(Front, key)
    version = front.version if front else 0
    if base is not None and base != version:
        who = f"{front.arranged_by} arranged this front after you opened it" if front else "This is another front"
        raise Conflict(f"{who}; look at it again, then arrange it", code="stale_base", version=version)
    before = chosen(session, key)
    after = {slot: article for slot, article in before.items() if slot[0] not in wanted}
    after |= _resolved(session, places(key, all_sections(session)), wanted)
    _refuse_twice(after)
    if after == before:
        return []
    if front is None:
        front = Front(key=key, version=0)
        session.add(front)
    front.version = (front.version or 0) + 1
    front.arranged_at, front.arranged_by = now, actor.name
    session.flush()
    session.execute(delete(FrontSlot).where(FrontSlot.front_key == key))
    for (place, position), article_id in sorted(after.items()):
        session.add(FrontSlot(front_key=key, place=place, position=position, article_id=article_id))
    touched = keys.section(section.slug) if section else keys.FRONT
    told = {"version": front.version, "places": sorted(wanted)}
    return [Event("arrange_front", actor, f"front:{key}", after=told, keys=frozenset({touched}))]


def set_banner(
    session: Session, actor: Who, *, text: str, link: str, until: datetime | None, now: datetime
) -> list[Event]:
    """Show this above every page until then; an empty text takes the banner away."""
    banner = session.get(Banner, THE_BANNER)
    touched = frozenset({keys.SITE})
    try:
        text = plain(text, 200)
    except ValueError as refused:
        raise Invalid({"text": [str(refused)]}) from None
    if not text:
        if banner is None:
            return []
        session.delete(banner)
        return [Event("clear_banner", actor, "front:banner", before={"text": banner.text}, keys=touched)]
    errors = {}
    address = check_url(link) if link else ""
    if address is None:
        errors["link"] = ["Takes a web address or a path from the site's root."]
    if until is None or until <= now:
        errors["until"] = ["Takes a time to come, at which the banner goes away by itself."]
    if errors:
        raise Invalid(errors)
    if banner is None:
        banner = Banner(id=THE_BANNER)
        session.add(banner)
    assert until is not None
    banner.text, banner.link, banner.until = text, address or "", until
    banner.set_at, banner.set_by = now, actor.name
    told = {"text": text, "link": banner.link, "until": until.isoformat()}
    return [Event("set_banner", actor, "front:banner", after=told, keys=touched)]


def banner_at(session: Session, now: datetime) -> Banner | None:
    return session.scalar(select(Banner).where(Banner.id == THE_BANNER, Banner.until > now))


def _resolved(
    session: Session, known: Sequence[str], wanted: Mapping[str, Sequence[str | None]]
) -> dict[tuple[str, int], int]:
    """Article ids by slot. Raises Invalid, naming each place that can't be filled so."""
    errors: dict[str, list[str]] = {}
    named = {public_id for row in wanted.values() for public_id in row if public_id}
    rows = session.execute(select(Article.public_id, Article.id).where(Article.public_id.in_(named)))
    found = {public_id: article_id for public_id, article_id in rows}  # noqa: C416
    filled = {}
    for place, row in wanted.items():
        if place not in known:
            errors[place] = ["This front has no such place."]
            continue
        if len(row) > size_of(place):
            errors[place] = [f"Takes at most {size_of(place)} stories."]
        for position, public_id in enumerate(row):
            if not public_id:
                continue
            if public_id not in found:
                errors.setdefault(place, []).append(f"There is no story {public_id!r}.")
            else:
                filled[place, position] = found[public_id]
    if errors:
        raise Invalid(errors)
    return filled


def _refuse_twice(filled: Mapping[tuple[str, int], int]) -> None:
    seen: dict[int, str] = {}
    for (place, _position), article_id in sorted(filled.items()):
        if article_id in seen:
            raise Invalid({place: ["A story stands in one slot only; this one is chosen twice."]})
        seen[article_id] = place
