"""Writing standing pages and taking them away. Whoever calls has asked for the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, undefer

from cms.domain import keys
from cms.domain.articles.body import BodyRefused, clean
from cms.domain.articles.slugs import check_slug
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.events import Event, Who
from cms.domain.media.model import Media
from cms.domain.standing.model import StandingPage
from cms.domain.text import plain

TAKEN = frozenset(
    {"admin", "api", "archive", "author", "corrections", "healthz", "media", "metrics", "most-read", "oembed"}
    | {"offline", "preview", "readyz", "search", "section", "share", "static", "tag", "text"}
)
"""First parts of addresses that lead elsewhere."""


def all_pages(session: Session) -> Sequence[StandingPage]:
    """In the order of their links; without their texts."""
    return session.scalars(select(StandingPage).order_by(StandingPage.position, StandingPage.id)).all()


def page_at(session: Session, slug: str) -> StandingPage | None:
    """With its text."""
    wanted = select(StandingPage).where(StandingPage.slug == slug).options(undefer(StandingPage.body_html))
    return session.scalar(wanted)


def picture_on_a_page(session: Session, key: str, now: datetime) -> Media | None:
    """The image behind this key, if a page shows it and its rights still run."""
    shown = select(StandingPage.id).where(StandingPage.body_html.contains(f"/media/{key}/", autoescape=True))
    usable = or_(Media.usable_until.is_(None), Media.usable_until > now)
    return session.scalar(select(Media).where(Media.key == key, usable, shown.exists()))


def write_page(
    session: Session, actor: Who, fields: Mapping[str, str], now: datetime, *, slug: str | None = None, base: int = 0
) -> tuple[StandingPage, list[Event]]:
    """A new page, or with ``slug`` the next version of that one.

    ``fields`` are slug, title and body_html. Raises Invalid by field, NotFound for a page that isn't, and Conflict
    when somebody else saved after the version ``base``.
    """
    cleaned = _cleaned(session, fields, slug)
    page = page_at(session, slug) if slug else None
    if slug and page is None:
        raise NotFound("There is no such page")
    if page is None:
        last = session.scalar(select(func.max(StandingPage.position))) or 0
        page = StandingPage(position=last + 1, version=0, **cleaned)
        session.add(page)
        before: dict[str, str] = {}
    else:
        if base != page.version:
            said = f"{page.saved_by} saved this page after you opened it. Copy what you typed, then open it again."
            raise Conflict(said, code="stale_base", version=page.version)
        before = {name: getattr(page, name) for name in cleaned}
        if before == cleaned:
            return page, []
        for name, value in cleaned.items():
            setattr(page, name, value)
    page.version += 1
    page.saved_at, page.saved_by = now, actor.name
    session.flush()
    event = Event("write_page", actor, f"page:{page.slug}", before, cleaned, frozenset({keys.SITE}))
    return page, [event]


def remove_page(session: Session, actor: Who, slug: str) -> Event:
    page = page_at(session, slug)
    if page is None:
        raise NotFound("There is no such page")
    before = {"slug": page.slug, "title": page.title, "body_html": page.body_html}
    session.delete(page)
    return Event("remove_page", actor, f"page:{slug}", before, keys=frozenset({keys.SITE}))


def _cleaned(session: Session, fields: Mapping[str, str], own: str | None) -> dict[str, str]:
    errors: dict[str, list[str]] = {}
    cleaned = {}
    try:
        cleaned["slug"] = check_slug(fields.get("slug", ""))
        taken = cleaned["slug"] in TAKEN
        other = cleaned["slug"] != own and page_at(session, cleaned["slug"]) is not None
        if taken or other:
            errors["slug"] = ["This address is taken."]
    except ValueError as refused:
        errors["slug"] = [str(refused)]
    try:
        cleaned["title"] = plain(fields.get("title", ""), 200)
        if not cleaned["title"]:
            errors["title"] = ["Takes a title of 1 to 200 characters."]
    except ValueError as refused:
        errors["title"] = [str(refused)]
    try:
        cleaned["body_html"] = clean(fields.get("body_html", ""))
    except BodyRefused as refused:
        errors["body_html"] = [str(refused)]
    if errors:
        raise Invalid(errors)
    return cleaned
