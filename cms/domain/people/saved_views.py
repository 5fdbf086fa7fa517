"""Views that a member of staff keeps of the desk's list: a name, and the filters behind it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from cms.db import Base, UTCDateTime
from cms.domain.errors import Conflict, Invalid, NotFound
from cms.domain.text import plain

MOST = 20


class SavedView(Base):
    __tablename__ = "saved_views"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(2000))
    """The list's filters as its address writes them."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    alert_since: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """From when on its owner wants to be told of new stories in it."""


class ViewAlert(Base):
    """That a view's owner was told of a story: once is enough."""

    __tablename__ = "view_alerts"

    view_id: Mapped[int] = mapped_column(ForeignKey("saved_views.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)


def kept_by(session: Session, user_id: int | None) -> Sequence[SavedView]:
    return session.scalars(
        select(SavedView).where(SavedView.user_id == user_id).order_by(SavedView.name, SavedView.id)
    ).all()


def keep(session: Session, user_id: int | None, name: str, query: str, now: datetime) -> None:
    """Keep these filters under this name, in place of what the name stood for. Raises Invalid, Conflict."""
    name = _named(name)
    session.execute(delete(SavedView).where(SavedView.user_id == user_id, SavedView.name == name))
    if (session.scalar(select(func.count()).where(SavedView.user_id == user_id)) or 0) >= MOST:
        raise Conflict(f"You keep {MOST} views already; forget one first")
    session.add(SavedView(user_id=user_id, name=name, query=query[:2000], created_at=now))


def rename(session: Session, user_id: int | None, number: int, name: str) -> None:
    """Raises NotFound, Invalid, and Conflict where another of theirs has the name."""
    view, name = _find(session, user_id, number), _named(name)
    others = select(SavedView.id).where(SavedView.user_id == user_id, SavedView.id != number, SavedView.name == name)
    if session.scalar(others.limit(1)) is not None:
        raise Conflict(f"You keep a view “{name}” already; choose another name")
    view.name = name


def watch(session: Session, user_id: int | None, number: int, since: datetime | None) -> None:
    """Be told of new stories in a view from then on, or (None) no longer. Raises NotFound."""
    _find(session, user_id, number).alert_since = since


def forget(session: Session, user_id: int | None, number: int) -> None:
    session.execute(delete(SavedView).where(SavedView.user_id == user_id, SavedView.id == number))


def _find(session: Session, user_id: int | None, number: int) -> SavedView:
    view = session.scalar(select(SavedView).where(SavedView.user_id == user_id, SavedView.id == number))
    if view is None:
        raise NotFound("You keep no such view")
    return view


def _named(name: str) -> str:
    try:
        name = plain(name, 60)
    except ValueError as refused:
        raise Invalid({"name": [str(refused)]}) from None
    if not name:
        raise Invalid({"name": ["Takes a name for the view."]})
    return name
