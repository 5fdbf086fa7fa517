"""Who is told that a new story stands in a view that they keep. Called by ``reactions.commit`` for every event."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Integer, and_, bindparam, select
from sqlalchemy.orm import Session, selectinload

from cms.domain.articles.model import Article
from cms.domain.events import Event
from cms.domain.notices.telling import News, tell
from cms.domain.people.model import User
from cms.domain.people.saved_views import SavedView, ViewAlert
from cms.domain.people.staff import actor_for
from cms.domain.workflow.filters import Asked, narrowed, seen_by


def alert(session: Session, event: Event, now: datetime) -> None:
    """Tell whoever asked it of a view, once a story, of stories begun since; nobody of what they do themselves.

    A story that comes into the view later, by a new text or state, is new to it then.
    """
    of, _, public_id = event.subject.partition(":")
    if of != "article" or event.at is not None or event.after.get("implied_by"):
        return
    for view, user in session.execute(_WATCHING, {"story": public_id, "acting": event.actor.user_id}).all():
        actor = actor_for(user)
        wanted = narrowed(session, seen_by(actor), Asked.of_query(view.query), actor, now)
        found = session.execute(wanted.where(Article.public_id == public_id)).first()
        if found is not None:
            article, revision = found
            session.add(ViewAlert(view_id=view.id, article_id=article.id))
            remark = f"In your view “{view.name}”."
            news = News("match", public_id, revision.headline, event.actor.name, remark)
            tell(session, {user.id: user.email}, news, now)


_OTHERS = and_(User.id == SavedView.user_id, User.active, User.id.is_distinct_from(bindparam("acting", type_=Integer)))
_SINCE = and_(Article.public_id == bindparam("story"), Article.created_at >= SavedView.alert_since)
_TOLD = select(ViewAlert.view_id).where(ViewAlert.view_id == SavedView.id, ViewAlert.article_id == Article.id)
_WATCHING = (
    select(SavedView, User)
    .join(User, _OTHERS)
    .join(Article, _SINCE)
    .where(~_TOLD.exists())
    .options(selectinload(User.limits))
)
"""Views with an alert that this story is new to, and whose they are."""
