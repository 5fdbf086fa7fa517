"""Corrections: one act that every outlet shows at once, because every outlet renders the same story."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles import desk
from cms.domain.articles.model import Article, Correction
from cms.domain.articles.touching import touched
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.events import Event, search_errands
from cms.domain.people.staff import Actor
from cms.domain.text import plain
from cms.domain.workflow.permissions import require

KINDS = ("correction", "clarification", "update", "editors_note", "retraction")
LONGEST = 2000


def correct(
    session: Session, actor: Actor, article: Article, kind: str, text: str, now: datetime
) -> tuple[Correction, Event]:
    """File a correction on a live story; it is public when this is committed. Moves Last modified."""
    require(session, actor, "correct", article)
    text = _checked(kind, text)
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


def amend(
    session: Session, actor: Actor, article: Article, correction: Correction, kind: str, text: str, now: datetime
) -> list[Event]:
    """Put a filed correction otherwise; readers see the new words when this is committed.

    It keeps the time at which it was filed, and so does Last modified: what the log says is that it was amended.
    """
    require(session, actor, "correct", article)
    text = _checked(kind, text)
    before = {"correction": correction.public_id, "kind": correction.kind, "text": correction.text}
    if (correction.kind, correction.text) == (kind, text):
        return []
    correction.kind, correction.text, article.touched_at = kind, text, now
    after = {"correction": correction.public_id, "kind": kind, "text": text}
    return [_event("amend_correction", session, actor, article, correction, before, after, now)]


def remove(session: Session, actor: Actor, article: Article, correction: Correction, now: datetime) -> Event:
    """Take a correction back, as if it had not been filed: Last modified follows. The log keeps its words."""
    require(session, actor, "correct", article)
    before = {"correction": correction.public_id, "kind": correction.kind, "text": correction.text}
    before["published_at"] = correction.published_at.isoformat()
    event = _event("remove_correction", session, actor, article, correction, before, {}, now)
    session.delete(correction)
    article.touched_at = now
    session.flush()
    return event


def find_correction(session: Session, public_id: str) -> tuple[Correction, Article]:
    """The correction with its article. Raises NotFound."""
    wanted = select(Correction, Article).join(Article, Article.id == Correction.article_id)
    found = session.execute(wanted.where(Correction.public_id == public_id)).first()
    if found is None:
        raise NotFound("There is no such correction")
    correction, article = found
    return correction, article


def _checked(kind: str, text: str) -> str:
    errors: dict[str, list[str]] = {}
    if kind not in KINDS:
        errors["kind"] = [f"Takes one of {', '.join(KINDS)}."]
    try:
        text = plain(text, LONGEST)
    except ValueError as refused:
        errors["text"] = [str(refused)]
    else:
        if not text:
            errors["text"] = ["Say what was wrong and what is right."]
    if errors:
        raise Invalid(errors)
    return text


def _event(
    verb: str,
    session: Session,
    actor: Actor,
    article: Article,
    correction: Correction,
    before: dict[str, str],
    after: dict[str, str],
    now: datetime,
) -> Event:
    """It touches every page that shows the story, whichever of its texts that is made of."""
    revisions = {row.revision_id for row in desk.publications(session, article)}
    return Event(
        verb,
        actor,
        f"article:{article.public_id}",
        before=before,
        after=after,
        keys=touched(session, article.public_id, revisions),
        errands=search_errands(article.public_id, [now]),
    )
