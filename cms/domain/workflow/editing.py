"""Writing: begin an article, save a revision, restore an old one, and move the working copy through the desk.

A save names the revision it started from and is refused when that is no longer the newest; it never publishes,
unpublishes or changes the editorial state.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from cms.domain.articles import chain, desk
from cms.domain.articles.model import Article, Revision
from cms.domain.articles.slugs import slug_for
from cms.domain.errors import Conflict, Invalid, StaleBase
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.workflow.permissions import require, require_right
from cms.domain.workflow.snapshots import Text, append
from cms.domain.workflow.states import moved

EMPTY: dict[str, Any] = {
    "headline": "",
    "slug": "",
    "language": "en",
    "standfirst": "",
    "key_points": [],
    "body_html": "",
    "bylines": [],
    "sections": [],
    "tags": [],
    "lead_image": None,
    "seo": {},
}


def create(
    session: Session, actor: Actor, fields: Mapping[str, Any], now: datetime, *, language: str
) -> tuple[Article, Event]:
    """Begin an article with its first revision. ``fields`` come from ``clean_fields``."""
    require_right(actor, "create")
    if not fields.get("headline"):
        raise Invalid({"headline": ["A story needs a headline."]})
    article = Article(created_at=now, created_by=actor.user_id, touched_at=now)
    session.add(article)
    session.flush()
    slug = slug_for(fields["headline"], fields.get("language") or language)
    snapshot = {**EMPTY, "language": language, "slug": slug}
    revision = append(session, actor, article, Text({**snapshot, **fields}), now, base=None)
    assert revision is not None
    after = {"headline": revision.headline, "revision": 1}
    return article, Event("create", actor, f"article:{article.public_id}", after=after)


def save(
    session: Session,
    actor: Actor,
    article: Article,
    base: int,
    fields: Mapping[str, Any],
    now: datetime,
    *,
    note: str = "",
) -> tuple[Revision, list[Event]]:
    """Append a revision made from ``base`` with these fields changed; nothing when nothing would change.

    Raises StaleBase when somebody else saved after ``base``, Invalid for a section, person or image that isn't.
    """
    require(session, actor, "edit", article)
    newest = desk.revision(session, article)
    refuse_stale(base, newest)
    text = Text(begun_anew(newest, fields), newest)
    revision = append(session, actor, article, text, now, base=base, note=note, unless_equal=newest)
    if revision is None:
        return newest, []
    return revision, [saved("save", actor, article, newest, revision)]


def restore(
    session: Session, actor: Actor, article: Article, number: int, base: int, now: datetime
) -> tuple[Revision, list[Event]]:
    """Make an old revision's text the working copy again, as a new revision. It goes live only when published.

    ``base`` is the newest revision that whoever asks has seen. Nothing when the two are equal.
    """
    require(session, actor, "edit", article)
    newest, old = desk.revision(session, article), desk.revision(session, article, number)
    refuse_stale(base, newest)
    if old.erased_at is not None:
        raise Conflict(f"The text of revision {number} has been erased", code="erased", state=article.state)
    note = f"Revision {number} restored"
    # Its base is the text it repeats: what a live fix took out since must not come back unnoticed.
    revision = append(session, actor, article, Text({}, old), now, base=number, note=note, unless_equal=newest)
    if revision is None:
        return newest, []
    return revision, [saved("restore", actor, article, newest, revision)]


def transition(session: Session, actor: Actor, article: Article, verb: str, now: datetime) -> Event:
    """Carry out submit, approve, return or unspike. (Spiking also touches publications: see publishing.)"""
    require(session, actor, verb, article)
    before = article.state
    article.state = moved(article, verb).value
    article.touched_at = now
    if verb == "approve":
        article.approved = article.newest
    return Event(verb, actor, f"article:{article.public_id}", before={"state": before}, after={"state": article.state})


def refuse_stale(base: int, newest: Revision) -> None:
    """Raise StaleBase, saying who saved meanwhile, when ``base`` is not this revision."""
    if base != newest.number:
        raise StaleBase(
            base=base,
            newest=newest.number,
            saved_by=newest.author_name,
            saved_at=newest.created_at.isoformat(timespec="seconds"),
        )


def begun_anew(newest: Revision, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields to save over ``newest``. Over an erased text they need a headline, which gives the slug."""
    if newest.erased_at is None:
        return fields
    if not fields.get("headline"):
        raise Invalid({"headline": ["A story needs a headline."]})
    return {"slug": slug_for(fields["headline"], fields.get("language") or newest.language), **fields}


def saved(verb: str, actor: Actor, article: Article, older: Revision, newer: Revision) -> Event:
    changed = sorted(name for name in chain.CONTENT if getattr(older, name) != getattr(newer, name))
    return Event(
        verb,
        actor,
        f"article:{article.public_id}",
        before={"revision": older.number},
        after={"revision": newer.number, "base": newer.base, "changed": changed},
    )
