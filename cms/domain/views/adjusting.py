"""Visits corrected by hand or brought from elsewhere: a signed row beside the count, never a changed count."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cms.domain.articles.model import Article
from cms.domain.errors import Invalid
from cms.domain.events import Event, Who
from cms.domain.views.model import VisitAdjustment, VisitTotal


def adjust(session: Session, article: Article, visits: int, *, reason: str, actor: Who, now: datetime) -> Event:
    """Add ``visits`` (or take them away, when negative) to the article's total, for a reason.

    Days and rankings stay as counted. Raises Invalid without a reason, or if the total would fall below nothing.
    """
    total = session.get(VisitTotal, article.id) or VisitTotal(article_id=article.id, visits=0)
    before = total.visits
    errors: dict[str, list[str]] = {}
    if not reason.strip():
        errors["reason"] = ["Say why the visits are adjusted."]
    if not visits or before + visits < 0:
        errors["visits"] = [f"Takes a number other than 0, not below {-before}."]
    if errors:
        raise Invalid(errors)
    total.visits = before + visits
    session.add(total)
    session.add(
        VisitAdjustment(article_id=article.id, visits=visits, reason=reason.strip(), made_at=now, made_by=actor.name)
    )
    return Event(
        "visits.adjust",
        actor,
        f"article:{article.public_id}",
        {"total": before},
        {"total": total.visits, "reason": reason.strip()},
    )
