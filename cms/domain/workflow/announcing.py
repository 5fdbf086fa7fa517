"""Who is told of what: from an act to the staff whom it concerns. Called by ``reactions.commit`` for every event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session, selectinload

from cms.domain.articles.model import Article, Revision, RevisionByline
from cms.domain.articles.notes import Assignment
from cms.domain.events import Event
from cms.domain.notices.telling import News, tell
from cms.domain.people.model import User
from cms.domain.people.staff import actor_for
from cms.domain.workflow.permissions import PERMISSIONS, may

OF: dict[str, str] = {
    "submit": "submit",
    "return": "return",
    "approve": "approve",
    "correct": "correct",
    "withdraw": "withdraw",
    "takedown": "withdraw",
    "pull": "withdraw",
    "assign": "assign",
    "note": "note",
    "report": "report",
}
"""Which notice each verb gives; a verb that isn't here gives none."""


def announce(session: Session, event: Event, now: datetime) -> None:
    """Tell the staff concerned. Nobody is told of their own act, nor of what is brought in with a past."""
    kind, (of, _, public_id) = OF.get(event.verb), event.subject.partition(":")
    if kind is None or of != "article" or event.at is not None or event.after.get("implied_by"):
        return
    found = session.execute(
        select(Article, Revision.headline)
        .join(Revision, and_(Revision.article_id == Article.id, Revision.number == Article.newest))
        .where(Article.public_id == public_id)
    ).first()
    if found is None:
        return
    article, headline = found
    readers = {
        user.id: user.email
        for user in session.scalars(_concerned(event, kind, article).options(selectinload(User.limits)))
        if user.id != event.actor.user_id and may(session, actor_for(user), _right(kind, user), article)
    }
    remark = str(event.after.get("text") or event.after.get("notice") or event.after.get("reason") or "")[:2000]
    tell(session, readers, News(kind, public_id, headline, event.actor.name, remark), now)


def _concerned(event: Event, kind: str, article: Article) -> Select[User]:
    """Whoever began it, signs it or is in charge of it; of a submission or an error, also those who may approve."""
    staff = select(User).where(User.active, User.service.is_(False))
    if kind == "assign":
        return staff.where(User.email == event.after.get("email", ""))
    signing = (
        select(RevisionByline.person_id)
        .join(Revision, Revision.id == RevisionByline.revision_id)
        .where(Revision.article_id == article.id, Revision.number == article.newest)
    )
    in_charge = select(Assignment.user_id).where(Assignment.article_id == article.id)
    concerned = [User.id == article.created_by, User.person_id.in_(signing), User.id.in_(in_charge)]
    if kind in ("submit", "report"):
        concerned.append(User.role.in_([role for role, rights in PERMISSIONS.items() if "approve" in rights]))
    return staff.where(or_(*concerned))


def _right(kind: str, user: User) -> str:
    """An editor limited to sections isn't told of submissions elsewhere; anybody else need only see it."""
    return "approve" if kind == "submit" and "approve" in PERMISSIONS[user.role] else "see"
