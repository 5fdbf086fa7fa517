"""Legal hold: while it stands nothing of the article goes live, whoever asks, and only its holder can lift it.

It takes nothing down by itself: to hold a live story is to keep the next text back; pull it to take it down too.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article
from cms.domain.articles.touching import touched
from cms.domain.errors import Conflict, Forbidden
from cms.domain.events import Event
from cms.domain.people.staff import Actor
from cms.domain.workflow import spans
from cms.domain.workflow.model import Hold
from cms.domain.workflow.permissions import require
from cms.domain.workflow.reasons import reason_given


def hold(
    session: Session, actor: Actor, article: Article, reason: str, now: datetime, *, zone: ZoneInfo
) -> tuple[Hold, Event]:
    """Place a hold, and call off what was scheduled. Raises Conflict when there is one."""
    require(session, actor, "hold", article)
    reason = reason_given(reason)
    refuse_if_held(session, article)
    placed = Hold(article_id=article.id, holder_id=actor.user_id, holder_name=actor.name, reason=reason, placed_at=now)
    session.add(placed)
    rows = spans.standing(session, article)
    future = spans.coming(rows, now)
    keys = touched(session, article.public_id, {row.revision_id for row in rows})
    spans.call_off(session, article, rows, future, now, zone)
    article.touched_at = now
    session.flush()
    after = {"reason": reason, "cancelled": [row.n for row in future]}
    return placed, Event("hold", actor, f"article:{article.public_id}", after=after, keys=keys)


def lift(session: Session, actor: Actor, article: Article, now: datetime) -> Event:
    """Lift the hold. Raises Forbidden, naming the holder, for anybody else; Conflict when there is none."""
    require(session, actor, "hold", article)
    standing = held(session, article)
    if standing is None:
        raise Conflict("This story is not on hold", code="not_held", state=article.state)
    if standing.holder_id is None or standing.holder_id != actor.user_id:
        raise Forbidden(f"Only {standing.holder_name}, who placed it, can lift this hold", right="lift_hold")
    standing.lifted_at = now
    article.touched_at = now
    return Event(
        "lift_hold", actor, f"article:{article.public_id}", before={"placed_at": standing.placed_at.isoformat()}
    )


def held(session: Session, article: Article) -> Hold | None:
    return session.scalar(select(Hold).where(Hold.article_id == article.id, Hold.lifted_at.is_(None)))


def refuse_if_held(session: Session, article: Article) -> None:
    """Raise Conflict while a hold stands, saying who can lift it."""
    standing = held(session, article)
    if standing is not None:
        raise Conflict(
            f"{standing.holder_name} has put this story on legal hold and alone can lift that",
            code="held",
            state=article.state,
            holder=standing.holder_name,
            verbs=["lift_hold"],
        )
