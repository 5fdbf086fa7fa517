"""Embargo: an article may not go live before an instant, whoever asks.

It is enforced when publications are written, never when pages are read. An editor may set one or push it back;
bringing it forward or lifting it takes the right to do so.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from cms.domain.articles import desk
from cms.domain.articles.model import Article
from cms.domain.errors import Conflict
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.workflow.permissions import require
from cms.domain.workflow.spans import call_off


def set_embargo(
    session: Session, actor: Actor, article: Article, until: datetime | None, now: datetime, *, zone: ZoneInfo
) -> list[Event]:
    """Set, push back or lift an embargo. Scheduled publications that it forbids are called off and named.

    Nothing for the embargo that there is: whoever sends an article back whole asks for no right to that.
    """
    before = article.embargo_until
    if until == before:
        require(session, actor, "see", article)
        return []
    eased = before is not None and before > now and (until is None or until < before)
    require(session, actor, "lift_embargo" if eased else "embargo", article)
    standing = [row for row in desk.publications(session, article) if row.cancelled_at is None]
    if until is not None and until > now and desk.on_show(standing, now) is not None:
        raise Conflict("This story is live; withdraw it before you embargo it", code="live", verbs=["withdraw"])
    forbidden = [row for row in standing if until is not None and now < row.live_from < until]
    call_off(session, article, standing, forbidden, now, zone)
    article.embargo_until = until
    article.touched_at = now
    return [
        Event(
            "lift_embargo" if eased else "embargo",
            actor,
            f"article:{article.public_id}",
            before={"embargo_until": before.isoformat() if before else None},
            after={
                "embargo_until": until.isoformat() if until else None,
                "cancelled": [row.n for row in forbidden],
            },
        )
    ]
