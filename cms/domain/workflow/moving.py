"""Moving a scheduled publication to another time: the row is called off and the same revision scheduled anew."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from cms.domain.articles import desk
from cms.domain.articles.model import Article, Revision
from cms.domain.errors import Conflict, NotFound
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.workflow import publishing
from cms.domain.workflow.permissions import require


def move(
    session: Session, actor: Actor, article: Article, n: int, to: datetime, now: datetime, *, zone: ZoneInfo
) -> list[Event]:
    """Let publication ``n`` begin at ``to``; its end and whether it is minor stay.

    All or nothing: what the new time is refused for leaves the old row standing. Raises Conflict for one that has
    begun and for a time that is past.
    """
    require(session, actor, "see", article)
    rows = [row for row in desk.publications(session, article) if row.n == n and row.cancelled_at is None]
    if not rows:
        raise NotFound(f"This story has no publication {n} to move")
    if to <= now:
        raise Conflict("That time is past; publish the story instead", code="past", verbs=["publish"])
    row = rows[0]
    revision = session.get_one(Revision, row.revision_id).number
    called_off = publishing.cancel(session, actor, article, n, now, zone=zone)
    _fresh, events = publishing.publish(
        session,
        actor,
        article,
        now,
        zone=zone,
        revision=revision,
        live_from=to,
        live_until=row.expires_at,
        minor=row.minor,
    )
    return [called_off, *events]
