"""Whom somebody tells who has found a hole in the site: what security.txt names."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from cms.domain import keys, preferences
from cms.domain.errors import Invalid
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.text import plain
from cms.domain.workflow.permissions import require_right

LONGEST = 300
_MAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+")
_PAGE = re.compile(r"https://[^\s<>]+\.[^\s<>]+")


def security_contact(session: Session) -> str:
    """An e-mail address or the https address of a page; empty before anybody chose."""
    return str(preferences.preferred(session, preferences.SECURITY).get("contact", ""))


def set_security_contact(session: Session, actor: Actor, contact: str) -> list[Event]:
    """Choose it, or with nothing leave it to the paper's contact page."""
    require_right(actor, "manage_settings")
    try:
        cleaned = plain(contact, LONGEST)
    except ValueError as refused:
        raise Invalid({"contact": [str(refused)]}) from None
    if cleaned and not (_MAIL.fullmatch(cleaned) or _PAGE.fullmatch(cleaned)):
        raise Invalid({"contact": ["Takes an e-mail address, or the address of a page that begins with https://."]})
    before = security_contact(session)
    if before == cleaned:
        return []
    preferences.prefer(session, preferences.SECURITY, {"contact": cleaned})
    old, new = {"contact": before}, {"contact": cleaned}
    return [Event("set_security_contact", actor, "preference:security", old, new, frozenset({keys.SITE}))]
