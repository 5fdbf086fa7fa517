"""What was brought in before and has changed where it came from: by the verbs that staff would use."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain import addresses, origins
from cms.domain.articles import desk
from cms.domain.articles.model import Article, Publication, Revision
from cms.domain.errors import NotFound
from cms.domain.events import Event
from cms.domain.origins import Origin
from cms.domain.people.staff import SYSTEM
from cms.domain.views.adjusting import adjust
from cms.domain.views.model import VisitTotal
from cms.domain.workflow import editing, publishing, spans
from cms.moving.arriving.creating import Ready, filed
from cms.moving.arriving.filing import Filing
from cms.moving.arriving.former import lead_here
from cms.moving.arriving.story import Story
from cms.settings import Settings


class Left(Exception):
    """It is left as it is here, for the reason given: nobody's work here is undone by an import."""


def change(
    session: Session, settings: Settings, origin: Origin, ready: Ready, filing: Filing, now: datetime
) -> list[Event]:
    """Bring the story here to what it is there now; what happened. Raises Left, and whatever the verbs raise."""
    story = ready.story
    try:
        article = desk.find(session, origin.target, lock=True)
    except NotFound:
        raise Left("it is no longer here") from None
    if article.newest != origin.revision:
        raise Left("it was worked on here since")
    standing = spans.standing(session, article)
    if article.state == "spiked" and story.live_from is not None:
        raise Left("it was binned here")
    if any(row.withdrawn_at for row in standing) and desk.on_show(standing, now) is None:
        raise Left("it was withdrawn here")
    newest, events = editing.save(
        session,
        SYSTEM,
        article,
        article.newest,
        _fields(session, article, story, filing),
        now,
        note=f"Brought in again from {origin.source}"[:500],
    )
    events += _placed(session, settings, article, story, newest, standing, now)
    total = session.get(VisitTotal, article.id)
    more = story.views - (total.visits if total else 0)
    if more > 0:
        reason = f"Brought in from {origin.source}"
        events.append(adjust(session, article, more, reason=reason, actor=SYSTEM, now=now))
    _lead(session, settings, article, story, origin.source, now)
    origins.note(session, origin.source, origin.kind, origin.key, origin.target, ready.digest, article.newest, now)
    return events


def _fields(session: Session, article: Article, story: Story, filing: Filing) -> Mapping[str, Any]:
    """As a save takes them; what names the same people, sections and tags as before isn't named again."""
    newest, of = desk.revision(session, article), filed(story, filing)
    fields: dict[str, Any] = {**editing.EMPTY, **story.fields, "lead_image": story.lead_image}
    fields["slug"] = story.fields.get("slug") or newest.slug
    fields["language"] = story.fields.get("language") or newest.language
    fields["bylines"] = [{"person": person.slug, "role": role} for person, role in of.people]
    fields["sections"] = [section.slug for section in of.sections]
    fields["tags"] = [tag.name for tag in of.tags]
    now_signed = [(byline["person"], byline["role"]) for byline in newest.bylines]
    same = {
        "bylines": now_signed == [(person.public_id, role) for person, role in of.people],
        "sections": newest.sections == [section.public_id for section in of.sections],
        "tags": newest.tags == [tag.public_id for tag in of.tags],
    }
    return {name: value for name, value in fields.items() if not same.get(name)}


def _placed(
    session: Session,
    settings: Settings,
    article: Article,
    story: Story,
    newest: Revision,
    standing: list[Publication],
    now: datetime,
) -> list[Event]:
    """Put it on show, off show, or to another time, if that is what it now is there."""
    zone, live = settings.site_timezone, desk.on_show(standing, now)
    coming = [row for row in standing if row.live_from > now]
    if story.live_from is None:
        if live is not None:
            return [publishing.withdraw(session, SYSTEM, article, now, zone=zone)]
        events = [publishing.cancel(session, SYSTEM, article, row.n, now, zone=zone) for row in coming]
        if story.state == "spiked" and article.state != "spiked":
            events.append(publishing.spike(session, SYSTEM, article, now, zone=zone))
        return events
    events = []
    if live is not None:
        if live.revision_id == newest.id:
            return []
        _row, published = publishing.publish(session, SYSTEM, article, now, zone=zone, revision=newest.number)
        return published
    if any(row.live_from == story.live_from and row.revision_id == newest.id for row in coming):
        return []
    events += [publishing.cancel(session, SYSTEM, article, row.n, now, zone=zone) for row in coming]
    first = not any(row.live_from <= now for row in standing)
    start = story.live_from if first or story.live_from > now else None
    _row, published = publishing.publish(
        session, SYSTEM, article, now, zone=zone, revision=newest.number, live_from=start, live_until=story.live_until
    )
    return events + published


def _lead(session: Session, settings: Settings, article: Article, story: Story, source: str, now: datetime) -> None:
    slug = session.scalars(
        select(Publication.slug)
        .where(Publication.article_id == article.id, Publication.cancelled_at.is_(None))
        .order_by(Publication.n.desc())
        .limit(1)
    ).first()
    if slug is not None and article.address_date is not None:
        target = addresses.article(settings.article_path, article.address_date, slug)
        lead_here(session, dict.fromkeys(story.former, target), f"Brought in from {source}", now, [])
