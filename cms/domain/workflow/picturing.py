"""Images in the library: their words, rights and focal point, and taking out what nothing shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cms.domain import keys
from cms.domain.articles.picture_use import is_used, shown_in
from cms.domain.articles.touching import touched
from cms.domain.errors import Conflict, Forbidden, Invalid
from cms.domain.events import Event
from cms.domain.media.model import Media
from cms.domain.media.uploading import TEXTS
from cms.domain.people.staff import Actor
from cms.domain.text import plain
from cms.domain.workflow.permissions import PERMISSIONS, RIGHTS, require_right

FIELDS = (*TEXTS, "usable_until", "focus_x", "focus_y")


def may_change(actor: Actor, media: Media) -> bool:
    """One's own uploads, or with the right to manage media any."""
    rights = PERMISSIONS[actor.role]
    mine = actor.user_id is not None and media.created_by == actor.user_id
    return "manage_media" in rights or ("upload" in rights and mine)


def checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as they are stored, and the focal point as two numbers from 0 to 1. Raises Invalid, naming each."""
    fields: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, value in given.items():
        try:
            fields[name] = (
                plain(value, TEXTS[name]) if name in TEXTS else _share(value) if name[:5] == "focus" else value
            )
        except ValueError as refused:
            errors[name] = [str(refused)]
    if "alt" in fields and not fields["alt"]:
        errors["alt"] = ["Say what the picture shows, for those who don't see it."]
    if errors:
        raise Invalid(errors)
    return fields


def describe(session: Session, actor: Actor, media: Media, fields: Mapping[str, Any], now: datetime) -> list[Event]:
    """Change what is said of an image. ``fields`` come from ``checked``; ``usable_until`` is an instant or None.

    The pages that show it are touched. Nothing happens when nothing changes.
    """
    _require(actor, media)
    changed = [name for name, value in fields.items() if getattr(media, name) != value]
    if not changed:
        return []
    before = {name: _told(getattr(media, name)) for name in changed}
    for name in changed:
        setattr(media, name, fields[name])
    session.flush()
    after = {name: _told(getattr(media, name)) for name in changed}
    subject = f"media:{media.public_id}"
    return [Event("describe", actor, subject, before=before, after=after, keys=_pages(session, media, now))]


def remove(session: Session, actor: Actor, media: Media) -> Event:
    """Take an image out of the library. Refused while any revision shows it: history would have a hole."""
    _require(actor, media)
    if is_used(session, media.id):
        raise Conflict("A story shows this picture, or did in an earlier revision, so it stays", code="in_use")
    before = {name: _told(getattr(media, name)) for name in ("key", *TEXTS)}
    session.delete(media)
    session.flush()
    return Event("remove", actor, f"media:{media.public_id}", before=before)


def _require(actor: Actor, media: Media) -> None:
    require_right(actor, "upload")
    if not may_change(actor, media):
        raise Forbidden(f"You don't have the right to {RIGHTS['manage_media']}", right="manage_media")


def _pages(session: Session, media: Media, now: datetime) -> frozenset[str]:
    pages = {keys.media(media.public_id)}
    for article, revision_id in shown_in(session, media.id, now).items():
        pages |= touched(session, article, [revision_id])
    return frozenset(pages)


def _share(value: str) -> float:
    """Percent, as a form writes it."""
    try:
        share = float(value) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise ValueError("Takes a number from 0 to 100.")
    return round(share, 3)


def _told(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
