"""Notes among staff on a story, and putting somebody in charge of it. Readers never learn of either."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cms.domain.articles.model import Article
from cms.domain.articles.notes import Assignment, DeskNote, assignment_of
from cms.domain.errors import Forbidden, Invalid, NotFound
from cms.domain.events import Event
from cms.domain.people.model import User
from cms.domain.people.staff import Actor, actor_for
from cms.domain.text import plain
from cms.domain.workflow.permissions import may, require


def leave_note(session: Session, actor: Actor, article: Article, text: str, now: datetime) -> tuple[DeskNote, Event]:
    """Leave a note for everybody who may see the story."""
    require(session, actor, "note", article)
    try:
        text = plain(text, 2000)
    except ValueError as refused:
        raise Invalid({"text": [str(refused)]}) from None
    if not text:
        raise Invalid({"text": ["Takes a note of 1 to 2,000 characters."]})
    note = DeskNote(article_id=article.id, text=text, created_at=now, created_by=actor.user_id, author_name=actor.name)
    session.add(note)
    session.flush()
    return note, Event("note", actor, f"article:{article.public_id}", after={"note": note.public_id, "text": text})


def remove_note(session: Session, actor: Actor, article: Article, public_id: str) -> Event:
    """Take back a note of one's own, or a reader's report; an admin may take back any. The log keeps its words, but for
    a reader's, which were promised to go."""
    require(session, actor, "note", article)
    note = session.scalar(select(DeskNote).where(DeskNote.article_id == article.id, DeskNote.public_id == public_id))
    if note is None:
        raise NotFound("There is no such note")
    if note.created_by not in (actor.user_id, None) and actor.role != "admin":
        raise Forbidden("You can only take back your own notes", right="note")
    session.delete(note)
    session.flush()
    said = {"text": note.text} if note.created_by is not None else {}
    before = {"note": public_id, **said, "by": note.author_name}
    return Event("remove_note", actor, f"article:{article.public_id}", before=before)


def assign(
    session: Session, actor: Actor, article: Article, email: str, due_at: datetime | None, now: datetime
) -> list[Event]:
    """Put a member of staff in charge, due at a time or at none; no address: nobody is in charge any more."""
    require(session, actor, "assign", article)
    former = assignment_of(session, article)
    before = _told(former)
    user = _staff(session, article, email) if email.strip() else None
    if user is None:
        if former is None:
            return []
        session.delete(former)
    elif former is not None and (former.user_id, former.due_at) == (user.id, due_at):
        return []
    else:
        former = former or Assignment(article_id=article.id)
        former.user, former.due_at, former.set_at = user, due_at, now
        session.add(former)
    article.touched_at = now
    session.flush()
    after = {"email": user.email, "due_at": due_at.isoformat() if due_at else None} if user else {}
    return [Event("assign", actor, f"article:{article.public_id}", before=before, after=after)]


def _staff(session: Session, article: Article, email: str) -> User:
    wanted = email.strip().lower()
    user = session.scalar(select(User).where(User.email == wanted, User.active, User.service.is_(False)))
    if user is None:
        raise Invalid({"assignee": [f"Nobody signs in as {wanted}."]})
    if not may(session, actor_for(user), "see", article):
        raise Invalid({"assignee": [f"{user.name} may not see this story; put their name on it first."]})
    return user


def _told(assignment: Assignment | None) -> dict[str, str | None]:
    if assignment is None:
        return {}
    due = assignment.due_at
    return {"email": assignment.user.email, "due_at": due.isoformat() if due else None}
