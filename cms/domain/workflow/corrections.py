"""Corrections: one act that every outlet shows at once, because every outlet renders the same story."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cms.domain.articles import desk
from cms.domain.articles.model import Article, Correction
from cms.domain.articles.touching import touched
from cms.domain.errors import Conflict, Invalid
from cms.domain.events import Event, search_errands
from cms.domain.people.staff import Actor
from cms.domain.text import plain
from cms.domain.workflow.permissions import require

KINDS = ("correction", "clarification", "update", "editors_note", "retraction")


def correct(
    session: Session, actor: Actor, article: Article, kind: str, text: str, now: datetime
) -> tuple[Correction, Event]:
    """File a correction on a live story; it is public when this is committed. Moves Last modified."""
    require(session, actor, "correct", article)
    errors: dict[str, list[str]] = {}
    if kind not in KINDS:
        errors["kind"] = [f"Takes one of {', '.join(KINDS)}."]
    try:
        text = plain(text, 2000)
    except ValueError as refused:
        errors["text"] = [str(refused)]
    else:
        if not text:
            errors["text"] = ["Say what was wrong and what is right."]
    if errors:
        raise Invalid(errors)
    live = desk.on_show(desk.publications(session, article), now)
    if live is None:
        raise Conflict("Only a live story can be corrected in public", code="not_live", state=article.state)
    correction = Correction(
        article_id=article.id,
        publication_id=live.id,
        kind=kind,
        text=text,
        published_at=now,
        created_by=actor.user_id,
    )
    session.add(correction)
    article.touched_at = now
    session.flush()
    event = Event(
        "correct",
        actor,
        f"article:{article.public_id}",
        after={"correction": correction.public_id, "kind": kind, "text": text, "n": live.n},
        keys=touched(session, article.public_id, [live.revision_id]),
        errands=search_errands(article.public_id, [now]),
    )
    return correction, event
